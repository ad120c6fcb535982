using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Callgate;

/// <summary>The steps of README.md.</summary>
internal static class Steps
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static readonly Dictionary<string, Action<Scenario>> All = new Dictionary<string, Action<Scenario>>
    {
        ["call"] = CallStep.Play,
        ["value"] = Value,
        ["one-way-order"] = OneWayOrder,
        ["later"] = Later,
        ["reconnect"] = Reconnect,
        ["reconnect-initialised"] = ReconnectInitialised,
        ["deadline"] = Deadline,
        ["notified"] = Notified,
        ["half-result"] = HalfResult,
        ["cancel"] = Cancel,
        ["closed"] = Closed,
        ["large"] = Large,
        ["meet"] = Meet,
        ["gather"] = Gather,
        ["threads"] = Threads,
    };

    public static void Equal<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new Exception($"{actual} instead of {expected}");
    }

    private static void Value(Scenario it)
    {
        var values = it.Client.CreateProxy<IValues>();
        object? held = it.Native("value");
        Equal(it.Field("text"), Description.Of(held));
        Equal(it.Field("text"), values.Describe(held));
        Equal(it.Field("text"), Description.Of(values.Echo(held)));
    }

    private static void OneWayOrder(Scenario it)
    {
        var journal = it.Client.CreateProxy<IJournal>();
        for (int number = 0; number < it.Number("count"); number++)
            journal.Note(number);
        Equal(Description.Of(Enumerable.Range(0, it.Number("count"))), Description.Of(journal.Read()));
    }

    private static void Later(Scenario it)
    {
        it.Client.CreateProxy<IDuplex>().Later(it.Number("number"));
        if (!it.Callback.Arrivals.TryTake(out long arrived, Patience))
            throw new Exception("nothing has arrived");
        Equal(it.Number("number"), arrived);
    }

    private static void Reconnect(Scenario it)
    {
        it.Client.CreateProxy(nameof(IJournal)).Call("Note", 1);
        Fails<ChannelFaultedException>(it.Client.CreateProxy<ISession>().Drop);
        Equal(0, it.Client.CreateProxy<IJournal>().Read().Count);
    }

    private static void ReconnectInitialised(Scenario it)
    {
        int runs = 0;
        var session = it.Client.CreateProxy<ISession>(proxy =>
        {
            Interlocked.Increment(ref runs);
            proxy.LogIn("Ada");
        });
        Equal("Ada", session.WhoAmI());
        Fails<ChannelFaultedException>(session.Drop);
        Equal("Ada", session.WhoAmI());
        Equal(2, runs);
    }

    private static void HalfResult(Scenario it)
    {
        var slow = it.Client.CreateProxy<ISlow>();
        for (int i = 0; i < it.Number("times"); i++)
            Fails<CallTimedOutException>(() => slow.Wait());
    }

    private static void Deadline(Scenario it) => EndsInTime(it, slow => slow.Wait());

    private static void Notified(Scenario it) => EndsInTime(it, slow => slow.Hold());

    private static void EndsInTime(Scenario it, Action<ISlow> call)
    {
        var slow = it.Client.CreateProxy<ISlow>();
        // Connects, so that the deadline ends the call where it runs.
        slow.Cancelled();
        Fails<CallTimedOutException>(() => call(slow));
        Eventually(1, slow.Cancelled);
    }

    private static void Cancel(Scenario it)
    {
        var slow = it.Client.CreateProxy<ISlow>();
        using (var source = new CancellationTokenSource())
        {
            InThreads(2, number =>
            {
                if (number == 0)
                {
                    Fails<CallCancelledException>(() => slow.Wait(source.Token));
                    return;
                }
                try
                {
                    Eventually(1, slow.Waiting);
                }
                finally
                {
                    source.Cancel();
                }
            });
        }
        Eventually(1, slow.Cancelled);
    }

    private static void Closed(Scenario it)
    {
        var calculator = it.Client.CreateProxy<ICalculator>();
        it.Client.Dispose();
        // As in RedGate.Ipc. A call that may have run never throws it.
        Fails<ObjectDisposedException>(() => calculator.Add(1, 2));
    }

    private static void Large(Scenario it)
    {
        var sent = new byte[it.Number("bytes")];
        for (int i = 0; i < sent.Length; i++)
            sent[i] = (byte)(31 * i + i / 65536);
        if (!(it.Client.CreateProxy<IValues>().Echo(sent) is byte[] back) || !sent.SequenceEqual(back))
            throw new Exception("other bytes came back");
    }

    private static void Meet(Scenario it)
    {
        var slow = it.Client.CreateProxy<ISlow>();
        InThreads(it.Number("threads"), _ => slow.Meet(it.Number("threads")));
    }

    private static void Gather(Scenario it)
    {
        var gathering = it.Client.CreateProxy<IGathering>();
        int count = it.Number("calls");
        Task<long>[] started = Enumerable.Range(0, count).Select(i => gathering.Gather(count, i)).ToArray();
        for (int i = 0; i < count; i++)
            Equal(i, started[i].GetAwaiter().GetResult());
    }

    private static void Threads(Scenario it)
    {
        var calculator = it.Client.CreateProxy<ICalculator>();
        var duplex = it.Client.CreateProxy<IDuplex>();
        InThreads(it.Number("threads"), thread =>
        {
            for (int i = 0; i < it.Number("calls"); i++)
            {
                Equal(thread + i, calculator.Add(thread, i));
                Equal(2 * i, duplex.Double(i));
            }
        });
    }

    private static T Fails<T>(Action call) where T : Exception
    {
        try
        {
            call();
        }
        catch (T failure) when (failure.GetType() == typeof(T))
        {
            return failure;
        }
        throw new Exception($"it did not fail with {typeof(T).Name}");
    }

    private static void Eventually(int expected, Func<int> ask)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (ask() != expected)
        {
            if (DateTime.UtcNow > end)
                throw new Exception($"it does not become {expected}");
            Thread.Sleep(5);
        }
    }

    private static void InThreads(int count, Action<int> work)
    {
        var failures = new ConcurrentQueue<Exception>();
        Thread[] threads = Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            try
            {
                work(number);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        })).ToArray();
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.TryDequeue(out Exception? first))
            throw first;
    }
}
