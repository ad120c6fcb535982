using System;

namespace Callgate
{
    /// <summary>Connects, and connects again, to one host until it is disposed. Any number of threads may use it.</summary>
    public interface IRpcClient : IDisposable
    {
        /// <summary>
        /// How long calls made from now on wait for a connection, in milliseconds; -1: without limit. It is 6000
        /// unless the builder's limits say otherwise. The timeout of a call, 30 s by default, still ends it.
        /// </summary>
        int ConnectionTimeoutMs { get; set; }

        /// <summary>How many connections it has had.</summary>
        long ConnectionRefreshCount { get; }

        /// <summary>
        /// A proxy of a public interface of the host's, which outlives reconnects. Its methods throw what the
        /// delegate threw, a <see cref="ChannelFaultedException"/>, or a <see cref="ContractMismatchException"/>.
        /// </summary>
        T CreateProxy<T>();

        /// <summary>
        /// Likewise, with a routine that runs on each new connection before the proxy's first call there, and as
        /// soon as the client is connected again.
        /// </summary>
        T CreateProxy<T>(Action<T> initialisationRoutine);

        /// <summary>A proxy that throws that exception in place of a <see cref="ChannelFaultedException"/>.</summary>
        T CreateProxy<T, TException>() where TException : Exception;

        /// <summary>Both.</summary>
        T CreateProxy<T, TException>(Action<T> initialisationRoutine) where TException : Exception;

        /// <summary>A proxy of an interface of which only the name is known.</summary>
        UntypedProxy CreateProxy(string interfaceName);

        /// <summary>Waits for a connection: so long, or as calls do. Throws when there is none.</summary>
        void WaitConnected(TimeSpan? timeout = null);

        /// <summary>Waits until the one-way calls made by now were sent.</summary>
        void Flush(TimeSpan? timeout = null);
    }
}
