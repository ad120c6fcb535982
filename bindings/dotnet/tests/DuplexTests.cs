using System;
using System.Collections.Concurrent;
using System.Threading;

namespace Callgate.Tests
{
    public interface IRoom
    {
        int Ask(int depth);

        void SetName(string name);

        string Who();

        string FailAtTheClient();
    }

    public interface IGuest
    {
        int AskBack(int depth);

        string Fail();
    }

    internal sealed class Room : IRoom
    {
        private readonly IGuest _guest;
        private string _name = "nobody";

        public Room(IGuest guest)
        {
            _guest = guest;
            First = guest.AskBack(0);
        }

        public int First { get; }

        public int Ask(int depth) => depth == 0 ? First : 1 + _guest.AskBack(depth - 1);

        public void SetName(string name) => _name = name.Length == 0 ? throw new ArgumentException("no name") : name;

        public string Who() => _name;

        public string FailAtTheClient()
        {
            try
            {
                return _guest.Fail();
            }
            catch (InvalidOperationException failure)
            {
                return failure.Message + failure.GetRemoteTrace().Contains("Guest.Fail");
            }
        }
    }

    internal sealed class Guest : IGuest
    {
        public IRoom? Room { get; set; }

        public int AskBack(int depth) => depth == 0 ? 0 : 1 + Room!.Ask(depth - 1);

        public string Fail() => throw new InvalidOperationException("not here");
    }

    internal static class DuplexTests
    {
        [Test]
        private static void CallbacksInTheFactoryInCallsAndNested()
        {
            var guest = new Guest();
            using (Session session = Duplex(guest))
            {
                IRoom room = guest.Room = session.Client.CreateProxy<IRoom>();
                Check.Equal(0, room.Ask(0));
                Check.Equal(9, room.Ask(9));
                Check.Equal("not hereTrue", room.FailAtTheClient());
            }
        }

        [Test]
        private static void ASecondFactoryOfAnInterfaceIsRefused()
        {
            var builder = new ServiceHostBuilder();
            builder.AddDuplexDelegateFactory<IRoom, IGuest>(guest => new Room(guest));
            Check.Throws<InvalidOperationException>(
                () => builder.AddDuplexDelegateFactory<IRoom, IGuest>(guest => new Room(guest)));
        }

        [Test]
        private static void AFactoryMakesAHandlerForEachClient()
        {
            var made = new ConcurrentBag<Guest>();
            IServiceHostBuilder hosts = new ServiceHostBuilder();
            string pipe = Session.UniquePipe();
            hosts.AddEndpoint(new NamedPipeEndpoint(pipe));
            hosts.AddDuplexDelegateFactory<IRoom, IGuest>(guest => new Room(guest));
            var builder = new ClientBuilder();
            builder.AddCallbackHandler<IGuest>(() =>
            {
                var guest = new Guest();
                made.Add(guest);
                return guest;
            });
            IClientBuilder clients = builder;
            using (hosts.Create())
            using (IRpcClient first = clients.ConnectToNamedPipe(pipe))
            using (IRpcClient second = clients.ConnectToNamedPipe(pipe))
            {
                Check.Equal((1, 1), (first.CreateProxy<IRoom>().Ask(1), second.CreateProxy<IRoom>().Ask(1)));
                Check.Equal(2, made.Count);
            }
        }

        [Test]
        private static void InitialisationRunsOnEachConnectionAndItsFailureIsTold()
        {
            using (Session session = Duplex(new Guest()))
            {
                var named = session.Client.CreateProxy<IRoom>(room => room.SetName("me"));
                Check.Equal("me", named.Who());
                session.Restart();
                Check.Equal("me", Retried(named.Who));
                Check.That(session.Client.ConnectionRefreshCount >= 2, "there was a second connection");
                var refused = session.Client.CreateProxy<IRoom>(room => room.SetName(""));
                var failure = Check.Throws<InitialisationFailedException>(() => refused.Who());
                Check.That(failure.InnerException is ArgumentException, $"why is inside: {failure}");
            }
        }

        [Test]
        private static void AHostOfAnotherUserIsRejected()
        {
            var names = new BlockingCollection<string>();
            using (var session = new Session(host =>
                host.AddClientConnectedHandler(args => names.Add(((Connection)args.Connection).PeerUserName))))
            {
                var own = new ClientBuilder { HostUser = names.Take() };
                using (var client = own.ConnectToNamedPipe(session.PipeName))
                    client.WaitConnected();
                string stranger = Processes.IsOnWindows ? "S-1-5-19" : "4294967293";
                var other = new ClientBuilder { HostUser = stranger };
                using (var client = other.ConnectToNamedPipe(session.PipeName))
                {
                    var failure = Check.Throws<CallgateException>(() => client.WaitConnected());
                    Check.Contains($"not as user {stranger}", failure.Message);
                }
                var unknown = new ClientBuilder { HostUser = "no such user" };
                var refusal = Check.Throws<CallgateException>(() => unknown.ConnectToNamedPipe("nobody"));
                Check.Contains("there is no user", refusal.Message);
            }
        }

        [Test]
        private static void ConnectionsAreToldOfAndCalledBackLater()
        {
            var connected = new BlockingCollection<Connection>();
            var ended = new BlockingCollection<string>();
            using (var session = new Session(
                host => host.AddClientConnectedHandler(args =>
                {
                    args.Connection.Disconnected += gone => ended.Add(gone.Connection.ConnectionId);
                    connected.Add((Connection)args.Connection);
                }),
                client => client.AddCallbackHandler<IGuest>(new Guest())))
            {
                Connection connection = connected.Take();
                Check.That(connection.IsConnected, "it is connected");
                Check.Equal((long)System.Diagnostics.Process.GetCurrentProcess().Id, connection.PeerProcessId);
                if (Processes.IsOnWindows)
                    Check.That(connection.PeerUser.StartsWith("S-1-"), connection.PeerUser);
                else
                    Check.Equal(connection.PeerUid.ToString(), connection.PeerUser);
                Check.That(connection.PeerUserName != "", "the own user has a name");
                Check.Equal("", connection.PeerAddress);
                var guest = connection.CreateProxy<IGuest>();
                Check.Equal(0, guest.AskBack(0));
                session.Client.Dispose();
                Check.Equal(connection.ConnectionId, ended.Take());
                Check.That(!connection.IsConnected, "it has ended");
                connection.Disconnected += gone => ended.Add("late");
                Check.Equal("late", ended.Take());
                Check.Throws<ChannelClosedException>(() => guest.AskBack(0));
            }
        }

        private static Session Duplex(Guest guest) => new Session(
            host => host.AddDuplexDelegateFactory<IRoom, IGuest>(callback => new Room(callback)),
            client =>
            {
                client.RemoteTraces = true;
                client.AddCallbackHandler<IGuest>(guest);
            });

        /// <summary>Calls until the client has reconnected: a call may fail with the end of the old connection.</summary>
        private static T Retried<T>(Func<T> call)
        {
            while (true)
            {
                try
                {
                    return call();
                }
                catch (ChannelFaultedException)
                {
                    Thread.Yield();
                }
            }
        }
    }
}
