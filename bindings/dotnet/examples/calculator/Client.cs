using System;
using Callgate;

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
            // By name, since a wrong contract would be rejected before the call.
            UntypedProxy byName = client.CreateProxy("ICalculator");
            Attempt("Add", () => calculator.Add(1, 2));
            Attempt("Divide", () => new CallOptions { Timeout = TimeSpan.FromSeconds(3) }.For(calculator).Divide(84, 2));
            Attempt("Divide", () => calculator.Divide(1, 0));
            Attempt("Add", () => byName.Call("Add", "one", 2));
            Attempt("Subtract", () => byName.Call("Subtract", 2, 1));
            calculator.Log("the client says goodbye");
        }
        return 0;
    }

    private static void Attempt(string what, Func<object?> call)
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
