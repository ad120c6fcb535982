using System;
using Callgate;

/// <summary>A wrong contract of ICalculator: its calls are rejected.</summary>
[InterfaceName("ICalculator")]
public interface IMistakenCalculator
{
    long Add(string a, long b);

    long Subtract(long a, long b);
}

/// <summary>Calls ICalculator, correctly and with mistakes.</summary>
internal static class Client
{
    public static int Run(string address)
    {
        var builder = new ClientBuilder();
        builder.Limits.ConnectionTimeout = TimeSpan.FromSeconds(5);
        builder.Limits.CallTimeout = TimeSpan.FromSeconds(10);
        using (ReconnectingRpcClient client = builder.Connect(address))
        {
            client.WaitConnected();
            var calculator = client.CreateProxy<ICalculator>();
            var mistaken = client.CreateProxy<IMistakenCalculator>();
            Attempt("Add", () => calculator.Add(1, 2));
            Attempt("Divide", () => new CallOptions { Timeout = TimeSpan.FromSeconds(3) }.For(calculator).Divide(84, 2));
            Attempt("Divide", () => calculator.Divide(1, 0));
            Attempt("Add", () => mistaken.Add("one", 2));
            Attempt("Subtract", () => mistaken.Subtract(2, 1));
            calculator.Log("the client says goodbye");
        }
        return 0;
    }

    private static void Attempt(string what, Func<long> call)
    {
        try
        {
            Console.WriteLine($"{what}: {call()}");
        }
        catch (RemoteException error)
        {
            Console.WriteLine($"{what}: remote error {error.TypeName}: {error.Message}");
        }
        catch (ContractMismatchException error)
        {
            Console.WriteLine($"{what}: contract mismatch: {error.Message}");
        }
    }
}
