using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Callgate;

/// <summary>Plays the scenarios that arrive on standard input.</summary>
internal static class Player
{
    public static void Play(string endpoint)
    {
        while (Console.ReadLine() is string line)
        {
            Dictionary<string, string> fields = line.Split('\t')
                .Select(field => field.Split(new[] { '=' }, 2)).ToDictionary(field => field[0], field => field[1]);
            Console.WriteLine(Outcome(endpoint, fields));
        }
    }

    private static string Outcome(string endpoint, Dictionary<string, string> fields)
    {
        try
        {
            using (var scenario = new Scenario(endpoint, fields))
                Steps.All[fields["steps"]](scenario);
            return $"ok {fields["name"]}";
        }
        catch (Exception failure)
        {
            string why = Regex.Replace($"{failure.GetType().Name}: {failure.Message}", @"\s+", " ");
            return $"failed {fields["name"]}: {why}";
        }
    }
}

/// <summary>Serves ICallback to the host.</summary>
internal sealed class Callback : ICallback
{
    public BlockingCollection<long> Arrivals { get; } = new BlockingCollection<long>();

    public ReconnectingRpcClient? Client { get; set; }

    public long Double(long n) => 2 * n;

    public int Nest(int depth) => depth == 0 ? 0 : 1 + Client!.CreateProxy<IDuplex>().Nest(depth - 1);

    public void Fail(string type, string message) => throw new RemoteException(type, message);

    public void Arrived(long n) => Arrivals.Add(n);
}

/// <summary>The state of a scenario's steps.</summary>
internal sealed class Scenario : IDisposable
{
    private readonly Dictionary<string, string> _fields;

    public Scenario(string endpoint, Dictionary<string, string> fields)
    {
        _fields = fields;
        var builder = new ClientBuilder();
        builder.AddCallbackHandler<ICallback>(Callback);
        builder.AddTypeAlias("Old.", typeof(ICallback));
        if (fields.ContainsKey("timeout_ms"))
            builder.Limits.CallTimeout = TimeSpan.FromMilliseconds(Number("timeout_ms"));
        Callback.Client = Client = builder.Connect(endpoint);
    }

    public Callback Callback { get; } = new Callback();

    public ReconnectingRpcClient Client { get; }

    public string? Field(string name) => _fields.TryGetValue(name, out string? value) ? value : null;

    public int Number(string name) => int.Parse(_fields[name], CultureInfo.InvariantCulture);

    /// <summary>The native value of a MessagePack field.</summary>
    public object? Native(string name)
    {
        string digits = _fields[name];
        byte[] bytes = Enumerable.Range(0, digits.Length / 2)
            .Select(i => byte.Parse(digits.Substring(2 * i, 2), NumberStyles.HexNumber)).ToArray();
        return new Serializer().Decode<object?>(bytes);
    }

    public void Dispose() => Client.Dispose();
}
