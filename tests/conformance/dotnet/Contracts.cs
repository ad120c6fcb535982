using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Callgate;

// The interfaces of README.md, which have no namespace.

public interface ICalculator
{
    long Add(long a, long b);
}

public interface IOverloads
{
    long Add(long a, long b);

    string Add(string a, string b);
}

public interface IValues
{
    object? Echo(object? value);

    string Describe(object? value);

    int Int32(int n);

    long Int64(long n);

    ulong UInt64(ulong n);
}

public interface IFaults
{
    void Fail(string type, string message);
}

public interface IJournal
{
    [RpcNonBlocking]
    void Note(long n);

    List<long> Read();
}

public interface IGathering
{
    Task<long> Gather(int count, long n);
}

public interface ISession
{
    void LogIn(string name);

    string WhoAmI();

    void Drop();
}

public interface ISlow
{
    void Wait(CancellationToken cancelled = default);

    void Hold(CancellationToken cancelled = default);

    int Waiting();

    int Cancelled();

    void Meet(int count);
}

public interface IDuplex
{
    long First();

    long Double(long n);

    int Nest(int depth);

    string[] Provoke(string type, string message);

    void Later(long n);
}

public interface IOldDuplex : IDuplex
{
}

public interface ICallback
{
    long Double(long n);

    int Nest(int depth);

    void Fail(string type, string message);

    void Arrived(long n);
}

[InterfaceName("Old.ICallback")]
public interface IOldCallback : ICallback
{
}
