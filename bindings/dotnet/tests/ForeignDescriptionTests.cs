using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    /// <summary>Every kind of value that Python has too; described.py has the same interface.</summary>
    [InterfaceName("ICatalogue")]
    public interface ICatalogue
    {
        int Count(int n);

        long Sum(List<long> numbers);

        string? Find(string name, string? otherwise = null);

        byte[] Bytes(byte[] data);

        DateTime Moment(DateTime at);

        double Half(double number);

        float Single(float number);

        decimal Price(decimal price);

        Guid Id(Guid number);

        TimeSpan Span(TimeSpan span);

        Thing Swap(Thing thing);

        ThingKind Which(ThingKind kind);

        Dictionary<string, int> Tally(IDictionary<string, int> all);

        (int, string) Pair((int, string) pair);

        HashSet<string> Tags(ISet<string> tags);

        object? Anything(object? value);

        Task<int> Later(int n);

        [RpcNonBlocking]
        void Note(string line);
    }

    [InterfaceName("ICatalogue")]
    internal interface IOtherCatalogue
    {
        int Count(string n);

        void Note(string line);
    }

    public enum ThingKind
    {
        Small,
        Large,
    }

    public sealed class Thing
    {
        public string Name { get; set; } = "";

        public ThingKind Kind { get; set; }

        public Thing? Next { get; set; }
    }

    /// <summary>Returns what it is given.</summary>
    internal sealed class Catalogue : ICatalogue
    {
        public int Count(int n) => n;

        public long Sum(List<long> numbers) => numbers.Count;

        public string? Find(string name, string? otherwise = null) => name;

        public byte[] Bytes(byte[] data) => data;

        public DateTime Moment(DateTime at) => at;

        public double Half(double number) => number;

        public float Single(float number) => number;

        public decimal Price(decimal price) => price;

        public Guid Id(Guid number) => number;

        public TimeSpan Span(TimeSpan span) => span;

        public Thing Swap(Thing thing) => thing;

        public ThingKind Which(ThingKind kind) => kind;

        public Dictionary<string, int> Tally(IDictionary<string, int> all) => new Dictionary<string, int>(all);

        public (int, string) Pair((int, string) pair) => pair;

        public HashSet<string> Tags(ISet<string> tags) => new HashSet<string>(tags);

        public object? Anything(object? value) => value;

        public Task<int> Later(int n) => Task.FromResult(n);

        public void Note(string line)
        {
        }
    }

    /// <summary>A host that a client in another language compares itself with.</summary>
    internal static class DescribedHost
    {
        public static int Run(string pipe)
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddInterface<ICatalogue>();
            builder.AddDelegateFactory(type => type == typeof(ICatalogue) ? new Catalogue() : null);
            using (builder.Create())
            {
                Console.WriteLine("listening");
                Console.In.ReadToEnd();
            }
            return 0;
        }
    }

    internal static class ForeignDescriptionTests
    {
        [Test]
        private static void PythonAgreesWithDotNet() => Foreign.Beside(
            (_, pipe) => Processes.Start("described-host", pipe),
            (python, pipe) => Check.Equal(
                (0, "this program and the host do not agree on 'ICatalogue': "
                    + "ICatalogue.Count, parameter 1 (n): string here, int32 at the host; "
                    + "ICatalogue.Note: with a reply here, one-way at the host. Build both from the same interface\n"),
                Processes.Finish(Foreign.Python(python, "described.py", "client", pipe))));

        [Test]
        private static void DotNetAgreesWithPython() => Foreign.Beside(
            (python, pipe) => Foreign.Python(python, "described.py", "host", pipe),
            (_, pipe) =>
            {
                using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(pipe))
                {
                    var catalogue = client.CreateProxy<ICatalogue>();
                    Descriptions.Verify(catalogue);
                    Check.Equal(5, catalogue.Count(5));
                    Check.Equal(1.5m, catalogue.Price(1.5m));
                    Check.Equal("two", catalogue.Swap(new Thing { Name = "one", Next = new Thing { Name = "two" } }).Next?.Name);
                    Check.Equal((1, "one"), catalogue.Pair((1, "one")));
                    Check.Equal(ThingKind.Large, catalogue.Which(ThingKind.Large));
                    var refused = Check.Throws<ContractMismatchException>(
                        () => client.CreateProxy<IOtherCatalogue>().Count("five"));
                    Check.Contains("ICatalogue.Count, parameter 1 (n): string here, integer at the host", refused.Message);
                    Check.Contains("ICatalogue.Note: with a reply here, one-way at the host", refused.Message);
                    Check.Equal(Execution.NotRun, refused.Execution);
                }
            });
    }
}
