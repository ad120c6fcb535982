using System;
using System.Collections.Generic;
using System.Threading;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>How calls are made, where that is not as usual: <c>options.For(proxy).Method(...)</c>.</summary>
    public sealed class CallOptions
    {
        /// <summary>
        /// How long a call takes at most, all waiting included; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>:
        /// no limit. Null: as the builder's limits say.
        /// </summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>Text that goes along with each call; delegates read it from <see cref="CurrentCall.Metadata"/>.</summary>
        public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

        /// <summary>Withdraws the calls; a token among a method's arguments does so too.</summary>
        public CancellationToken Cancel { get; set; }

        /// <summary>
        /// A proxy of the same interface that calls with these options, as they are now. It costs little; the
        /// other one stays as it is, and disposing either disposes both.
        /// </summary>
        public T For<T>(T proxy) where T : class
        {
            switch (proxy)
            {
                case UntypedProxy untyped: return (T)(object)untyped.With(this);
                case ProxyBase typed: return (T)(object)typed.With(this);
                default: throw new ArgumentException($"{proxy} is no proxy of Callgate's.", nameof(proxy));
            }
        }
    }
}
