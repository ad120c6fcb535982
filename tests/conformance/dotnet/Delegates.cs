using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Callgate;

internal sealed class Calculator : ICalculator
{
    public long Add(long a, long b) => a + b;
}

internal sealed class Overloads : IOverloads
{
    public long Add(long a, long b) => a + b;

    public string Add(string a, string b) => a + b;
}

internal sealed class Values : IValues
{
    public object? Echo(object? value) => value;

    public string Describe(object? value) => Description.Of(value);

    public int Int32(int n) => n;

    public long Int64(long n) => n;

    public ulong UInt64(ulong n) => n;
}

internal sealed class Faults : IFaults
{
    public void Fail(string type, string message) => throw new RemoteException(type, message);
}

internal sealed class Journal : IJournal
{
    private readonly List<long> _numbers = new List<long>();

    public void Note(long n)
    {
        lock (_numbers)
            _numbers.Add(n);
    }

    public List<long> Read()
    {
        lock (_numbers)
            return new List<long>(_numbers);
    }
}

internal sealed class Session : ISession
{
    private readonly IConnection _connection;
    private volatile string _name = "";

    public Session(IConnection connection) => _connection = connection;

    public void LogIn(string name) => _name = name;

    public string WhoAmI() => _name;

    public void Drop() => _connection.Dispose();
}

internal sealed class Slow : ISlow
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly object _lock = new object();
    private int _waiting;
    private int _cancelled;
    private int _met;

    public void Wait(CancellationToken cancelled)
    {
        DateTime end = DateTime.UtcNow + Patience;
        Interlocked.Increment(ref _waiting);
        while (!cancelled.IsCancellationRequested && !CurrentCall.IsCancelled)
            if (DateTime.UtcNow > end)
                throw new TimeoutException("nobody has cancelled the call");
        Interlocked.Increment(ref _cancelled);
    }

    public void Hold(CancellationToken cancelled)
    {
        Interlocked.Increment(ref _waiting);
        if (!cancelled.WaitHandle.WaitOne(Patience))
            throw new TimeoutException("nobody has cancelled the call");
        Interlocked.Increment(ref _cancelled);
    }

    public int Waiting() => Volatile.Read(ref _waiting);

    public int Cancelled() => Volatile.Read(ref _cancelled);

    public void Meet(int count)
    {
        DateTime end = DateTime.UtcNow + Patience;
        lock (_lock)
        {
            _met++;
            Monitor.PulseAll(_lock);
            while (_met < count)
                if (!Monitor.Wait(_lock, Patience) || DateTime.UtcNow > end)
                    throw new TimeoutException($"only {_met} of {count} have come");
        }
    }
}

internal sealed class Gathering : IGathering
{
    private readonly TaskCompletionSource<bool> _all =
        new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _gathered;

    public async Task<long> Gather(int count, long n)
    {
        if (Interlocked.Increment(ref _gathered) == count)
            _all.SetResult(true);
        await _all.Task;
        return n;
    }
}

internal sealed class Duplex : IOldDuplex
{
    private readonly ICallback _callback;
    private readonly long _first;

    public Duplex(ICallback callback)
    {
        _callback = callback;
        _first = callback.Double(100);
    }

    public long First() => _first;

    public long Double(long n) => _callback.Double(n);

    public int Nest(int depth) => depth == 0 ? 0 : 1 + _callback.Nest(depth - 1);

    public string[] Provoke(string type, string message)
    {
        try
        {
            _callback.Fail(type, message);
        }
        catch (RemoteException error)
        {
            return new[] { error.TypeName, error.Message };
        }
        throw new InvalidOperationException("the callback has not failed");
    }

    public void Later(long n) => new Thread(() => _callback.Arrived(n)).Start();
}
