using System.Threading;
using System.Threading.Tasks;
using Callgate;

// The interfaces of README.md, which have no namespace.

public interface IWork
{
    ulong Run(ulong id, ulong check);

    [RpcNonBlocking]
    void Tell(ulong id, ulong check);

    byte[] Echo(ulong id, ulong check, byte[] data);

    ulong Back(ulong id, ulong check, ulong depth);

    ulong Deeper(ulong depth);

    ulong Slow(ulong id, ulong check, CancellationToken cancelled = default);
}

public interface IOrdered
{
    Task<ulong> Run(ulong id, ulong check);

    [RpcNonBlocking]
    void Tell(ulong id, ulong check);
}

public interface ICallback
{
    ulong Again(ulong depth);
}
