using System;
using System.Threading.Tasks;
using Callgate;
using Contracts;

internal sealed class Doorbell : IDoorbell
{
    private int _knocks;

    public int Ring(int times) => 2 * times;

    public Task<int> RingLater(int times) => Task.FromResult(3 * times);

    public void Knock() => _knocks++;

    public int Knocks() => _knocks;
}

internal static class Program
{
    private static void Main()
    {
        var hosts = new ServiceHostBuilder();
        hosts.AddInterface<IDoorbell>();
        hosts.AddEndpoint(new NamedPipeEndpoint($"doorbell-{Guid.NewGuid():N}"));
        hosts.AddDelegateFactory(type => type == typeof(IDoorbell) ? new Doorbell() : null);
        using (ServiceHost host = hosts.Create())
        using (ReconnectingRpcClient client = new ClientBuilder().Connect(host.Endpoints[0]))
        {
            var doorbell = client.CreateProxy<IDoorbell>();
            doorbell.Knock();
            Console.WriteLine($"rings {doorbell.Ring(1)} {doorbell.RingLater(1).Result}, knocks {doorbell.Knocks()}");
        }
    }
}
