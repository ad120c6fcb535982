using System;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// The call that this thread is serving. It is available until the delegate's method returns; in an asynchronous
    /// method, until its first await. Elsewhere the members throw an <see cref="InvalidOperationException"/>.
    /// </summary>
    public static unsafe class CurrentCall
    {
        /// <summary>The metadata that the caller sent.</summary>
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

        /// <summary>How long the caller will still wait; null if it waits without limit.</summary>
        public static TimeSpan? TimeLeft
        {
            get
            {
                long left = Native.callgate_call_time_left_ms(Handle);
                return left == -1 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(Math.Max(0, left));
            }
        }

        /// <summary>
        /// Whether the caller no longer waits: it cancelled the call, the deadline passed, or the connection ended. The
        /// method may then stop early: the caller gets an exception, never its result.
        /// </summary>
        public static bool IsCancelled => Native.callgate_call_is_cancelled(Handle);

        private static IntPtr Handle =>
            IncomingCall.Current?.Handle ?? throw new InvalidOperationException(
                "This thread is serving no call: use CurrentCall in a delegate's method, before its first await.");
    }
}
