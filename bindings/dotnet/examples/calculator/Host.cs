using System;
using System.Linq;
using Callgate;

/// <summary>The delegate of ICalculator.</summary>
internal sealed class Calculator : ICalculator
{
    public long Add(int a, int b) => (long)a + b;

    public long Divide(int a, int b) =>
        b == 0 ? throw new RemoteException("DivideByZero", "cannot divide by zero") : (long)a / b;

    public void Log(string line) => Console.WriteLine($"log: {line}");
}

/// <summary>Serves ICalculator until its standard input ends.</summary>
internal static class Host
{
    public static int Run(string[] arguments)
    {
        var builder = new ServiceHostBuilder();
        builder.AddInterface<ICalculator>();
        builder.AddDelegateFactory(type => type == typeof(ICalculator) ? new Calculator() : null);
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
}
