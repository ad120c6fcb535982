using System;

namespace Callgate
{
    /// <summary>
    /// What programs use of a client, so that tests can put something else in its place: see
    /// <see cref="ReconnectingRpcClient"/>. Any number of threads may use it.
    /// </summary>
    public interface IRpcClient : IDisposable
    {
        /// <summary>
        /// Makes a proxy of an interface that the host serves. It outlives reconnects. Its methods throw what the
        /// delegate threw, a <see cref="ChannelFaultedException"/>, a <see cref="ContractMismatchException"/>, or,
        /// once the client is disposed, an <see cref="ObjectDisposedException"/>.
        /// </summary>
        /// <param name="initialisation">
        /// A routine, or null. It runs on each new connection before the proxy's first call there, and as soon as
        /// the client is connected again.
        /// </param>
        T CreateProxy<T>(Action<T>? initialisation = null);

        /// <summary>
        /// Makes a proxy that throws that exception in place of a <see cref="ChannelFaultedException"/>. It has a
        /// public constructor that takes (string, Exception), (string) or nothing.
        /// </summary>
        /// <param name="initialisation">A routine, or null, as above.</param>
        T CreateProxy<T, TConnectionFailureExceptionType>(Action<T>? initialisation = null)
            where TConnectionFailureExceptionType : Exception;
    }
}
