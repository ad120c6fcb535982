using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading.Tasks;

namespace System
{
    /// <summary>Like the type in later frameworks: its public members do not contain its value.</summary>
    public readonly struct TimeOnly
    {
        private readonly long _ticks;

        public TimeOnly(int hour, int minute) => _ticks = (60 * hour + minute) * TimeSpan.TicksPerMinute;

        public int Hour => (int)(_ticks / TimeSpan.TicksPerHour);

        public int Minute => (int)(_ticks / TimeSpan.TicksPerMinute % 60);

        public long Ticks => _ticks;
    }
}

namespace Callgate.Tests
{
    public interface IPerson
    {
        string Name { get; }
    }

    public sealed class Parcel
    {
        public IPerson? To { get; set; }
    }

    public sealed class Lorry
    {
        public Dictionary<string, List<Parcel?[]>> Load { get; } = new Dictionary<string, List<Parcel?[]>>();
    }

    public sealed class Ticket
    {
        public Ticket(string number) => Number = int.Parse(number);

        public int Number { get; }
    }

    public interface IParcels
    {
        void Put(Parcel parcel);
    }

    public interface ILorries
    {
        Task<(int, Lorry?)> Next();
    }

    public interface ITickets
    {
        Ticket Draw();
    }

    public interface IWithProgress
    {
        void Load(IProgress<double> progress);
    }

    public interface IWithStream
    {
        void Load(Stream stream);
    }

    public interface IAddresses
    {
        IPAddress? Next(IPAddress? address);
    }

    internal sealed class Addresses : IAddresses
    {
        public IPAddress? Next(IPAddress? address) => address == null ? null : IPAddress.IPv6Loopback;
    }

    public interface IWithTimeOnly
    {
        void Ring(TimeOnly at);
    }

    public sealed class Report
    {
        public Exception? Failure { get; set; }
    }

    public interface IWithException
    {
        void Send(Report report);
    }

    public interface IWithStringBuilder
    {
        void Send(System.Text.StringBuilder text);
    }

#if NETCOREAPP
    public interface IWithMemory
    {
        void Load(ReadOnlyMemory<byte> bytes);
    }

    public interface IWithSpan
    {
        void Load(Span<byte> bytes);
    }

    public sealed class SpanHolder
    {
        public int Number { get; set; }

        public ReadOnlySpan<byte> Bytes
        {
            get => default;
            set => Number = value.Length;
        }
    }

    public sealed class SpanGiver
    {
        public int Number { get; set; }

        public ReadOnlySpan<char> Text => "text".AsSpan();
    }

    public interface IWithSpanMember
    {
        void Load(SpanHolder holder);
    }

    public interface IWithAsyncEnumerable
    {
        IAsyncEnumerable<int> Numbers();
    }
#endif

    /// <summary>What is rejected, when, and with which message.</summary>
    internal static class RefusalTests
    {
        [Test]
        private static void ContractsThatCannotBeEncodedAreRefusedAtCreateProxy() => With(client =>
        {
            void Refused<T>(params string[] parts)
            {
                string why = Check.Throws<ArgumentException>(() => client.CreateProxy<T>()).Message;
                foreach (string part in parts)
                    Check.Contains(part, why);
            }
            Refused<IParcels>("IParcels.Put", "Callgate.Tests.Parcel.To", "Callgate.Tests.IPerson cannot be sent", "abstract");
            Refused<ILorries>("ILorries.Next", "Callgate.Tests.Lorry.Load", "Callgate.Tests.Parcel.To", "IPerson");
            Refused<ITickets>("ITickets.Draw", "Ticket", "parameter 'number' is a System.String", "Number is a System.Int32");
            Refused<IWithProgress>("IWithProgress.Load", "use a callback interface");
            Refused<IWithTimeOnly>("IWithTimeOnly.Ring", "use TimeSpan");
            Refused<IWithException>("IWithException.Send", "Report.Failure", "throw it, or send its text");
            Refused<IWithStringBuilder>("IWithStringBuilder.Send", "use string");
            Refused<IWithStream>("IWithStream.Load", "use byte[]");
#if NETCOREAPP
            Refused<IWithMemory>("IWithMemory.Load", "use byte[]");
            Refused<IWithSpan>("IWithSpan.Load", "use an array");
            Refused<IWithSpanMember>("SpanHolder.Bytes", "use an array");
            Refused<IWithAsyncEnumerable>("IWithAsyncEnumerable.Numbers", "return a list", "callback interface");
#endif
        });

#if NETCOREAPP
        [Test]
        private static void ASpanThatIsComputedIsNoObstacle()
        {
            var values = new Serializer();
            Check.Equal(5, values.Decode<SpanGiver>(values.Encode(new SpanGiver { Number = 5 })).Number);
        }
#endif

