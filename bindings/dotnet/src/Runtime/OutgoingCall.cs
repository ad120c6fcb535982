using System;
using System.ComponentModel;
using System.Threading;

namespace Callgate.Runtime
{
    /// <summary>A call under construction. For generated proxies, not for programs.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public sealed class OutgoingCall
    {
        // Each thread keeps one; a call within a call takes another.
        [ThreadStatic]
        private static OutgoingCall? t_idle;

        private int _next;

        private OutgoingCall()
        {
        }

        internal BoundMethod Method { get; private set; } = null!;

        internal MessageWriter Writer { get; } = new MessageWriter();

        internal MessageReader Reader { get; } = new MessageReader();

        /// <summary>The buffer for a small result.</summary>
        internal byte[] Space { get; } = new byte[512];

        internal CancellationToken Token { get; private set; }

        internal static OutgoingCall Begin(BoundMethod method)
        {
            OutgoingCall call = t_idle ?? new OutgoingCall();
            t_idle = null;
            call.Method = method;
            call._next = 0;
            call.Token = default;
            call.Writer.Reset();
            call.Writer.BeginArray(method.Arguments.Length);
            return call;
        }

        /// <summary>Adds the next argument.</summary>
        public void Add<T>(T value)
        {
            int at = _next++;
            try
            {
                ((Codec<T>)Method.Arguments[at]).Write(Writer, value);
            }
            catch (ContractMismatchException refused)
            {
                throw new ContractMismatchException($"{Method.DescribeArgument(at)}: {refused.Message}");
            }
        }

        /// <summary>Sets the token that cancels the call.</summary>
        public void CancelBy(CancellationToken token) => Token = token;

        internal void End()
        {
            if (Writer.IsKept)
                t_idle = this;
        }
    }
}
