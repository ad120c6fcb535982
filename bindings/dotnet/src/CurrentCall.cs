using System;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// The call that a delegate's method is serving, on the thread that called the method and until it
    /// returns: an asynchronous method asks before it first awaits. Elsewhere there is none, and asking
    /// throws an <see cref="InvalidOperationException"/>.
    /// </summary>
    public static unsafe class CurrentCall
    {
        /// <summary>The text that came along with the call.</summary>
        public static IReadOnlyDictionary<string, string> Metadata
        {
            get
            {
                IntPtr call = Handle;
                var read = new Dictionary<string, string>();
                int count = (int)Native.callgate_call_metadata_count(call);
                for (int i = 0; i < count; i++)
                {
                    string key = Text.Read(Native.callgate_call_metadata_key(call, (UIntPtr)i, out UIntPtr length), length);
                    read[key] = Text.Read(Native.callgate_call_metadata_value(call, (UIntPtr)i, out length), length);
                }
                return read;
            }
        }

        /// <summary>How long the caller still waits; null: for ever.</summary>
        public static TimeSpan? TimeLeft
        {
            get
            {
                long left = Native.callgate_call_time_left_ms(Handle);
                return left == -1 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(Math.Max(0, left));
            }
        }

        /// <summary>
        /// Whether nobody waits for the answer any more. Then the caller gets no result any more, whatever the
        /// delegate returns.
        /// </summary>
        public static bool IsCancelled => Native.callgate_call_is_cancelled(Handle);

        private static IntPtr Handle =>
            IncomingCall.Current?.Handle ?? throw new InvalidOperationException("This thread is serving no call.");
    }
}
