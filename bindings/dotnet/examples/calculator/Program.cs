using System;

/// <summary>Served by the host. On the wire it has the same name as in the examples of other languages.</summary>
public interface ICalculator
{
    long Add(int a, int b);

    long Divide(int a, int b);

    [Callgate.RpcNonBlocking]
    void Log(string line);
}

/// <summary>
///     dotnet calculator.dll host pipe://calculator tcp://127.0.0.1:0
///     dotnet calculator.dll client pipe://calculator
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        try
        {
            if (arguments.Length > 1 && arguments[0] == "host")
                return Host.Run(arguments);
            if (arguments.Length == 2 && arguments[0] == "client")
                return Client.Run(arguments[1]);
        }
        catch (Callgate.CallgateException failure)
        {
            Console.Error.WriteLine($"calculator: {failure.Message}");
            return 1;
        }
        Console.Error.WriteLine("usage: calculator host ENDPOINT... | client ENDPOINT");
        return 2;
    }
}
