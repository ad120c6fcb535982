using System;

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

        /// <summary>How long calls wait for a connection, where the program has chosen that; else the core waits.</summary>
        public virtual int? ConnectionTimeoutMs => null;

        /// <summary>Waits for a connection so long, or throws.</summary>
        public virtual void WaitConnected(Withdrawal? withdrawal)
        {
        }
    }
}
