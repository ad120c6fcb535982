using System;
using System.Collections.Generic;

namespace Callgate.Tests
{
    [InterfaceName("INumbers")]
    public interface ILarge
    {
        int Take(long number);

        long Give();

        int TakeList(long[] numbers);

        object? Swap(Dictionary<string, object?> map);
    }

    [InterfaceName("INumbers")]
    public interface ISmall
    {
        int Take(int number);

        int Give();

        int TakeList(byte[][] numbers);

        Point Swap(Point point);
    }

    internal sealed class Large : ILarge
    {
        public int Take(long number) => 0;

        public long Give() => 3_000_000_000;

        public int TakeList(long[] numbers) => 0;

        public object? Swap(Dictionary<string, object?> map) => new Dictionary<string, object?> { ["X"] = 5 };
    }

    internal sealed class Small : ISmall
    {
        public int Take(int number) => number;

        public int Give() => 1;

        public int TakeList(byte[][] numbers) => numbers.Length;

        public Point Swap(Point point) => new Point(point.Y, point.X);
    }

    /// <summary>A type for which the program has a codec.</summary>
    public sealed class Money
    {
        private Money(long cents) => Cents = cents;

        public long Cents { get; }

        public static Money Of(long cents) => new Money(cents);
    }

    public sealed class MoneyCodec : Codec<Money>
    {
        public override void Write(MessageWriter writer, Money value) => writer.Write($"{value.Cents} ct");

        public override Money Read(MessageReader reader) =>
            Money.Of(long.Parse(reader.ReadString().Replace(" ct", "")));
    }

    public interface ITill
    {
        Money Double(Money money);

        List<Money> Both(Dictionary<string, Money> moneys);
    }

    internal sealed class Till : ITill
    {
        public Money Double(Money money) => Money.Of(2 * money.Cents);

        public List<Money> Both(Dictionary<string, Money> moneys) => new List<Money>(moneys.Values);
    }

    internal static class CodecTests
    {
        [Test]
        private static void IntegersThatAreTooLargeAreAClearErrorBothWays()
        {
            using (Session session = Numbers<ISmall>(new Small()))
            {
                var large = session.Client.CreateProxy<ILarge>();
                Check.Equal(int.MaxValue, large.Take(int.MaxValue));
                string why = Check.Throws<ContractMismatchException>(() => large.Take(3_000_000_000)).Message;
                Check.Contains("INumbers.Take: argument 1 (number): expected an integer from -2147483648 to 2147483647, found 3000000000", why);
            }
            using (Session session = Numbers<ILarge>(new Large()))
            {
                var failure = Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy<ISmall>().Give());
                Check.Contains("the result of INumbers.Give", failure.Message);
                Check.Contains("found 3000000000", failure.Message);
                Check.Equal(Execution.Ran, failure.Execution);
            }
        }

        [Test]
        private static void ValuesOfAnotherShapeAreRefused()
        {
            using (Session session = Numbers<ISmall>(new Small()))
            {
                var large = session.Client.CreateProxy<ILarge>();
                Check.Contains("expected bytes, found an integer", Refusal(() => large.TakeList(new[] { 1L })));
                Check.Contains("Point.Y is missing", Refusal(() => large.Swap(new Dictionary<string, object?> { ["X"] = 1 })));
                Check.Contains("Point.X: expected an integer", Refusal(() => large.Swap(
                    new Dictionary<string, object?> { ["Y"] = 1, ["X"] = "one" })));
                var more = new Dictionary<string, object?> { ["X"] = 1, ["Y"] = 2, ["Z"] = new object?[] { 1, "x", null } };
                Check.Equal(2L, ((Dictionary<object, object?>)large.Swap(more)!)["X"]);
            }
        }

        [Test]
        private static void AProgramAddsCodecsOfItsOwn()
        {
            var serializer = new Serializer();
            serializer.Add(new MoneyCodec());
            using (var session = new Session(
                host =>
                {
                    host.Serializer = serializer;
                    host.AddDelegateFactory(type => type == typeof(ITill) ? new Till() : null);
                },
                client => client.Serializer = serializer))
            {
                var till = session.Client.CreateProxy<ITill>();
                Check.Equal(84L, till.Double(Money.Of(42)).Cents);
                Check.Equal(5L, till.Both(new Dictionary<string, Money> { ["a"] = Money.Of(5) })[0].Cents);
            }
        }

        [Test]
        private static void ATypeThatCannotTravelIsRefusedWhenTheProxyIsMade()
        {
            using (Session session = Session.Of<IEcho>(new Echo()))
                Check.Contains(
                    "cannot be sent", Check.Throws<ArgumentException>(() => session.Client.CreateProxy<ITill>()).Message);
        }

        private static string Refusal(Action call) => Check.Throws<ContractMismatchException>(call).Message;

        /// <summary>A session whose sides know different contracts, and do not compare them.</summary>
        private static Session Numbers<T>(T served) where T : class => new Session(
            host =>
            {
                host.AddInterface<T>();
                host.AddDelegateFactory(type => type == typeof(T) ? served : null);
            },
            client => client.Described = false);
    }
}
