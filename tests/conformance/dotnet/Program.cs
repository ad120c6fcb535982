using System;
using System.IO;
using System.Linq;
using System.Text;
using Callgate;

/// <summary>Callgate's conformance program in C#: the host, or the client.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // On Windows, it would have a code page of the console.
        var utf8 = new UTF8Encoding(false);
        Console.SetIn(new StreamReader(Console.OpenStandardInput(), utf8));
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true });
        string role = arguments.FirstOrDefault() ?? "";
        if (role == "host" && arguments.Length > 1)
            Serve(arguments.Skip(1).ToArray());
        else if (role == "client" && arguments.Length == 2)
            Player.Play(arguments[1]);
        else
            return Misused();
        return 0;
    }

    /// <summary>Serves until standard input ends.</summary>
    private static void Serve(string[] endpoints)
    {
        var builder = new ServiceHostBuilder();
        foreach (string endpoint in endpoints)
            builder.AddEndpoint(new AddressEndpoint(endpoint));
        builder.AddTypeAlias("Old.", typeof(ICalculator));
        builder.AddDelegateFactory(Make);
        builder.AddDuplexDelegateFactory<IDuplex, ICallback>(callback => new Duplex(callback));
        builder.AddDuplexDelegateFactory<IOldDuplex, IOldCallback>(callback => new Duplex(callback));
        using (ServiceHost host = builder.Create())
        {
            Console.WriteLine($"ready {string.Join(" ", host.Endpoints)}");
            Console.In.ReadToEnd();
        }
    }

    private static object? Make(Type type, IConnection connection)
    {
        if (type == typeof(ICalculator)) return new Calculator();
        if (type == typeof(IOverloads)) return new Overloads();
        if (type == typeof(IValues)) return new Values();
        if (type == typeof(IFaults)) return new Faults();
        if (type == typeof(IJournal)) return new Journal();
        if (type == typeof(IGathering)) return new Gathering();
        if (type == typeof(ISession)) return new Session(connection);
        if (type == typeof(ISlow)) return new Slow();
        return null;
    }

    private static int Misused()
    {
        Console.Error.WriteLine("usage: conformance host ENDPOINT... | client ENDPOINT");
        return 2;
    }
}
