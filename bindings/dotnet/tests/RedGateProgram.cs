#nullable disable // as in programs of RedGate.Ipc's time

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Formatters.Binary;
using System.Threading;
using Callgate;

// Uses every member that docs/coming-from-redgate-ipc.md calls the same. With the usings of RedGate.Ipc instead of
// Callgate's, it compiles there too.
namespace RedGateProgram
{
    /// <summary>An attribute of the program, which its proxies copy.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class UrgentAttribute : ProxyShouldImplementAttribute
    {
    }

    /// <summary>An attribute of the program for one-way methods.</summary>
    public class QuietlyAttribute : RpcNonBlockingAttribute
    {
    }

    public interface IThermostat
    {
        [Urgent]
        double Raise(double by);

        [RpcNonBlocking]
        void Note(string text);

        [Quietly]
        void Whisper(string text);

        string Notes();

        void LogIn(string name);

        string AskBack(string question);
    }

    public interface IOldThermostat
    {
        double Raise(double by);
    }

    public interface IHouse
    {
        string Answer(string question);
    }

    public interface IGarden
    {
        string Answer(string question);
    }

    public class Thermostat : IThermostat, IOldThermostat
    {
        private readonly ConcurrentQueue<string> _notes = new ConcurrentQueue<string>();
        private readonly IHouse _house;
        private double _degrees = 20;
        private string _name = "nobody";

        public Thermostat(IHouse house = null)
        {
            _house = house;
        }

        public double Raise(double by) => by > 10 ? throw new ArgumentException("too much", nameof(by)) : _degrees += by;

        public void Note(string text) => _notes.Enqueue(text);

        public void Whisper(string text) => _notes.Enqueue(text);

        public string Notes() => $"{_name}: {string.Join(", ", _notes)}";

        public void LogIn(string name) => _name = name;

        public string AskBack(string question) => _house.Answer(question);
    }

    public class House : IHouse
    {
        private readonly string _answer;

        public House(string answer)
        {
            _answer = answer;
        }

        public string Answer(string question) => $"{question} {_answer}";
    }

    public class Garden : IGarden
    {
        public string Answer(string question) => $"{question} outside";
    }

    [Serializable]
    public class BoilerLost : ChannelFaultedException
    {
        public BoilerLost(string message) : base(message)
        {
        }

