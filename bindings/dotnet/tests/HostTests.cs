using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;

namespace Callgate.Tests
{
    public interface IAliased
    {
        string Where();
    }

    internal sealed class Aliased : IAliased
    {
        public string Where() => "here";
    }

    [InterfaceName("Old.Names.IAliased, Version=1")]
    public interface IOldName
    {
        string Where();
    }

    public interface IOfAny<T>
    {
        T Get();
    }

    // For this name, .NET would look for the assembly.
    [InterfaceName("Callgate.Tests.IOfAny`1[[Evil.Type, Evil.Assembly]]")]
    public interface IHostileName
    {
        string Where();
    }

    [InterfaceName("System.Xml.XPath.IXPathNavigable")]
    public interface IForwardedName
    {
        string Where();
    }

    [InterfaceName("Callgate.Tests.Twice")]
    public interface IFirstOfTwo
    {
        void First();
    }

    [InterfaceName("Callgate.Tests.Twice")]
    public interface ISecondOfTwo
    {
        void Second();
    }

    internal sealed class Two : IFirstOfTwo, ISecondOfTwo
    {
        public void First()
        {
        }

        public void Second()
        {
        }
    }

    internal static class HostTests
    {
        [Test]
        private static void TwoInterfacesOfOneNameAreRefused()
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(Session.UniquePipe()));
            builder.AddInterface<IFirstOfTwo>();
            builder.AddInterface<IFirstOfTwo>();
            builder.AddInterface<ISecondOfTwo>();
            string why = Check.Throws<ArgumentException>(() => builder.Create().Dispose()).Message;
            Check.Contains("IFirstOfTwo and Callgate.Tests.ISecondOfTwo have the same name, Callgate.Tests.Twice", why);
            var client = new ClientBuilder();
            client.AddCallbackHandler<IFirstOfTwo>(new Two());
            why = Check.Throws<ArgumentException>(() => client.AddCallbackHandler<ISecondOfTwo>(new Two())).Message;
            Check.Contains("have the same name, Callgate.Tests.Twice", why);
        }

        [Test]
        private static void FactoriesAreAskedInOrderOncePerConnectionAndInterface()
        {
            var asked = new ConcurrentQueue<string>();
            using (var session = new Session(host =>
            {
                host.AddDelegateFactory(type =>
                {
                    asked.Enqueue("first " + type.Name);
                    return null;
                });
                host.AddDelegateFactory((type, connection) =>
                {
                    asked.Enqueue("second " + type.Name + connection.IsConnected);
                    return type == typeof(IAliased) ? new Aliased() : null;
                });
            }))
            {
                var proxy = session.Client.CreateProxy<IAliased>();
                Check.Equal("herehere", proxy.Where() + proxy.Where());
                Check.Same(new[] { "first IAliased", "second IAliasedTrue" }, asked);
                using (IRpcClient other = session.Connect())
                    Check.Equal("here", other.CreateProxy<IAliased>().Where());
                Check.Equal(4, asked.Count);
            }
        }

        [Test]
        private static void AliasesByPrefixAndTcp()
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new TcpEndpoint(IPAddress.Loopback, 0));
            builder.AddEndpoint(new NamedPipeEndpoint(Session.UniquePipe()));
            builder.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            builder.AddTypeAlias("Old.Names.IAliased", typeof(IAliased));
            using (ServiceHost host = builder.Create())
            {
                Check.Equal(2, host.Endpoints.Count);
                int port = int.Parse(host.Endpoints[0].Split(':').Last());
                using (ReconnectingRpcClient client = new ClientBuilder().ConnectToTcpSocket("127.0.0.1", port))
                    Check.Equal("here", client.CreateProxy<IOldName>().Where());
            }
        }

        [Test]
        private static void NamesOnTheWireLoadNoAssembly()
        {
            var loaded = new List<string>();
            AssemblyLoadEventHandler note = (_, args) => loaded.Add(args.LoadedAssembly.FullName!);
            ResolveEventHandler resolve = (_, args) =>
            {
                loaded.Add(args.Name!);
                return null;
            };
            var asked = new ConcurrentQueue<Type>();
            using (var session = new Session(host => host.AddDelegateFactory(type =>
            {
                asked.Enqueue(type);
                return type == typeof(IAliased) ? new Aliased() : null;
            })))
            {
                session.Client.CreateProxy<IAliased>().Where();
                var hostile = session.Client.CreateProxy<IHostileName>();
                var forwarded = session.Client.CreateProxy<IForwardedName>();
                Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy<IOldName>().Where());
                AppDomain.CurrentDomain.AssemblyLoad += note;
                AppDomain.CurrentDomain.AssemblyResolve += resolve;
                try
                {
                    Check.Throws<ContractMismatchException>(() => hostile.Where());
                    Check.Throws<ContractMismatchException>(() => forwarded.Where());
                }
                finally
                {
                    AppDomain.CurrentDomain.AssemblyLoad -= note;
                    AppDomain.CurrentDomain.AssemblyResolve -= resolve;
                }
                Check.Same(new string[0], loaded);
                Check.Same(new[] { typeof(IAliased) }, asked);
            }
        }

        [Test]
        private static void TheSecondHostOfAPipeIsRefused()
        {
            using (Session session = Session.Of<IAliased>(new Aliased()))
                Check.Equal(Status.AddressInUse, Check.Throws<CallgateException>(() => session.Builder.Create()).Status);
        }

        [Test]
        private static void AddressesAreChecked()
        {
            Check.Throws<ArgumentOutOfRangeException>(() => new TcpEndpoint(70000));
            Check.Equal("tcp://[::1]:5", new TcpEndpoint(IPAddress.IPv6Loopback, 5).Address);
            Check.Equal("tcp://[::]:5?insecure=1", new TcpEndpoint(IPAddress.IPv6Any, 5, insecure: true).Address);
            var open = new ServiceHostBuilder();
            open.AddEndpoint(new TcpEndpoint(IPAddress.Any, 0));
            Check.Equal(Status.InvalidArgument, Check.Throws<CallgateException>(() => open.Create()).Status);
        }

        [Test]
        private static void HostsCloseInTheirDelegatesAndTwice()
        {
            using (Session session = Session.Of<IBlocked>(new Blocked()))
            {
                session.Host.Close(TimeSpan.FromSeconds(5));
                session.Host.Close();
                session.Host.Dispose();
                session.Host.Dispose();
            }
        }

        [Test]
        private static void TheLogIsHeard()
        {
            var lines = new BlockingCollection<string>();
            using (var session = new Session(host =>
            {
                host.Log = logged => lines.Add($"{logged.Level}: {logged}");
                host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            }))
                session.Client.CreateProxy<IAliased>().Where();
            Check.That(lines.Take().Length > 0, "something was logged");
        }
    }
}
