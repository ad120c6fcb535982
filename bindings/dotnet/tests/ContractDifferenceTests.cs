using System;
using System.Collections.Concurrent;
using System.Reflection;

namespace Callgate.Tests
{
    /// <summary>Two sides that describe an interface differently: found before anything runs, or no difference.</summary>
    internal static class ContractDifferenceTests
    {
        [Test]
        public static void AMissingMethod() =>
            Differ<IInt, IGive>("IShop.Take: Take(int32) here, no such method at the host");

        [Test]
        public static void AnotherNumberOfParameters() =>
            Differ<IInt, ITwo>("IShop.Take: 1 parameter here, 2 parameters at the host");

        [Test]
        public static void AnotherType() =>
            Differ<IInt, IText>("IShop.Take, parameter 1 (it): int32 here, string at the host");

        [Test]
        public static void ANarrowerType() =>
            Differ<ILong, IInt>("IShop.Take, parameter 1 (it): int64 here, int32 at the host");

        [Test]
        public static void OneWayOrNot()
        {
            Differ<IOneWay, IInt>("IShop.Take: one-way here, with a reply at the host");
            Differ<IInt, IOneWay>("IShop.Take: with a reply here, one-way at the host");
        }

        [Test]
        public static void AnotherCallback() => Differ<IWithEar, IWithOtherEar>(
            $"IShop, callback interface: '{typeof(IEar).FullName}' here, '{typeof(IOtherEar).FullName}' at the host");

        [Test]
        public static void AnotherError() =>
            Differ<IFull, IEmpty>("IShop.Take, errors: Full here, Empty at the host");

        [Test]
        public static void AnOptionalValue() =>
            Differ<IMaybeInt, IInt>("IShop.Take, parameter 1 (it): null here, int32 at the host");

        [Test]
        public static void AnotherOverload() => Differ<IIntOrText, IDoubleOrText>(
            "IShop.Take: Take(Take_Int32) here, only Take(Take_Double) and Take(Take_String) at the host");

        [Test]
        public static void AMemberOfARecord() =>
            Differ<INarrow, ITexts>("IShop.Take, parameter 1 (it), member X: int32 here, string at the host");

        [Test]
        public static void ARequiredMember() =>
            Differ<INarrow, IDemanding>("IShop.Take, parameter 1 (it), member Y: record of (X) here, record of (X, Y) at the host");

        [Test]
        public static void AnAnnotatedText() =>
            Differ<IMaybeText, IText>("IShop.Take, parameter 1 (it): null here, string at the host");

        [Test]
        public static void ARenamedInterface()
        {
            using (Session session = Serving<IInt>(out Shop shop))
            {
                ContractMismatchException refused = Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy<IElsewhere>().Take(1));
                Check.Contains("IElsewhere", refused.Message);
                Check.Equal(0, shop.Runs);
            }
        }

        [Test]
        public static void CompatibleChangesPass()
        {
            Fit<IInt, IMore>();
            Fit<IInt, IOneOptional>();
            Fit<IInt, ILong>();
            Fit<IInt, IMaybeInt>();
            Fit<IInt, IIntOrText>();
            Fit<INarrow, IWide>();
            Fit<IWide, INarrow>();
            Fit<IText, IMaybeText>();
            Fit<IObject, IInt>();
            Fit<IInt, IObject>();
            Fit<IInt, IFull>();
            Fit<IInt, IWithEar>();
            Fit<IInt, IKind>();
            Fit<IKind, IInt>();
            Fit<IOblivious, IText>();
            Fit<IMaybeText, IOblivious>();
        }

        [Test]
        public static void EveryKindOfValueFitsItself()
        {
            Fit<IEcho, IEcho>();
            using (var session = new Session(host => host.AddInterface<IEcho>()))
                Descriptions.VerifyAsync(session.Client.CreateProxy<IEcho>()).Wait();
        }

