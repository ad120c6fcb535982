using System;
using System.Collections.Generic;
using System.Threading;

namespace Callgate.Tests.Summer
{
    public sealed class Item
    {
        public string? Name { get; set; }
    }
}

namespace Callgate.Tests.Winter
{
    public sealed class Item
    {
        public string? Name { get; set; }
    }
}

namespace Callgate.Tests
{
    public sealed class Outer<T>
    {
        public sealed class Part
        {
            public T Value { get; set; } = default!;
        }
    }

    public interface IAlike
    {
        string Cancel(int number);

        string Cancel(int number, CancellationToken cancel);

        string Take(Summer.Item item);

        string Take(Winter.Item item);

        string Take(List<Summer.Item> items);

        string Take(List<Winter.Item> items);

        string Nested(Outer<int>.Part part);

        string Nested(Outer<string>.Part part);
    }

    internal sealed class Alike : IAlike
    {
        public string Cancel(int number) => "plain";

        public string Cancel(int number, CancellationToken cancel) => "token";

        public string Take(Summer.Item item) => "summer";

        public string Take(Winter.Item item) => "winter";

        public string Take(List<Summer.Item> items) => "summers";

        public string Take(List<Winter.Item> items) => "winters";

        public string Nested(Outer<int>.Part part) => "number";

        public string Nested(Outer<string>.Part part) => "text";
    }

    public interface ILeft
    {
        string Same();

        int Value { get; set; }
    }

    public interface IRight
    {
        string Same();

        int Value { get; set; }
    }

    public interface IDiamond : ILeft, IRight
    {
    }

    internal sealed class Diamond : IDiamond
    {
        private int _left;
        private int _right;

        string ILeft.Same() => "left";

        string IRight.Same() => "right";

        int ILeft.Value
        {
            get => _left;
            set => _left = value;
        }

        int IRight.Value
        {
            get => _right;
            set => _right = value;
        }
    }

    public interface IOlder
    {
        object Get();

        string Name { get; }
    }

    public interface INewer : IOlder
    {
        new string Get();

        new string Name { get; set; }
    }

    public interface INewest : INewer
    {
        new string Get();
    }

    internal sealed class Newest : INewest
    {
        private string _name = "none";

        string INewest.Get() => "newest";

        string INewer.Get() => "newer";

        object IOlder.Get() => "older";

        string INewer.Name
        {
            get => _name;
            set => _name = value;
        }

        string IOlder.Name => "of old";
    }

    [InterfaceName("Callgate.Tests.INewest")]
    public interface ICallerOfNewest
    {
        string Get();
    }

    [InterfaceName("Callgate.Tests.IDiamond")]
    public interface ICallerOfDiamond
    {
        string Same();
    }

    [InterfaceName("Callgate.Tests.IAlike")]
    public interface IEarlierAlike
    {
        string Cancel(int number);

        string Cancel(string text);

        string Take(Winter.Item item);

        string Take(string text);
    }

    /// <summary>Overloads that only .NET distinguishes.</summary>
    internal static class OverloadTests
    {
        [Test]
        private static void MethodsThatDifferByATokenOrByTypesOfOneNameAreToldApart() => With<IAlike>(new Alike(), client =>
        {
            var alike = client.CreateProxy<IAlike>();
            Check.Equal("plain", alike.Cancel(1));
            Check.Equal("token", alike.Cancel(1, default));
            Check.Equal("summer", alike.Take(new Summer.Item()));
            Check.Equal("winter", alike.Take(new Winter.Item()));
            Check.Equal("summers", alike.Take(new List<Summer.Item>()));
            Check.Equal("winters", alike.Take(new List<Winter.Item>()));
            Check.Equal("number", alike.Nested(new Outer<int>.Part()));
            Check.Equal("text", alike.Nested(new Outer<string>.Part()));
        });

        [Test]
        private static void MethodsThatTwoInterfacesDeclareAreToldApart() => With<IDiamond>(new Diamond(), client =>
        {
            var diamond = client.CreateProxy<IDiamond>();
            Check.Equal("left", ((ILeft)diamond).Same());
            Check.Equal("right", ((IRight)diamond).Same());
            ((ILeft)diamond).Value = 1;
            ((IRight)diamond).Value = 2;
            Check.Equal((1, 2), (((ILeft)diamond).Value, ((IRight)diamond).Value));
            // As in C#, the name alone is ambiguous.
            string why = Check.Throws<ContractMismatchException>(() => client.CreateProxy<ICallerOfDiamond>().Same()).Message;
            Check.Contains("Callgate.Tests.ILeft.Same, Callgate.Tests.IRight.Same", why);
        });

        [Test]
        private static void HiddenMethodsAreToldApartAndTheNameMeansTheNewest() => With<INewest>(new Newest(), client =>
        {
            var newest = client.CreateProxy<INewest>();
            Check.Equal("newest", newest.Get());
            Check.Equal("newer", ((INewer)newest).Get());
            Check.Equal("older", ((IOlder)newest).Get());
            newest.Name = "given";
            Check.Equal(("given", "of old"), (newest.Name, ((IOlder)newest).Name));
            Check.Equal("newest", client.CreateProxy<ICallerOfNewest>().Get());
            Check.Equal("older", client.CreateProxy(typeof(INewest).FullName!).CallOverload("Get", "Callgate.Tests.IOlder.Get"));
        });

        [Test]
        private static void CallersOfAnEarlierContractAreNeverServedByAnotherMethod() => With<IAlike>(new Alike(), client =>
        {
            var earlier = client.CreateProxy<IEarlierAlike>();
            Check.Equal("plain", earlier.Cancel(1));
            string why = Check.Throws<ContractMismatchException>(() => earlier.Take(new Winter.Item())).Message;
            Check.Contains("there is no signature Take_Item", why);
            Check.Contains("Callgate.Tests.IAlike.Take_Callgate.Tests.Winter.Item", why);
        }, client => client.Described = false);

        private static void With<T>(T served, Action<ReconnectingRpcClient> test, Action<ClientBuilder>? client = null)
            where T : class
        {
            void Serve(ServiceHostBuilder host)
            {
                host.AddInterface<T>();
                host.AddDelegateFactory(type => type == typeof(T) ? served : null);
            }
            using (var session = new Session(Serve, client))
                test(session.Client);
        }
    }
}
