using System;
using System.Globalization;
using System.Linq;
using System.Runtime;
using System.Threading;
using Callgate;

/// <summary>The chaos run's program in C#: the host, or the client.</summary>
internal static class Program
{
    private static readonly TimeSpan CollectionPeriod = TimeSpan.FromSeconds(5);

    private static int Main(string[] arguments)
    {
        string role = arguments.FirstOrDefault() ?? "";
        if (role == "host" && arguments.Length > 2)
            Serve(new Record(arguments[1]), arguments.Skip(2).ToArray());
        else if (role == "client" && arguments.Length == 6)
            Call(new Record(arguments[1]), arguments[2], arguments.Skip(3).Select(Number).ToArray());
        else
            return Misused();
        return 0;
    }

    /// <summary>Serves until standard input ends.</summary>
    private static void Serve(Record record, string[] endpoints)
    {
        var builder = new ServiceHostBuilder();
        foreach (string endpoint in endpoints)
            builder.AddEndpoint(new AddressEndpoint(endpoint));
        builder.AddDuplexDelegateFactory<IWork, ICallback>(callback => new Work(record, callback));
        builder.AddDelegateFactory(type => type == typeof(IOrdered) ? new Ordered(record) : null);
        builder.AddOrderedInterface<IOrdered>();
        using (ServiceHost host = builder.Create())
        using (new Timer(_ => CollectGarbage(), null, CollectionPeriod, CollectionPeriod))
        {
            Console.WriteLine($"ready {string.Join(" ", host.Endpoints)}");
            Console.In.ReadToEnd();
        }
    }

    /// <summary>
    /// Gives back what nothing holds, so that the memory of the process shows what is held. The collector by itself
    /// keeps what large frames needed once, and collects the oldest objects only when it must.
    /// </summary>
    private static void CollectGarbage()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }

    /// <summary>Calls until standard input ends: three lanes, each a thread with proxies of its own.</summary>
    private static void Call(Record record, string endpoint, ulong[] numbers)
    {
        var callback = new Callback();
        var builder = new ClientBuilder();
        builder.AddCallbackHandler<ICallback>(callback);
        // Lost links and hosts are noticed soon. Calls have the usual 30 s, for busy machines.
        builder.Limits.ConnectionTimeout = TimeSpan.FromSeconds(2);
        builder.Limits.PingAfter = TimeSpan.FromSeconds(2);
        builder.Limits.PingTimeout = TimeSpan.FromSeconds(5);
        builder.Limits.ReconnectBackoffMin = TimeSpan.FromMilliseconds(10);
        builder.Limits.ReconnectBackoffMax = TimeSpan.FromMilliseconds(200);
        using (ReconnectingRpcClient client = builder.Connect(endpoint))
        using (var done = new ManualResetEventSlim())
        {
            callback.Client = client;
            TimeSpan pause = TimeSpan.FromMilliseconds(numbers[2]);
            Thread[] threads = Enumerable.Range(0, Lane.Count).Select(number => new Thread(() =>
            {
                var lane = new Lane(client, record, numbers[0], number, numbers[1]);
                do
                    lane.Step();
                while (!done.Wait(pause));
            })).ToArray();
            foreach (Thread thread in threads)
                thread.Start();
            Console.In.ReadToEnd();
            done.Set();
            foreach (Thread thread in threads)
                thread.Join();
        }
    }

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    private static int Misused()
    {
        Console.Error.WriteLine("usage: chaos host RECORD ENDPOINT... | client RECORD ENDPOINT NUMBER SEED PAUSE_MS");
        return 2;
    }
}
