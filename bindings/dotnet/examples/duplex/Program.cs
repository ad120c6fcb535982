using System;
using System.Linq;
using System.Threading;
using Callgate;

/// <summary>Served by the host.</summary>
public interface ICalculator
{
    long Sum(int n, CancellationToken cancel = default);
}

/// <summary>Served by the client.</summary>
public interface IProgress
{
    void Report(double fraction);
}

/// <summary>The delegate of ICalculator: serves one client, and can call its IProgress.</summary>
internal sealed class Calculator : ICalculator
{
    private readonly IProgress _progress;

    public Calculator(IProgress progress) => _progress = progress;

    /// <summary>Adds up 1 to n, reports every quarter, and stops when the caller no longer waits.</summary>
    public long Sum(int n, CancellationToken cancel)
    {
        long total = 0;
        for (long i = 1; i <= n && !cancel.IsCancellationRequested; i++)
        {
            total += i;
            if (4 * i / n != 4 * (i - 1) / n)
                _progress.Report((double)i / n);
        }
        return total;
    }
}

/// <summary>The host calls it on a Callgate thread, while Main waits for its own call.</summary>
internal sealed class Progress : IProgress
{
    public void Report(double fraction) => Console.WriteLine($"progress: {100 * fraction:0}%");
}

/// <summary>
///     dotnet duplex.dll host pipe://calculator tcp://127.0.0.1:0
///     dotnet duplex.dll client pipe://calculator
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        try
        {
            if (arguments.Length > 1 && arguments[0] == "host")
                return Host(arguments);
            if (arguments.Length == 2 && arguments[0] == "client")
                return Client(arguments[1]);
        }
        catch (CallgateException failure)
        {
            Console.Error.WriteLine($"duplex: {failure.Message}");
            return 1;
        }
        Console.Error.WriteLine("usage: duplex host ENDPOINT... | client ENDPOINT");
        return 2;
    }

    private static int Host(string[] arguments)
    {
        var builder = new ServiceHostBuilder();
        builder.AddDuplexDelegateFactory<ICalculator, IProgress>(progress => new Calculator(progress));
        foreach (string address in arguments.Skip(1))
            builder.AddEndpoint(new AddressEndpoint(address));
        using (ServiceHost host = builder.Create())
        {
            foreach (string endpoint in host.Endpoints)
                Console.WriteLine($"listening on {endpoint}");
            Console.In.ReadToEnd();
        }
        return 0;
    }

    private static int Client(string address)
    {
        var builder = new ClientBuilder();
        builder.AddCallbackHandler<IProgress>(new Progress());
        using (ReconnectingRpcClient client = builder.Connect(address))
            Console.WriteLine($"Sum: {client.CreateProxy<ICalculator>().Sum(100)}");
        return 0;
    }
}
