using System;
using System.Collections.Generic;
using System.Threading;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>The options of calls: <c>options.For(proxy).Method(...)</c>.</summary>
    public sealed class CallOptions
    {
        /// <summary>
        /// How long a call may take, all waiting included; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: no
        /// limit. Null: the <see cref="Limits.CallTimeout"/> of the builder's limits.
        /// </summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>
        /// Text by key, sent with each call; delegates read it from <see cref="CurrentCall.Metadata"/>. At most 256 entries
        /// and 64 KiB together.
        /// </summary>
        public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

        /// <summary>Cancels the calls. A token among a method's arguments cancels its call, too.</summary>
        public CancellationToken Cancel { get; set; }

        /// <summary>
        /// A copy of a proxy whose calls have these options, as they are now. Creating it is cheap. The original proxy
        /// does not change. Disposing one of them disposes both.
        /// </summary>
        public T For<T>(T proxy) where T : class
        {
            switch (proxy)
            {
                case UntypedProxy untyped: return (T)(object)untyped.With(this);
                case ProxyBase typed: return (T)(object)typed.With(this);
                default: throw new ArgumentException($"{proxy} is not a proxy that Callgate created.", nameof(proxy));
            }
        }
    }
}
