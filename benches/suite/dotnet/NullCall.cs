using System;

namespace Callgate.Suite
{
    [InterfaceName("ICalculator")]
    public interface ICalculator
    {
        int Add(int a, int b);
    }

    internal sealed class Calculator : ICalculator
    {
        public int Add(int a, int b) => a + b;
    }

    internal static class NullCall
    {
        /// <summary>Serves the null call until standard input ends.</summary>
        public static void Serve(string endpoint)
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new AddressEndpoint(endpoint));
            builder.AddInterface<ICalculator>();
            builder.AddDelegateFactory(type => type == typeof(ICalculator) ? new Calculator() : null);
            using (builder.Create())
            {
                Console.WriteLine("ready");
                Console.In.ReadToEnd();
            }
        }

        /// <summary>Makes the number of null calls that the suite requests.</summary>
        public static void Make(string endpoint)
        {
            using (ReconnectingRpcClient client = new ClientBuilder().Connect(endpoint))
            {
                client.WaitConnected();
                var calculator = client.CreateProxy<ICalculator>();
                Slices.Make(() => calculator.Add(20, 22) == 42);
            }
        }
    }
}
