using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// Where and what a host or client records of what passes on its connections. Without it, the variables
    /// CALLGATE_TRACE and CALLGATE_TRACE_PAYLOADS of the environment decide. Recording never makes the program wait:
    /// what cannot be written in time is left out and counted.
    /// </summary>
    public sealed class ConnectionTrace
    {
        private long _limit;

        /// <summary>
        /// Records in a new file, which only this user may read. "%p" in the name stands for the process id, "%n" for
        /// the number of the recording in this process. For a folder, the name is "callgate-%p-%n.pcapng" in it.
        /// </summary>
        public ConnectionTrace(string file) => File = file ?? throw new ArgumentNullException(nameof(file));

        /// <summary>The name of the file or folder.</summary>
        public string File { get; }

        /// <summary>Whether arguments, results and the data of errors are recorded too.</summary>
        public bool Payloads { get; set; }

        /// <summary>The size of the file, in bytes, at which recording stops. 0 means 64 MiB.</summary>
        public long Limit
        {
            get => _limit;
            set => _limit = value >= 0
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A limit must not be negative.");
        }

        /// <summary>The name for C; null if there is no trace.</summary>
        internal static byte[]? Name(ConnectionTrace? trace) => trace == null ? null : Text.Name(trace.File);

        /// <summary>The setting for C, which borrows the name.</summary>
        internal static unsafe NativeTrace ToNative(ConnectionTrace? trace, byte* file) => new NativeTrace
        {
            StructSize = (UIntPtr)sizeof(NativeTrace),
            File = file,
            Limit = (ulong)(trace?.Limit ?? 0),
            Payloads = trace?.Payloads == true ? (byte)1 : (byte)0,
        };
    }
}
