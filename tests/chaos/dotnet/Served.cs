using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate;

/// <summary>What the delegates of the host have in common.</summary>
internal abstract class Served
{
    private static long _numbers;
    private readonly Record _record;
    private readonly ulong _number = (ulong)Interlocked.Increment(ref _numbers);

    protected Served(Record record) => _record = record;

    /// <summary>Records that a call runs, unless its id was spoiled on the way.</summary>
    protected ulong Note(ulong id, ulong check)
    {
        if (check != Record.Check(id))
            throw new RemoteException("Spoiled", "the id and its check do not match");
        _record.Note(id, _number);
        return check;
    }
}

/// <summary>Serves IWork to one connection.</summary>
internal sealed class Work : Served, IWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ICallback _callback;

    public Work(Record record, ICallback callback) : base(record) => _callback = callback;

    public ulong Run(ulong id, ulong check) => Note(id, check);

    public void Tell(ulong id, ulong check) => Note(id, check);

    public byte[] Echo(ulong id, ulong check, byte[] data)
    {
        Note(id, check);
        return data;
    }

    public ulong Back(ulong id, ulong check, ulong depth)
    {
        Note(id, check);
        return _callback.Again(depth);
    }

    public ulong Deeper(ulong depth) => depth == 0 ? 0 : 1 + _callback.Again(depth - 1);

    public ulong Slow(ulong id, ulong check, CancellationToken cancelled)
    {
        Note(id, check);
        cancelled.WaitHandle.WaitOne(Patience);
        return check;
    }
}

/// <summary>Serves IOrdered to one connection.</summary>
internal sealed class Ordered : Served, IOrdered
{
    public Ordered(Record record) : base(record)
    {
    }

    public Task<ulong> Run(ulong id, ulong check) => Task.FromResult(Note(id, check));

    public void Tell(ulong id, ulong check) => Note(id, check);
}

/// <summary>Serves ICallback, which calls back in turn.</summary>
internal sealed class Callback : ICallback
{
    public ReconnectingRpcClient? Client { get; set; }

    public ulong Again(ulong depth) => depth == 0 ? 0 : 1 + Client!.CreateProxy<IWork>().Deeper(depth - 1);
}
