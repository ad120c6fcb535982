using System;

namespace Callgate
{
    /// <summary>What the proxies of a client or a connection have in common.</summary>
    internal sealed class ProxyContext
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
    }
}