        [Test]
        public static void DescriptionsCanBeSwitchedOff()
        {
            using (Session session = Serving<IText>(out Shop shop, client => client.Described = false))
            {
                IInt proxy = session.Client.CreateProxy<IInt>();
                Descriptions.Verify(proxy);
                Check.Throws<ContractMismatchException>(() => proxy.Take(1));
                var found = (string?)session.Client.CreateProxy("callgate.Host").Call("Describe", "IShop");
                Check.Equal(Descriptions.Of(typeof(IText)), found);
                Check.Equal(0, shop.Runs);
            }
            using (var session = new Session(host => host.Described = false))
                Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy("callgate.Host").Call("Interfaces"));
        }

        [Test]
        public static void ANameThatTheHostHasAnAliasForIsCompared()
        {
            var shop = new Shop();
            using (var session = new Session(host =>
            {
                host.AddTypeAlias("Old.IShop, Shop", typeof(IInt));
                host.AddDelegateFactory(type => type == typeof(IInt) ? shop : null);
            }))
            {
                const string place = "Old.IShop.Take, parameter 1 (it): int64 here, int32 at the host";
                Refused(() => session.Client.CreateProxy<IOldLong>().Take(1), place);
                Check.Equal(0, shop.Runs);
                session.Client.CreateProxy<IOldInt>().Take(1);
                Check.Equal(1, shop.Runs);
            }
        }

        [Test]
        public static void ACallbackInterfaceThatTheClientHasAnAliasForIsCompared()
        {
            string alias = typeof(IOtherEar).AssemblyQualifiedName!;
            using (Session session = Serving<IWithOtherEar>(out Shop shop, client => client.AddTypeAlias(alias, typeof(IEar))))
            {
                Descriptions.Verify(session.Client.CreateProxy<IWithEar>());
                session.Client.CreateProxy<IWithEar>().Take(1);
                Check.Equal(1, shop.Runs);
                string place = $"{typeof(IDeafEar).FullName}";
                Refused(() => session.Client.CreateProxy<IWithDeafEar>().Take(1), place);
                Check.Equal(1, shop.Runs);
            }
        }

        [Test]
        public static void AClientChoosesWhenItCompares()
        {
            const string place = "IShop.Take, parameter 1 (it): int32 here, string at the host";
            using (Session session = Serving<IText>(out Shop shop, client => client.Verify = Verify.Never))
            {
                IInt careless = session.Client.CreateProxy<IInt>();
                string refused = Check.Throws<ContractMismatchException>(() => careless.Take(1)).Message;
                Check.That(!refused.Contains(place), refused);
                Refused(() => Descriptions.Verify(careless), place);
                Check.Equal(0, shop.Runs);
            }
            var logged = new BlockingCollection<string>();
            Action<ClientBuilder> eager = client =>
            {
                client.Verify = Verify.WhenConnecting;
                client.Log = logEvent =>
                {
                    if (logEvent.Level == LogLevel.Error)
                        logged.Add(logEvent.Message);
                };
            };
            using (Session session = Serving<IText>(out Shop shop, eager))
            {
                IInt proxy = session.Client.CreateProxy<IInt>();
                Check.Contains(place, logged.Take());
                Refused(() => proxy.Take(1), place);
                Check.Equal(0, shop.Runs);
            }
            Check.Throws<ArgumentOutOfRangeException>(() => new ClientBuilder().Verify = (Verify)3);
        }

        [Test]
        public static void DuplexHostsDescribeTheirCallbacks()
        {
            using (var session = new Session(host => host.AddDuplexDelegateFactory<IInt, IEar>(ear => new Shop())))
            {
                var found = (string?)session.Client.CreateProxy("callgate.Host").Call("Describe", "IShop");
                Check.Equal(Descriptions.Of(typeof(IInt), typeof(IEar)), found);
                session.Client.CreateProxy<IInt>().Take(1);
                Check.Throws<ContractMismatchException>(() => Descriptions.Verify(session.Client.CreateProxy<IWithOtherEar>()));
            }
        }

        [Test]
        public static void VerifyingTakesTheProxysOptions()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                var hasty = new CallOptions { Timeout = TimeSpan.FromMilliseconds(20) };
                Check.Throws<CallTimedOutException>(() => Descriptions.Verify(hasty.For(client.CreateProxy<IInt>())));
                Descriptions.Verify(client.CreateProxy("IShop"));
                Check.Throws<ArgumentException>(() => Descriptions.Verify("no proxy"));
            }
        }

        private static Session Serving<THost>(out Shop shop, Action<ClientBuilder>? client = null)
        {
            Shop served = shop = new Shop();
            return new Session(
                host =>
                {
                    host.AddInterface<THost>();
                    host.AddDelegateFactory(type => type == typeof(THost) ? served : null);
                },
                client);
        }

        private static void Differ<TClient, THost>(string expected) where TClient : class
        {
            using (Session session = Serving<THost>(out Shop shop))
            {
                TClient proxy = session.Client.CreateProxy<TClient>();
                MethodInfo take = typeof(TClient).GetMethods()[0];
                object?[] arguments = Array.ConvertAll(take.GetParameters(), parameter => Example(parameter.ParameterType));
                Refused(() => Descriptions.Verify(proxy), expected);
                for (int i = 0; i < 2; i++)
                    Refused(() => Unwrapped(() => take.Invoke(proxy, arguments)), expected);
                Check.Equal(0, shop.Runs);
            }
        }

        private static void Refused(Action attempt, string expected)
        {
            ContractMismatchException refused = Check.Throws<ContractMismatchException>(attempt);
            Check.Contains(expected, refused.Message);
            Check.Equal(Execution.NotRun, refused.Execution);
        }

        private static void Unwrapped(Action invoke)
        {
            try
            {
                invoke();
            }
            catch (TargetInvocationException failed)
            {
                throw failed.InnerException!;
            }
        }

        private static object? Example(Type type) =>
            type == typeof(string) ? "a" : Activator.CreateInstance(type);

        private static void Fit<TClient, THost>() where TClient : class
        {
            using (Session session = Serving<THost>(out Shop _))
                Descriptions.Verify(session.Client.CreateProxy<TClient>());
        }
    }

    internal interface IEar
    {
        void Heard(string line);
    }

    internal interface IOtherEar
    {
        void Heard(string line);
    }

    internal interface IDeafEar
    {
        void Heard(int line);
    }

    internal sealed class NarrowItem
    {
        public int X { get; set; }
    }

    internal sealed class WideItem
    {
        public int X { get; set; }

        public int Y { get; set; }
    }

    internal sealed class DemandingItem
    {
        public DemandingItem(int x, int y)
        {
            X = x;
            Y = y;
        }

        public int X { get; }

        public int Y { get; }
    }

    internal sealed class TextItem
    {
        public string X { get; set; } = "";
    }
}
