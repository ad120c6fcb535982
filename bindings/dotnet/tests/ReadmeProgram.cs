#nullable disable // as in programs of RedGate.Ipc's time

using System;
using System.Net;
using Callgate;

// The introduction of RedGate.Ipc as one program: only the using and "insecure: true" differ. The interfaces are where a program would have
// its own; like many, they are not public.
namespace MySoftware.Client
{
    internal interface ISomeInterface
    {
        string DoThingOnServer();
    }
}

namespace MySoftware.Server
{
    internal interface ISomeInterface
    {
        string DoThingOnServer();
    }

    internal interface ITestInterface
    {
        void SetName(string name);

        string DoSomethingOnServer();
    }

    internal interface ICallback
    {
        string Ask(string question);
    }

    public class MyPreferredException : Exception
    {
        public MyPreferredException(string message, Exception inner) : base(message, inner)
        {
        }
    }

    internal class ServerImplementation : ISomeInterface, ITestInterface
    {
        private readonly ICallback _callback;
        private string _name = "nobody";

        public ServerImplementation(ICallback callback = null) => _callback = callback;

        public string DoThingOnServer() => "done";

        public void SetName(string name) => _name = name;

        public string DoSomethingOnServer() => $"{_name} says {_callback.Ask("anything?")}";
    }

    internal class Callback : ICallback
    {
        public string Ask(string question) => question == "anything?" ? "no" : "what?";
    }
}

namespace Callgate.Tests
{
    using MySoftware.Server;

    internal static class ReadmeProgram
    {
        private static object DelegateFactory(Type type)
        {
            if (type == typeof(ISomeInterface)) return new ServerImplementation();
            return null;
        }

        private static object AliasedFactory(Type delegateType)
        {
            return delegateType == typeof(MySoftware.Server.ISomeInterface) ? new ServerImplementation() : null;
        }

        private static ITestInterface DuplexBuilder(ICallback callback)
        {
            // callback can be used now or kept for later
            return new ServerImplementation(callback);
        }

        public static int Run()
        {
            string pipe = Session.UniquePipe();
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddEndpoint(new TcpEndpoint(IPAddress.Any, 0, insecure: true));
            builder.AddDelegateFactory(DelegateFactory);
            builder.AddDuplexDelegateFactory<ITestInterface, ICallback>(DuplexBuilder);
            builder.AddClientConnectedHandler(args =>
                args.Connection.Disconnected += gone => Console.WriteLine("a client has gone"));

            var host = builder.Create();
            // listening
            UseClients(pipe);
            host.Dispose();
            // closed
            UseAlias(Session.UniquePipe());
            return 0;
        }

        private static void UseAlias(string pipe)
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddDelegateFactory(AliasedFactory);
            builder.AddTypeAlias("MySoftware.Client.ISomeInterface", typeof(MySoftware.Server.ISomeInterface));
            using (builder.Create())
            using (var client = new ClientBuilder().ConnectToNamedPipe(pipe))
                Console.WriteLine("aliased, " + client.CreateProxy<MySoftware.Client.ISomeInterface>().DoThingOnServer());
        }

        private static void UseClients(string pipe)
        {
            var clientBuilder = new ClientBuilder();
            ICallback callback = new Callback();
            clientBuilder.AddCallbackHandler<ICallback>(callback);
            using (var client = clientBuilder.ConnectToNamedPipe(pipe))
            {
                var proxy = client.CreateProxy<ISomeInterface>();
                Console.WriteLine(proxy.DoThingOnServer());
                var stateful = client.CreateProxy<ITestInterface>(p => p.SetName("MyName"));
                Console.WriteLine(stateful.DoSomethingOnServer());
            }
            using (var client = new ClientBuilder().ConnectToTcpSocket("127.0.0.1", 1))
            {
                client.ConnectionTimeoutMs = 100;
                try
                {
                    client.CreateProxy<ISomeInterface, MyPreferredException>().DoThingOnServer();
                }
                catch (MyPreferredException failure)
                {
                    Console.WriteLine(failure.InnerException is ChannelFaultedException);
                }
            }
        }
    }
}
