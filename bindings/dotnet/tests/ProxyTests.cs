using System;
using System.Threading;

namespace Callgate.Tests
{
    public interface INamed
    {
        string Name { get; set; }
    }

    public interface ICounter : INamed, IDisposable
    {
        int Count();

        int Count(int from);

        string Count(string from);

        double Count(double from);

        int this[int index] { get; set; }

        string Greet(string whom, string how = "Hello", int times = 1);

        [RpcNonBlocking]
        void Tell(string what);

        string LastTold();
    }

    internal sealed class Counter : ICounter
    {
        private readonly ManualResetEventSlim _told = new ManualResetEventSlim();
        private string _last = "";
        private int _item;

        public string Name { get; set; } = "";

        public bool IsDisposed { get; private set; }

        public int Count() => 1;

        public int Count(int from) => from + 1;

        public string Count(string from) => from + "+1";

        public double Count(double from) => from + 0.5;

        public int this[int index]
        {
            get => _item + index;
            set => _item = value;
        }

        public string Greet(string whom, string how, int times) => $"{how} {whom} {times}";

        public void Tell(string what)
        {
            _last = what;
            _told.Set();
        }

        public string LastTold()
        {
            _told.Wait();
            return _last;
        }

        public void Dispose() => IsDisposed = true;
    }

    public interface IWithEvent
    {
        event Action Happened;
    }

    public interface IWithGeneric
    {
        T Echo<T>(T value);
    }

    public interface IWithOut
    {
        bool Try(out int value);
    }

    public interface IWithDelegate
    {
        void Run(Action action);
    }

    public interface IWithNonBlockingResult
    {
        [RpcNonBlocking]
        int Tell();
    }

    internal interface IHidden
    {
        HiddenPair Swap(HiddenPair pair);
    }

    internal sealed class HiddenPair
    {
        public int First { get; set; }

        public int Second { get; set; }
    }

    internal sealed class Hidden : IHidden
    {
        public HiddenPair Swap(HiddenPair pair) => new HiddenPair { First = pair.Second, Second = pair.First };
    }

    [InterfaceName("ICounter")]
    public interface IForeignCounter
    {
        int Count(long from);

        string Greet(string whom);

        string get_Name();
    }

    internal static class ProxyTests
    {
        private interface IInner
        {
            int Twice(int number);
        }

        private sealed class Inner : IInner
        {
            public int Twice(int number) => 2 * number;
        }

        [Test]
        private static void InterfacesNeedNotBePublic()
        {
            using (Session session = Session.Of<IHidden>(new Hidden()))
            {
                HiddenPair swapped = session.Client.CreateProxy<IHidden>().Swap(new HiddenPair { First = 1, Second = 2 });
                Check.Equal((2, 1), (swapped.First, swapped.Second));
            }
            using (Session session = Session.Of<IInner>(new Inner()))
            {
                int Call() => session.Client.CreateProxy<IInner>().Twice(21);
                if (Processes.IsMono)
                    Check.Contains("make the interface public", Check.Throws<ArgumentException>(() => Call()).Message);
                else
                    Check.Equal(42, Call());
            }
        }

        [Test]
        private static void MethodsOverloadsPropertiesIndexersAndInheritedOnes()
        {
            var served = new Counter();
            using (Session session = Session.Of<ICounter>(served))
            {
                var proxy = session.Client.CreateProxy<ICounter>();
                proxy.Name = "first";
                Check.Equal("first", ((INamed)proxy).Name);
                Check.Equal(1, proxy.Count());
                Check.Equal(6, proxy.Count(5));
                Check.Equal("5+1", proxy.Count("5"));
                Check.Equal(5.5, proxy.Count(5.0));
                proxy[3] = 39;
                Check.Equal(42, proxy[3]);
                proxy.Tell("softly");
                Check.Equal("softly", proxy.LastTold());
                proxy.Dispose();
                Check.That(!served.IsDisposed, "a proxy's Dispose is its own");
                Check.Throws<ObjectDisposedException>(() => proxy.Count());
            }
        }

        [Test]
        private static void CallersWithoutSignaturesAndDefaultsAreUnderstood()
        {
            using (var session = new Session(host =>
            {
                host.AddDelegateFactory(type => type == typeof(ICounter) ? new Counter() : null);
                host.AddTypeAlias("ICounter", typeof(ICounter));
            }))
            {
                var foreign = session.Client.CreateProxy<IForeignCounter>();
                Check.Equal(8, foreign.Count(7));
                Check.Equal("Hello you 1", foreign.Greet("you"));
                Check.Equal("", foreign.get_Name());
            }
        }

        [Test]
        private static void WhatCannotBeCalledIsRefusedClearly()
        {
            using (Session session = Session.Of<ICounter>(new Counter()))
            {
                void Refused<T>(string why) =>
                    Check.Contains(why, Check.Throws<ArgumentException>(() => session.Client.CreateProxy<T>()).Message);
                Refused<IWithEvent>("events cannot be called remotely");
                Refused<IWithGeneric>("generic methods cannot be called remotely");
                Refused<IWithOut>("parameter 'value' is ref, in or out");
                Refused<IWithDelegate>("it is a delegate");
                Refused<IWithNonBlockingResult>("must return void");
                Refused<Counter>("is not an interface");
            }
        }

        [Test]
        private static void WhatDoesNotFitIsAContractMismatch()
        {
            using (Session session = Session.Of<ICounter>(new Counter()))
            {
                string why = Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy<INamed>().Name = "x").Message;
                Check.Contains("INamed", why);
            }
        }
    }
}
