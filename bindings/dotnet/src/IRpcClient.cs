using System;

namespace Callgate
{
    /// <summary>
    /// The interface of <see cref="ReconnectingRpcClient"/>, for programs whose tests replace it. Any number of threads
    /// may use a client.
    /// </summary>
    public interface IRpcClient : IDisposable
    {
        /// <summary>
        /// Creates a proxy of an interface of the host. It outlives reconnects. Its methods throw the exceptions of the
        /// delegate, a <see cref="ChannelFaultedException"/>, a <see cref="ContractMismatchException"/>, or, after the
        /// client was disposed, an <see cref="ObjectDisposedException"/>.
        /// </summary>
        /// <param name="initialisation">
        /// A routine that is called with the proxy on each new connection, before the proxy's first call or as soon as
        /// the client has reconnected; or null. Calls wait for it, except its own. If it throws, the waiting calls throw
        /// an <see cref="InitialisationFailedException"/>, and it runs again after growing pauses.
        /// </param>
        T CreateProxy<T>(Action<T>? initialisation = null);

        /// <summary>
        /// Creates a proxy whose calls throw this exception instead of a <see cref="ChannelFaultedException"/>. The
        /// exception needs a public constructor that takes (string, Exception), (string) or nothing.
        /// </summary>
        /// <param name="initialisation">An initialisation routine, or null; see the other overload.</param>
        T CreateProxy<T, TConnectionFailureExceptionType>(Action<T>? initialisation = null)
            where TConnectionFailureExceptionType : Exception;
    }
}
