using System;
using System.Threading;

namespace Callgate.Tests
{
    /// <summary>A host and its client, over a pipe of their own.</summary>
    internal sealed class Session : IDisposable
    {
        private static int s_count;

        private readonly Action<ClientBuilder>? _client;

        public Session(Action<ServiceHostBuilder> host, Action<ClientBuilder>? client = null)
        {
            PipeName = UniquePipe();
            _client = client;
            Builder = new ServiceHostBuilder();
            Builder.AddEndpoint(new NamedPipeEndpoint(PipeName));
            host(Builder);
            Host = Builder.Create();
            Client = Connect();
            Client.WaitConnected(); // The short deadlines of tests must not include connecting.
        }

        public string PipeName { get; }

        public ServiceHostBuilder Builder { get; }

        public ServiceHost Host { get; private set; }

        public ReconnectingRpcClient Client { get; }

        /// <summary>A session whose host serves one object.</summary>
        public static Session Of<T>(T served) where T : class =>
            new Session(host => host.AddDelegateFactory(type => type == typeof(T) ? served : null));

        public static string UniquePipe() =>
            $"dotnet-{System.Diagnostics.Process.GetCurrentProcess().Id}-{Interlocked.Increment(ref s_count)}";

        public ReconnectingRpcClient Connect()
        {
            var builder = new ClientBuilder();
            _client?.Invoke(builder);
            return builder.ConnectToNamedPipe(PipeName);
        }

        public void Restart()
        {
            Host.Dispose();
            Host = Builder.Create();
        }

        public void Dispose()
        {
            Client.Dispose();
            Host.Dispose();
        }
    }
}