        protected BoilerLost(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    [Serializable]
    public class WrongBoiler : ContractMismatchException
    {
        public WrongBoiler(string message) : base(message)
        {
        }

        protected WrongBoiler(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>A builder that the program derives, as frameworks do.</summary>
    public class HouseBuilder : ServiceHostBuilder
    {
        public HouseBuilder(string pipe)
        {
            AddEndpoint(new NamedPipeEndpoint(pipeName: pipe));
        }
    }

    public class HouseClientBuilder : ClientBuilder
    {
    }

    /// <summary>A client for tests, which connects to nothing.</summary>
    public class FakeClient : IRpcClient
    {
        private readonly object _served;

        public FakeClient(object served)
        {
            _served = served;
        }

        public T CreateProxy<T>(Action<T> initialisation = null)
        {
            initialisation?.Invoke((T)_served);
            return (T)_served;
        }

        public T CreateProxy<T, TConnectionFailureExceptionType>(Action<T> initialisation = null)
            where TConnectionFailureExceptionType : Exception => CreateProxy(initialisation);

        public void Dispose()
        {
        }
    }

    public class FakeHost : IServiceHost
    {
        public void Dispose()
        {
        }
    }

    internal static class Program
    {
        private static readonly BlockingCollection<string> Seen = new BlockingCollection<string>();

        public static int Run(string pipe)
        {
            Host(pipe);
            Client(pipe);
            Interfaces(pipe);
            Fakes();
            Exceptions();
            Console.WriteLine("all members");
            return 0;
        }

        private static void Expect(object expected, object found)
        {
            if (!Equals(expected, found))
                throw new Exception($"expected {expected}, found {found}");
        }

        private static object Make(Type type) => type == typeof(IThermostat) ? new Thermostat() : null;

        private static void Host(string pipe)
        {
            int port = FreePort();
            var builder = new HouseBuilder(pipe);
            builder.AddEndpoint(endpoint: new TcpEndpoint(localAddress: IPAddress.Loopback, port: port));
            builder.AddDelegateFactory(delegateFactory: Make);
            builder.AddTypeAlias(
                alias: typeof(IOldThermostat).AssemblyQualifiedName, interfaceType: typeof(IThermostat));
            builder.AddDuplexDelegateFactory<IThermostat, IHouse>(serviceFactory: house => new Thermostat(house));
            builder.AddClientConnectedHandler(handler: new ClientConnectedEventHandler(Greet));
            using (builder.Create())
            using (IRpcClient client = new ClientBuilder().ConnectToTcpSocket(hostname: "127.0.0.1", portNumber: port))
            {
                Expect(21.0, client.CreateProxy<IOldThermostat>().Raise(1));
                Expect("connected", Seen.Take());
            }
            Expect("gone", Seen.Take());
        }

        private static void Greet(ConnectedEventArgs args)
        {
            var connection = (Connection)args.Connection;
            ClientDisconnectedEventHandler forgotten = gone => Seen.Add("forgotten");
            connection.Disconnected += forgotten;
            connection.Disconnected -= forgotten;
            connection.Disconnected += new ClientDisconnectedEventHandler(Part);
            if (connection.IsConnected && connection.ConnectionId.Length > 0)
                Seen.Add("connected");
        }

        private static void Part(DisconnectedEventArgs args)
        {
            ((Connection)args.Connection).Dispose();
            Seen.Add("gone");
        }

        private static void Client(string pipe)
        {
            var hosts = new ServiceHostBuilder();
            hosts.AddEndpoint(new NamedPipeEndpoint(pipe));
            hosts.AddDuplexDelegateFactory<IThermostat, IHouse>(house => new Thermostat(house));
            var builder = new HouseClientBuilder();
            builder.AddCallbackHandler<IHouse>(callback: new House("inside"));
            builder.AddCallbackHandler<IHouse>(new House("never"));
            builder.AddTypeAlias(alias: "RedGateProgram.IOldHouse", interfaceType: typeof(IHouse));
            using (hosts.Create())
            using (var client = (ReconnectingRpcClient)builder.ConnectToNamedPipe(pipeName: pipe))
            {
                client.ConnectionTimeoutMs = 2 * client.ConnectionTimeoutMs;
                client.AddDelegateFactory(delegateFactory: type => type == typeof(IGarden) ? new Garden() : null);
                client.AddTypeAlias(assemblyQualifiedName: "RedGateProgram.IPark, Parks", type: typeof(IGarden));
                UseProxies(client);
                var last = client.CreateProxy<IThermostat>();
                client.Dispose();
                Thrown<ObjectDisposedException>(() => last.Notes());
            }
        }

        private static void UseProxies(ReconnectingRpcClient client)
        {
            var thermostat = client.CreateProxy<IThermostat>(initialisation: proxy => proxy.LogIn("me"));
            thermostat.Note("warm");
            thermostat.Whisper("warmer");
            Expect("me: warm, warmer", thermostat.Notes());
            Expect("who? inside", thermostat.AskBack("who?"));
            Expect("by", Thrown<ArgumentException>(() => thermostat.Raise(11)).ParamName);
            Expect(20.5, client.CreateProxy<IThermostat>(null).Raise(0.5));
            Expect(21.5, client.CreateProxy<IThermostat, BoilerLost>(initialisation: null).Raise(1));
            Expect(true, HasAttribute<UrgentAttribute>(thermostat, nameof(IThermostat.Raise)));
            Expect(true, HasAttribute<RpcNonBlockingAttribute>(thermostat, nameof(IThermostat.Note)));
            Expect(true, HasAttribute<QuietlyAttribute>(thermostat, nameof(IThermostat.Whisper)));
            ((IDisposable)thermostat).Dispose();
        }

        private static bool HasAttribute<T>(object proxy, string method) where T : Attribute
        {
            InterfaceMapping map = proxy.GetType().GetInterfaceMap(typeof(IThermostat));
            int at = Array.FindIndex(map.InterfaceMethods, found => found.Name == method);
            return map.TargetMethods[at].GetCustomAttributes(typeof(T), false).Length > 0;
        }

        private static void Interfaces(string pipe)
        {
            IServiceHostBuilder hosts = new ServiceHostBuilder();
            IDelegateRegistrar registrar = hosts;
            registrar.AddDelegateFactory(delegateFactory: Make);
            registrar.AddTypeAlias(alias: "RedGateProgram.IOld", interfaceType: typeof(IThermostat));
            hosts.AddDuplexDelegateFactory<IOldThermostat, IHouse>(serviceFactory: house => new Thermostat(house));
            hosts.AddEndpoint(endpoint: new NamedPipeEndpoint(pipe));
            hosts.AddEndpoint(new TcpEndpoint(IPAddress.Loopback, FreePort()));
            hosts.AddClientConnectedHandler(handler: args => Meet(args.Connection));
            IClientBuilder clients = new ClientBuilder();
            clients.AddCallbackHandler<IHouse>(callbackFactory: new House("inside"));
            clients.AddTypeAlias(alias: "RedGateProgram.IOldHouse", interfaceType: typeof(IHouse));
            using (IServiceHost host = hosts.Create())
            using (IRpcClient lost = clients.ConnectToTcpSocket(hostname: "127.0.0.1", portNumber: 1))
            using (IRpcClient client = clients.ConnectToNamedPipe(pipeName: pipe))
            {
                Expect(21.0, client.CreateProxy<IThermostat>(initialisation: null).Raise(1));
                Expect(22.0, client.CreateProxy<IThermostat, BoilerLost>(initialisation: null).Raise(1));
                Expect("met", Seen.Take());
                ((ReconnectingRpcClient)lost).ConnectionTimeoutMs = 50;
                Thrown<BoilerLost>(() => lost.CreateProxy<IThermostat, BoilerLost>().Notes());
            }
            Expect("parted", Seen.Take());
        }

        private static void Meet(IConnection connection)
        {
            ClientDisconnectedEventHandler forgotten = gone => Seen.Add("forgotten");
            connection.Disconnected += forgotten;
            connection.Disconnected -= forgotten;
            connection.Disconnected += gone => Seen.Add("parted");
            if (connection.IsConnected && connection.ConnectionId.Length > 0)
                Seen.Add("met");
        }

        private static void Fakes()
        {
            using (IServiceHost host = new FakeHost())
            using (IRpcClient client = new FakeClient(new Thermostat()))
                Expect("fake: ", client.CreateProxy<IThermostat>(proxy => proxy.LogIn("fake")).Notes());
            Expect(null, new ConnectedEventArgs(connection: null).Connection);
            Expect(null, new DisconnectedEventArgs(connection: null).Connection);
        }

        private static void Exceptions()
        {
            var reason = new IOException("cut");
            Expect(true, new ChannelFaultedException().Message.Length > 0);
            Expect("lost", new ChannelFaultedException(message: "lost").Message);
            Expect(reason, new ChannelFaultedException(message: "lost", innerException: reason).InnerException);
            Expect(true, new ContractMismatchException().Message.Length > 0);
            Expect("wrong", new ContractMismatchException(message: "wrong").Message);
            Expect(reason, new ContractMismatchException(message: "wrong", innerException: reason).InnerException);
            Expect("lost", Copied(new BoilerLost("lost")).Message);
            Expect("wrong", Copied(new WrongBoiler("wrong")).Message);
        }

        private static T Copied<T>(T exception) where T : Exception
        {
            using (var stream = new MemoryStream())
            {
                new BinaryFormatter().Serialize(stream, exception);
                stream.Position = 0;
                return (T)new BinaryFormatter().Deserialize(stream);
            }
        }

        private static T Thrown<T>(Action action) where T : Exception
        {
            try
            {
                action();
            }
            catch (T thrown)
            {
                return thrown;
            }
            throw new Exception($"expected {typeof(T)}, nothing was thrown");
        }

        private static int FreePort()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            return port;
        }
    }
}
