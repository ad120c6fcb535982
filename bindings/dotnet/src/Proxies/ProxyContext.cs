using System;
using System.Threading.Tasks;

namespace Callgate
{
    /// <summary>What the proxies of a client or a connection have in common.</summary>
    internal class ProxyContext
    {
        public ProxyContext(Serializer serializer, ExceptionTypes known, Func<string, Exception, Exception>? faulted)
        {
            Serializer = serializer;
            Known = known;
            Faulted = faulted;
        }

        public Serializer Serializer { get; }

        public ExceptionTypes Known { get; }

        /// <summary>Makes what the program wants in place of a ChannelFaultedException; or null.</summary>
        public Func<string, Exception, Exception>? Faulted { get; }

        /// <summary>Whether calls wait for a connection in a way of their own.</summary>
        public virtual bool MustWait => false;

        /// <summary>Waits, or throws what that proxy throws when there is no connection.</summary>
        public virtual void WaitConnected(RemoteObject remote)
        {
        }

        /// <summary>Starts a call once there is a connection, without keeping the caller's thread.</summary>
        public async Task<T> StartConnected<T>(RemoteObject remote, Func<Task<T>> start)
        {
            await Task.Run(() => WaitConnected(remote)).ConfigureAwait(false);
            return await start().ConfigureAwait(false);
        }
    }
}
