using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;

namespace Callgate.Tests
{
    public enum Colour : byte
    {
        Red = 1,
        Blue = 200,
    }

    public sealed class Node
    {
        public string? Label { get; set; }

        public int Weight = 7;

        public List<Node>? Children { get; set; }

        public Node? Parent { get; set; }

        public int OnlyRead => 1;
    }

    /// <summary>Like a record: without setters.</summary>
    public sealed class Point
    {
        public Point(int x, int y)
        {
            X = x;
            Y = y;
        }

        public int X { get; }

        public int Y { get; }
    }

    public struct Size
    {
        public int Width { get; set; }

        public int Height;
    }

    /// <summary>Like a one-line record of C# 9, plus a property with a setter.</summary>
    public sealed class Order
    {
        public Order(int id, Uri? link = null, DateTime made = default)
        {
            Made = made;
            Id = id;
            Link = link;
        }

        public int Id { get; }

        public Uri? Link { get; }

        public DateTime Made { get; }

        public Version? Version { get; set; }
    }

    public sealed class Names : List<string>
    {
    }

    public interface IEcho
    {
        (sbyte, byte, short, ushort, int, uint, long, ulong) Integers((sbyte, byte, short, ushort, int, uint, long, ulong) all);

        Tuple<bool, char, float, double, decimal> Scalars(Tuple<bool, char, float, double, decimal> all);

        DateTime Moment(DateTime value);

        DateTimeOffset Offset(DateTimeOffset value);

        TimeSpan Span(TimeSpan value);

        Guid Id(Guid value);

        byte[]? Bytes(byte[]? value);

        string? Text(string? value);

        Colour? Maybe(Colour? value);

        List<int[]> Lists(List<int[]> value);

        IReadOnlyList<string> Interfaces(IEnumerable<string> value);

        Dictionary<string, Point?> Map(IDictionary<string, Point?> value);

        HashSet<long> Set(ISet<long> value);

        Node Tree(Node value);

        Size Struct(Size value);

        object? Any(object? value);
    }

    internal sealed class Echo : IEcho
    {
        public (sbyte, byte, short, ushort, int, uint, long, ulong) Integers((sbyte, byte, short, ushort, int, uint, long, ulong) all) => all;

        public Tuple<bool, char, float, double, decimal> Scalars(Tuple<bool, char, float, double, decimal> all) => all;

        public DateTime Moment(DateTime value) => value;

        public DateTimeOffset Offset(DateTimeOffset value) => value;

        public TimeSpan Span(TimeSpan value) => value;

        public Guid Id(Guid value) => value;

        public byte[]? Bytes(byte[]? value) => value;

        public string? Text(string? value) => value;

        public Colour? Maybe(Colour? value) => value;

        public List<int[]> Lists(List<int[]> value) => value;

        public IReadOnlyList<string> Interfaces(IEnumerable<string> value) => value.ToList();

        public Dictionary<string, Point?> Map(IDictionary<string, Point?> value) => new Dictionary<string, Point?>(value);

        public HashSet<long> Set(ISet<long> value) => new HashSet<long>(value);

        public Node Tree(Node value) => value;

        public Size Struct(Size value) => value;

        public object? Any(object? value) => value;
    }

