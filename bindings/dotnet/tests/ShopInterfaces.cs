namespace Callgate.Tests
{
    internal enum Kind
    {
        Small,
        Large,
    }

    // Versions of one interface.

    [InterfaceName("IShop")]
    internal interface IInt
    {
        void Take(int it);
    }

    [InterfaceName("Old.IShop")]
    internal interface IOldInt
    {
        void Take(int it);
    }

    [InterfaceName("Old.IShop")]
    internal interface IOldLong
    {
        void Take(long it);
    }

    [InterfaceName("IShop")]
    internal interface IGive
    {
        void Give(int it);
    }

    [InterfaceName("IShop")]
    internal interface ITwo
    {
        void Take(int it, int more);
    }

    [InterfaceName("IShop")]
    internal interface IOneOptional
    {
        void Take(int it, int more = 1);
    }

    [InterfaceName("IShop")]
    internal interface IText
    {
        void Take(string it);
    }

    [InterfaceName("IShop")]
    internal interface IMaybeText
    {
        void Take(string? it);
    }

    [InterfaceName("IShop")]
    internal interface ILong
    {
        void Take(long it);
    }

    [InterfaceName("IShop")]
    internal interface IMaybeInt
    {
        void Take(int? it);
    }

    [InterfaceName("IShop")]
    internal interface IKind
    {
        void Take(Kind it);
    }

    [InterfaceName("IShop")]
    internal interface IObject
    {
        void Take(object? it);
    }

    [InterfaceName("IShop")]
    internal interface IOneWay
    {
        [RpcNonBlocking]
        void Take(int it);
    }

    [InterfaceName("IShop")]
    internal interface IFull
    {
        [Throws("Full")]
        void Take(int it);
    }

    [InterfaceName("IShop")]
    internal interface IEmpty
    {
        [Throws("Empty")]
        void Take(int it);
    }

    [InterfaceName("IShop")]
    internal interface IMore
    {
        void Take(int it);

        int Give();
    }

    [InterfaceName("IShop")]
    internal interface IIntOrText
    {
        void Take(int it);

        void Take(string it);
    }

    [InterfaceName("IShop")]
    internal interface IDoubleOrText
    {
        void Take(double it);

        void Take(string it);
    }

    [InterfaceName("IShop")]
    internal interface INarrow
    {
        void Take(NarrowItem it);
    }

    [InterfaceName("IShop")]
    internal interface IWide
    {
        void Take(WideItem it);
    }

    [InterfaceName("IShop")]
    internal interface IDemanding
    {
        void Take(DemandingItem it);
    }

    [InterfaceName("IShop")]
    internal interface ITexts
    {
        void Take(TextItem it);
    }

    [InterfaceName("IShop")]
    [CallbackInterface(typeof(IEar))]
    internal interface IWithEar
    {
        void Take(int it);
    }

    [InterfaceName("IShop")]
    [CallbackInterface(typeof(IOtherEar))]
    internal interface IWithOtherEar
    {
        void Take(int it);
    }

    [InterfaceName("IShop")]
    [CallbackInterface(typeof(IDeafEar))]
    internal interface IWithDeafEar
    {
        void Take(int it);
    }

    [InterfaceName("IElsewhere")]
    internal interface IElsewhere
    {
        void Take(int it);
    }

#nullable disable
    [InterfaceName("IShop")]
    internal interface IOblivious
    {
        void Take(string it);
    }
#nullable enable

    /// <summary>Serves each of them, and counts the calls.</summary>
    internal sealed class Shop :
        IInt, IGive, ITwo, IOneOptional, IText, IMaybeText, ILong, IMaybeInt, IKind, IObject, IOneWay, IFull, IEmpty,
        IMore, IIntOrText, IDoubleOrText, INarrow, IWide, IDemanding, ITexts, IWithEar, IWithOtherEar, IOblivious
    {
        public int Runs { get; private set; }

        public void Take(int it) => Runs++;

        public void Take(int it, int more) => Runs++;

        public void Take(long it) => Runs++;

        public void Take(double it) => Runs++;

        public void Take(int? it) => Runs++;

        public void Take(string? it) => Runs++;

        public void Take(object? it) => Runs++;

        public void Take(Kind it) => Runs++;

        public void Take(NarrowItem it) => Runs++;

        public void Take(WideItem it) => Runs++;

        public void Take(DemandingItem it) => Runs++;

        public void Take(TextItem it) => Runs++;

        public void Give(int it) => Runs++;

        public int Give() => Runs++;
    }
}
