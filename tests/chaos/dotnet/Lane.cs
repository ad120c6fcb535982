using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Callgate;

/// <summary>A thread that calls: calls of all kinds, one-way calls, or started calls of an ordered interface.</summary>
internal sealed class Lane
{
    public const int Count = 3;

    private const ulong Begun = 0, Ok = 1, Wrong = 5;
    private readonly Record _record;
    private readonly IWork _work;
    private readonly IOrdered _ordered;
    private readonly int _lane;
    private readonly ulong _prefix;
    private ulong _calls;
    private ulong _random;

    public Lane(ReconnectingRpcClient client, Record record, ulong number, int lane, ulong seed)
    {
        _record = record;
        _work = client.CreateProxy<IWork>();
        _ordered = client.CreateProxy<IOrdered>();
        _lane = lane;
        _prefix = number << 40 | (ulong)lane << 36;
        _random = seed ^ _prefix;
    }

    /// <summary>The kinds of calls, as their ids have them.</summary>
    private enum Kind : ulong
    {
        Run, Tell, Echo, Back, Slow, Cancelled, Hasty
    }

    public void Step()
    {
        if (_lane == 0)
            Mixed();
        else if (_lane == 1)
            OneWay();
        else
            Started();
    }

    private void Mixed()
    {
        ulong choice = Below(100);
        if (choice < 4)
            Large();
        else if (choice < 20)
            Back();
        else if (choice < 24)
            Call(Kind.Slow, (id, check) => InTime(Below(60) + 1).Slow(id, check));
        else if (choice < 28)
            Cancelled();
        else if (choice < 36)
            Call(Kind.Hasty, (id, check) => InTime(Below(5) + 1).Run(id, check));
        else
            Call(Kind.Run, _work.Run);
    }

    private void OneWay()
    {
        for (ulong left = Below(16); left > 0; left--)
            Tell(_work.Tell);
        Call(Kind.Run, _work.Run);
    }

    private void Started()
    {
        var started = new List<(ulong Id, Func<ulong> Result)>();
        for (ulong left = Below(6) + 1; left > 0; left--)
        {
            ulong id = Begin(Kind.Run);
            started.Add((id, Start(id)));
            if (Below(3) == 0)
                Tell(_ordered.Tell);
        }
        foreach ((ulong id, Func<ulong> result) in started)
            End(id, () => result() == Record.Check(id));
    }

    /// <summary>Starts a call; what it returns waits for the result.</summary>
    private Func<ulong> Start(ulong id)
    {
        try
        {
            Task<ulong> call = _ordered.Run(id, Record.Check(id));
            return () => call.GetAwaiter().GetResult();
        }
        catch (CallgateException failure)
        {
            return () => throw failure;
        }
    }

    private void Call(Kind kind, Func<ulong, ulong, ulong> call)
    {
        ulong id = Begin(kind);
        End(id, () => call(id, Record.Check(id)) == Record.Check(id));
    }

    private void Tell(Action<ulong, ulong> tell)
    {
        ulong id = Begin(Kind.Tell);
        End(id, () =>
        {
            tell(id, Record.Check(id));
            return true;
        });
    }

    /// <summary>A call that is cancelled soon after it begins.</summary>
    private void Cancelled()
    {
        using (var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(Below(30))))
            Call(Kind.Cancelled, (id, check) => InTime(2000).Slow(id, check, source.Token));
    }

    private void Large()
    {
        ulong id = Begin(Kind.Echo);
        byte[] sent = Enumerable.Range(0, (int)Below(400_000)).Select(i => (byte)((ulong)i * id)).ToArray();
        End(id, () => _work.Echo(id, Record.Check(id), sent).AsSpan().SequenceEqual(sent));
    }

    private void Back()
    {
        ulong id = Begin(Kind.Back), depth = Below(4);
        End(id, () => _work.Back(id, Record.Check(id), depth) == depth);
    }

    private IWork InTime(ulong milliseconds) =>
        new CallOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) }.For(_work);

    private ulong Below(ulong limit)
    {
        unchecked
        {
            _random = _random * 6364136223846793005 + 1442695040888963407;
        }
        return (_random >> 33) % limit;
    }

    /// <summary>Records that a call begins, and returns its id.</summary>
    private ulong Begin(Kind kind)
    {
        ulong id = _prefix | (ulong)kind << 32 | _calls++;
        _record.Note(id, Begun);
        return id;
    }

    /// <summary>Records how a call ends, which is when this function of it returns or throws.</summary>
    private void End(ulong id, Func<bool> returnsWell)
    {
        ulong outcome;
        try
        {
            outcome = returnsWell() ? Ok : Wrong;
        }
        catch (CallgateException failure)
        {
            outcome = Failed(failure.Execution, failure.Status);
        }
        catch (CallCancelledException cancelled)
        {
            outcome = Failed(cancelled.Execution, Status.Cancelled);
        }
        _record.Note(id, outcome);
    }

    private static ulong Failed(Execution execution, Status status)
    {
        ulong outcome = execution == Execution.NotRun ? 2u : execution == Execution.Ran ? 3u : 4u;
        return outcome | (ulong)status << 8;
    }
}
