using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Serialization.Formatters.Binary;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IWanted
    {
        int Add(int a, int b);

        string Extra();
    }

    public interface IAdder
    {
        int Add(int a, int b);

        int Sub(int a, int b);
    }

    internal sealed class Adder : IAdder, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public int Add(int a, int b) => a + b;

        public int Sub(int a, int b) => a - b;

        public void Dispose() => IsDisposed = true;
    }

    public interface IPokes
    {
        string Poke(string which);
    }

    public interface IPoked
    {
        string Answer();
    }

    public interface IPokedLater
    {
        string Answer();
    }

    internal sealed class Poked : IPoked, IPokedLater
    {
        private readonly string _answer;

        public Poked(string answer) => _answer = answer;

        public string Answer() => _answer;
    }

    internal sealed class Pokes : IPokes
    {
        private readonly Connection _connection;

        public Pokes(Connection connection) => _connection = connection;

        public string Poke(string which) => which == "later"
            ? _connection.CreateProxy<IPokedLater>().Answer()
            : _connection.CreateProxy<IPoked>().Answer();
    }

    /// <summary>Its constructor takes a name, which a proxy's copy could not pass.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class LabelledAttribute : ProxyShouldImplementAttribute
    {
        public LabelledAttribute(string label) => Label = label;

        public string Label { get; }
    }

    public interface ILabelled
    {
        [Labelled("x")]
        void Go();
    }

    public interface IFuse
    {
        void Blow(string how);
    }

    public sealed class FuseException : Exception
    {
        public FuseException(string message, Exception? inner) : base(message, inner)
        {
        }
    }

    /// <summary>An unregistered type: it must never be created for a remote error.</summary>
    public sealed class SecretException : Exception
    {
        public static int Made;

        public SecretException(string message) : base(message) => Made++;
    }

    /// <summary>Its members throw.</summary>
    public sealed class SpitefulException : ArgumentException
    {
        public SpitefulException() : base("spiteful", new IOException("inside"))
        {
        }

        public override System.Collections.IDictionary Data => throw new InvalidOperationException("no data");

        public override string ParamName => throw new InvalidOperationException("no name");
    }

    internal sealed class Fuse : IFuse
    {
        public void Blow(string how)
        {
            switch (how)
            {
                case "chain":
                    var failure = new FuseException("outer", new IOException("middle", new SecretException("innermost")));
                    failure.Data["volts"] = 230;
                    failure.Data["phases"] = new[] { "a", "b" };
                    failure.Data[7] = "its key is no string";
                    failure.Data["stuck"] = new Action(() => { });
                    throw failure;
                case "spiteful": throw new SpitefulException();
                case "bad details": throw new IOException("bad").WithDetails(new Bad());
                case "value":
                    var odd = new IOException("odd");
                    odd.Data["fine"] = "kept";
                    odd.Data["bad"] = new Bad();
                    throw odd;
                case "range": throw new ArgumentOutOfRangeException("amps", 17, "too many");
                case "null": throw new ArgumentNullException("amps");
                case "inner": throw new InvalidOperationException("wrong", new ArgumentException("too few", "amps"));
                case "details": throw new FuseException("outer", new IOException("middle")).WithDetails(3);
                default: throw new SecretException("alone");
            }
        }
    }

    [Serializable]
    public sealed class Bad
    {
        public int Never => throw new InvalidOperationException("never");
    }

    internal static class RedGateBehaviourTests
    {
        [Test]
        private static void ADelegateServesByAnotherInterfaceWhatTheContractHasAndNothingElse()
        {
            var adder = new Adder();
            using (var session = new Session(host =>
            {
                host.AddDelegateFactory(type => type == typeof(IWanted) ? adder : null);
                host.AddDelegateFactory(type => type == typeof(IPoked) ? adder : null);
            }))
            {
                Check.Equal(5, session.Client.CreateProxy<IWanted>().Add(2, 3));
                Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy<IWanted>().Extra());
                UntypedProxy untyped = session.Client.CreateProxy(typeof(IWanted).FullName!);
                Check.Throws<ContractMismatchException>(() => untyped.Call("Sub", 3, 2));
                Check.Throws<ContractMismatchException>(() => untyped.Call("Dispose"));
                Check.That(!adder.IsDisposed, "no peer disposes it");
                Check.Contains(
                    "neither implements the interface nor shares",
                    Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy<IPoked>().Answer()).Message);
            }
        }

        [Test]
        private static void HandlersAndFactoriesAreAddedAfterConnecting()
        {
            string pipe = Session.UniquePipe();
            var hosts = new ServiceHostBuilder();
            hosts.AddEndpoint(new NamedPipeEndpoint(pipe));
            hosts.AddDelegateFactory((type, connection) => type == typeof(IPokes) ? new Pokes(connection) : null);
            var builder = new ClientBuilder();
            using (hosts.Create())
            using (ReconnectingRpcClient client = builder.ConnectToNamedPipe(pipe))
            {
                client.WaitConnected();
                builder.AddCallbackHandler<IPoked>(new Poked("builder"));
                client.AddDelegateFactory(type => type == typeof(IPokedLater) ? new Poked("client") : null);
                client.AddDelegateFactory(type => type == typeof(IPokedLater) ? new Poked("too late") : null);
                var pokes = client.CreateProxy<IPokes>();
                Check.Equal("builder", pokes.Poke("now"));
                Check.Equal("client", pokes.Poke("later"));
            }
        }

        [Test]
        private static void OfTwoHandlersTheFirstServes()
        {
            using (var session = new Session(
                host => host.AddDelegateFactory((type, connection) => type == typeof(IPokes) ? new Pokes(connection) : null),
                client =>
                {
                    client.AddCallbackHandler<IPoked>(new Poked("first"));
                    client.AddCallbackHandler<IPoked>(new Poked("second"));
                }))
                Check.Equal("first", session.Client.CreateProxy<IPokes>().Poke("now"));
        }

        [Test]
        private static void AProxysMethodsHaveOnlyAttributesThatCanBeMade()
        {
            using (Session session = Session.Of<IFuse>(new Fuse()))
                Check.Contains(
                    "needs a public constructor without parameters",
                    Check.Throws<ArgumentException>(() => session.Client.CreateProxy<ILabelled>()).Message);
        }

        [Test]
        private static void InnerExceptionsAndDataTravelAndNothingUnknownIsMade()
        {
            With((fuse, made) =>
            {
                var outer = Check.Throws<FuseException>(() => fuse.Blow("chain"));
                Check.Equal(("outer", 230L), (outer.Message, outer.Data["volts"]));
                Check.Same(new object[] { "a", "b" }, (object[])outer.Data["phases"]!);
                Check.That(!outer.Data.Contains("stuck") && outer.Data.Count == 2, "what cannot be sent is left out");
                Check.That(outer.InnerException is IOException { Message: "middle" }, "it has its inner exception");
                var innermost = (RemoteException)outer.InnerException!.InnerException!;
                Check.Equal((typeof(SecretException).FullName, "innermost"), (innermost.TypeName, innermost.Message));
                Check.Contains("Fuse.Blow", outer.GetRemoteTrace());
                Check.Contains("--- remote trace ---", outer.GetBaseException().ToString());
                Check.Equal(null, outer.GetDetails());
                Check.Throws<RemoteException>(() => fuse.Blow("alone"));
                Check.Equal(made + 2, SecretException.Made); // The two that the delegate threw.
            });
        }

        [Test]
        private static void ExceptionsWhosePartsFailTravelWithoutThem() => With((fuse, _) =>
        {
            var spiteful = Check.Throws<RemoteException>(() => fuse.Blow("spiteful"));
            Check.Equal(typeof(SpitefulException).FullName, spiteful.TypeName);
            Check.Equal(null, Check.Throws<IOException>(() => fuse.Blow("bad details")).GetDetails());
            var odd = Check.Throws<IOException>(() => fuse.Blow("value"));
            Check.Equal(("kept", 1), (odd.Data["fine"], odd.Data.Count));
        });

        [Test]
        private static void ArgumentExceptionsKeepTheirParameter() => With((fuse, _) =>
        {
            var range = Check.Throws<ArgumentOutOfRangeException>(() => fuse.Blow("range"));
            Check.Equal("amps", range.ParamName);
            Check.Equal(2, range.Message.Split(new[] { "amps" }, StringSplitOptions.None).Length);
            Check.Contains("17", range.Message);
            Check.Equal("amps", Check.Throws<ArgumentNullException>(() => fuse.Blow("null")).ParamName);
            var outer = Check.Throws<InvalidOperationException>(() => fuse.Blow("inner"));
            Check.Equal(new ArgumentException("too few", "amps").Message, outer.InnerException!.Message);
            Check.Equal("amps", ((ArgumentException)outer.InnerException).ParamName);
        });

        [Test]
        private static void DetailsTakeThePlaceOfInnerExceptions() => With((fuse, _) =>
        {
            var failure = Check.Throws<FuseException>(() => fuse.Blow("details"));
            Check.Equal(3L, failure.GetDetails());
            Check.That(failure.InnerException is RemoteException, "behind it stands the remote error");
        });

        [Test]
        private static void ExceptionsAreSerialisable()
        {
            var faulted = Copied(Check.Throws<CallTimedOutException>(Unconnected));
            Check.Equal((Status.TimedOut, Execution.NotRun), (faulted.Status, faulted.Execution));
            var remote = Copied(new RemoteException("a.B", "message", "trace", new object[] { 1L, "two" }));
            Check.Equal(("a.B", "message", "trace"), (remote.TypeName, remote.Message, remote.RemoteTrace));
            Check.Same(new object[] { 1L, "two" }, (object[])remote.Details!);
            Check.Equal("inner", Copied(new ContractMismatchException("outer", new Exception("inner"))).InnerException!.Message);
            foreach (Exception usual in new Exception[]
            {
                new CallgateException("x", Status.Unsupported), new ChannelFaultedException("x"), new ContractMismatchException("x"),
                new CallTimedOutException("x"), new ChannelClosedException("x"), new InitialisationFailedException("x"),
                new CallCancelledException("x"),
            })
                Check.Equal((usual.GetType(), "x"), (Copied(usual).GetType(), Copied(usual).Message));
        }

        [Test]
        private static void CallsThroughADisposedClientSayThatItIsDisposed()
        {
            var blocked = new Blocked();
            using (Session session = Session.Of<IBlocked>(blocked))
            {
                var proxy = session.Client.CreateProxy<IBlocked>();
                var chosen = session.Client.CreateProxy<IBlocked, ChosenException>();
                Task running = proxy.WaitLater();
                blocked.Waits.Wait();
                session.Client.Dispose();
                Check.Throws<ChannelClosedException>(() => running.GetAwaiter().GetResult());
                foreach (IBlocked disposed in new[] { proxy, chosen })
                {
                    var thrown = Check.Throws<ObjectDisposedException>(disposed.Wait);
                    Check.Equal(typeof(ReconnectingRpcClient).FullName, thrown.ObjectName);
                    Check.Throws<ObjectDisposedException>(() => disposed.WaitLater().GetAwaiter().GetResult());
                }
            }
        }

        [Test]
        private static void ARetryDelayIsKept()
        {
            Check.Throws<ArgumentOutOfRangeException>(() => new ClientBuilder { RetryDelayMs = 0 });
            string pipe = Session.UniquePipe();
            var hosts = new ServiceHostBuilder();
            hosts.AddEndpoint(new NamedPipeEndpoint(pipe));
            // With a delay that outlasts the test, there is no second attempt.
            using (ReconnectingRpcClient patient = new ClientBuilder { RetryDelayMs = 600_000 }.ConnectToNamedPipe(pipe))
            using (ReconnectingRpcClient hasty = new ClientBuilder { RetryDelayMs = 20 }.ConnectToNamedPipe(pipe))
            {
                Check.Throws<CallTimedOutException>(() => patient.WaitConnected(TimeSpan.FromMilliseconds(300)));
                using (hosts.Create())
                {
                    hasty.WaitConnected(TimeSpan.FromSeconds(60));
                    Check.Throws<CallTimedOutException>(() => patient.WaitConnected(TimeSpan.FromMilliseconds(300)));
                }
            }
        }

        private static void Unconnected()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
                client.WaitConnected(TimeSpan.FromMilliseconds(10));
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

        private static void With(Action<IFuse, int> test)
        {
            int made = SecretException.Made;
            using (var session = new Session(
                host =>
                {
                    host.RemoteTraces = true;
                    host.AddDelegateFactory(type => type == typeof(IFuse) ? new Fuse() : null);
                },
                client => client.AddExceptionType<FuseException>()))
                test(session.Client.CreateProxy<IFuse>(), made);
        }
    }
}