        [Test]
        private static void ContractsThatCannotBeEncodedAreRefusedByBuilders()
        {
            var client = new ClientBuilder();
            client.AddCallbackHandler<IParcels>(new NoParcels());
            Check.Contains("Parcel.To", Check.Throws<ArgumentException>(() => client.ConnectToNamedPipe("x").Dispose()).Message);
            foreach (Action<ServiceHostBuilder> add in new Action<ServiceHostBuilder>[]
            {
                host => host.AddInterface<IParcels>(),
                host => host.AddDuplexDelegateFactory<IParcels, IAliased>(_ => new NoParcels()),
                host => host.AddDuplexDelegateFactory<IAliased, IParcels>(_ => new Aliased()),
            })
            {
                var host = new ServiceHostBuilder();
                host.AddEndpoint(new NamedPipeEndpoint(Session.UniquePipe()));
                add(host);
                Check.Contains("Parcel.To", Check.Throws<ArgumentException>(() => host.Create().Dispose()).Message);
            }
            using (Session session = Session.Of<IParcels>(new NoParcels()))
                Check.Contains("Parcel.To", Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy(typeof(IParcels).FullName!).Call("Put", 1)).Message);
        }

        [Test]
        private static void AddressesTravel()
        {
            using (Session session = Session.Of<IAddresses>(new Addresses()))
            {
                var addresses = session.Client.CreateProxy<IAddresses>();
                Check.Equal(IPAddress.IPv6Loopback, addresses.Next(IPAddress.Loopback));
                Check.Equal(null, addresses.Next(null));
                Check.Contains("expected an IP address, found \"here\"", Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy(typeof(IAddresses).FullName!).Call("Next", "here")).Message);
            }
        }

        [Test]
        private static void ASerializerIsNeverNull() =>
            Check.Throws<ArgumentNullException>(() => new ClientBuilder().Serializer = null!);

        [Test]
        private static void DisposedObjectsAreNamed()
        {
            using (Session session = Session.Of<IAliased>(new Aliased()))
            {
                void Disposed(string what, Action use) =>
                    Check.Contains(what, Check.Throws<ObjectDisposedException>(use).Message);
                ReconnectingRpcClient client = session.Connect();
                var proxy = client.CreateProxy<ICounter>();
                UntypedProxy untyped = client.CreateProxy("IAliased");
                proxy.Dispose();
                untyped.Dispose();
                Disposed("The proxy of Callgate.Tests.ICounter was disposed.", () => proxy.Count());
                Disposed("The proxy of Callgate.Tests.ICounter was disposed.", () => proxy.Tell("x"));
                Disposed("The proxy of IAliased was disposed.", () => untyped.Call("Where"));
                client.Dispose();
                client.Dispose();
                Disposed("The client was disposed.", () => client.CreateProxy<IAliased>());
                Disposed("The client was disposed.", () => client.CreateProxy<IAliased>(_ => { }));
                Disposed("The client was disposed.", () => client.CreateProxy("IAliased"));
                Disposed("The client was disposed.", () => client.WaitConnected());
                Disposed("The client was disposed.", () => client.Flush());
                Disposed("The client was disposed.", () => client.ConnectionTimeoutMs = 5);
                session.Host.Dispose();
                session.Host.Close();
            }
        }

        private static void With(Action<IRpcClient> test)
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
                test(client);
        }

        private sealed class NoParcels : IParcels
        {
            public void Put(Parcel parcel)
            {
            }
        }
    }
}