    internal static class ValueTests
    {
        [Test]
        private static void ScalarsGoBothWays() => With(echo =>
        {
            var least = (sbyte.MinValue, byte.MinValue, short.MinValue, ushort.MinValue, int.MinValue, uint.MinValue, long.MinValue, ulong.MinValue);
            var most = (sbyte.MaxValue, byte.MaxValue, short.MaxValue, ushort.MaxValue, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue);
            Check.Equal(least, echo.Integers(least));
            Check.Equal(most, echo.Integers(most));
            var scalars = Tuple.Create(true, 'é', 1.5f, double.MaxValue, decimal.MaxValue);
            Check.Equal(scalars, echo.Scalars(scalars));
            var moment = new DateTime(1969, 12, 31, 23, 59, 58, DateTimeKind.Utc).AddTicks(1234567);
            foreach (DateTime each in new[] { moment, DateTime.MinValue, DateTime.MaxValue, new DateTime(2500, 1, 1) })
                Check.Equal(DateTime.SpecifyKind(each, DateTimeKind.Utc), echo.Moment(DateTime.SpecifyKind(each, DateTimeKind.Utc)));
            Check.Equal(DateTimeKind.Utc, echo.Moment(DateTime.Now).Kind);
            var offset = new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90));
            Check.Equal(offset, echo.Offset(offset));
            Check.Equal(offset.Offset, echo.Offset(offset).Offset);
            Check.Equal(TimeSpan.FromTicks(-1), echo.Span(TimeSpan.FromTicks(-1)));
            var id = Guid.NewGuid();
            Check.Equal(id, echo.Id(id));
        });

        [Test]
        private static void TextAndBytesOfAnyLength() => With(echo =>
        {
            foreach (int length in new[] { 0, 1, 31, 32, 255, 256, 65535, 65536, 3_000_000 })
            {
                Check.Equal(new string('é', length), echo.Text(new string('é', length)));
                Check.Same(new byte[length], echo.Bytes(new byte[length])!);
            }
            Check.Equal("a\0😀", echo.Text("a\0😀"));
            Check.Equal(null, echo.Text(null));
            Check.Equal(null, echo.Bytes(null));
            Check.Contains("surrogate", Check.Throws<ContractMismatchException>(() => echo.Text("\ud800")).Message);
        });

        [Test]
        private static void CollectionsAndObjects() => With(echo =>
        {
            Check.Equal(Colour.Blue, echo.Maybe(Colour.Blue));
            Check.Equal(null, echo.Maybe(null));
            Check.Same(new[] { 1, 2 }, echo.Lists(new List<int[]> { new[] { 1, 2 } })[0]);
            Check.Same(new[] { "a", "b" }, echo.Interfaces(new[] { "a", "b" }.Where(_ => true)));
            var map = echo.Map(new Dictionary<string, Point?> { ["p"] = new Point(1, -2), ["none"] = null });
            Check.Equal((1, -2, true), (map["p"]!.X, map["p"]!.Y, map["none"] == null));
            Check.Same(new long[] { 1, 2 }, echo.Set(new HashSet<long> { 1, 2 }).OrderBy(n => n));
            Node tree = echo.Tree(new Node { Label = "root", Weight = 1, Children = new List<Node> { new Node() } });
            Check.Equal(("root", 1, 7), (tree.Label, tree.Weight, tree.Children![0].Weight));
            Check.Equal((3, 4), (echo.Struct(new Size { Width = 3, Height = 4 }).Width, echo.Struct(new Size { Height = 4 }).Height));
        });

        [Test]
        private static void CollectionsOfEveryKindAreMadeOfTheirElements()
        {
            Kept<SortedSet<int>, int>(new SortedSet<int> { 2, 1 });
            Kept<Names, string>(new Names { "a", "b" });
            Kept<Collection<int>, int>(new Collection<int> { 1 });
            Kept<LinkedList<int>, int>(new LinkedList<int>(new[] { 1, 2 }));
            Kept<ReadOnlyCollection<int>, int>(new ReadOnlyCollection<int>(new[] { 1, 2 }));
            Kept<Queue<int>, int>(new Queue<int>(new[] { 1, 2 }));
            Kept<IReadOnlyCollection<int>, int>(new[] { 1, 2 });
            Kept<ICollection<Colour>, Colour>(new[] { Colour.Red, Colour.Blue });
            Kept<SortedDictionary<int, string>, KeyValuePair<int, string>>(new SortedDictionary<int, string> { [2] = "b", [1] = "a" });
            Kept<ConcurrentDictionary<string, int>, KeyValuePair<string, int>>(new ConcurrentDictionary<string, int> { ["a"] = 1 });
            Kept<IReadOnlyDictionary<Guid, int>, KeyValuePair<Guid, int>>(new Dictionary<Guid, int> { [Guid.Empty] = 1 });
            Kept<List<KeyValuePair<int, int>>, KeyValuePair<int, int>>(new List<KeyValuePair<int, int>> { new KeyValuePair<int, int>(1, 2) });
            var refused = Check.Throws<ArgumentException>(() => new Serializer().Encode(new Stack<int>()));
            Check.Contains("cannot be created from its elements", refused.Message);
            refused = Check.Throws<ArgumentException>(() => new Serializer().Encode(new System.Collections.ArrayList()));
            Check.Contains("without an element type", refused.Message);
            refused = Check.Throws<ArgumentException>(() => new Serializer().Encode(new int[1, 1]));
            Check.Contains("one dimension", refused.Message);
        }

        [Test]
        private static void RecordsLinksAndVersions()
        {
            var serializer = new Serializer();
            var order = serializer.Decode<Order>(serializer.Encode(
                new Order(7, new Uri("https://example.org/a?b=ü")) { Version = new Version(1, 2, 3) }));
            Check.Equal((7, "https://example.org/a?b=ü"), (order.Id, order.Link!.OriginalString));
            Check.Equal(new Version(1, 2, 3), order.Version);
            byte[] early = serializer.Encode(new Dictionary<string, int> { ["Id"] = 8 });
            Check.Equal((8, (Uri?)null), (serializer.Decode<Order>(early).Id, serializer.Decode<Order>(early).Link));
            Check.Contains("Point.X is missing", Check.Throws<ContractMismatchException>(
                () => serializer.Decode<Point>(early)).Message);
            Check.Equal(new Uri("rel/ative", UriKind.Relative), serializer.Decode<Uri>(serializer.Encode("rel/ative")));
            Check.Equal(null, serializer.Decode<Version?>(serializer.Encode<object?>(null)));
            Check.Contains("expected a version", Check.Throws<ContractMismatchException>(
                () => serializer.Decode<Version>(serializer.Encode("one"))).Message);
            var beyond = (DateTime.MinValue, -600);
            Check.Throws<ContractMismatchException>(() => serializer.Decode<DateTimeOffset>(serializer.Encode(beyond)));
        }

        private static void Kept<T, TElement>(T value) where T : IEnumerable<TElement>
        {
            var serializer = new Serializer();
            Check.Same(value, serializer.Decode<T>(serializer.Encode(value)));
        }

        [Test]
        private static void AnyValueIsReadAsThePlainestThatHoldsIt() => With(echo =>
        {
            foreach (object? value in new object?[] { null, true, -5L, ulong.MaxValue, 1.25, "text" })
                Check.Equal(value, echo.Any(value));
            Check.Equal(5L, echo.Any((byte)5));
            Check.Same(new object?[] { 1L, null }, (object?[])echo.Any(new object?[] { 1, null })!);
            var map = (Dictionary<object, object?>)echo.Any(new Size { Width = 2 })!;
            Check.Equal(2L, map["Width"]);
        });

        [Test]
        private static void WhatHoldsItselfIsRefused() => With(echo =>
        {
            var node = new Node();
            node.Parent = node;
            Check.Contains("nests deeper", Check.Throws<ContractMismatchException>(() => echo.Tree(node)).Message);
        });

        private static void With(Action<IEcho> test)
        {
            using (Session session = Session.Of<IEcho>(new Echo()))
                test(session.Client.CreateProxy<IEcho>());
        }
    }
}
