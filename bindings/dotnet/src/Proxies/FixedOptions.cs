using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The options of calls as C represents them. Immutable.</summary>
    internal sealed unsafe class FixedOptions
    {
        private readonly NativeMetadata* _metadata;
        private readonly int _count;
        private readonly long _timeoutMs;

        public FixedOptions(CallOptions options)
        {
            _timeoutMs = Timeouts.ToNative(options.Timeout);
            Cancel = options.Cancel;
            var entries = options.Metadata.Select(
                entry => new KeyValuePair<byte[], byte[]>(Text.Name(entry.Key), Text.Bytes(entry.Value))).ToArray();
            if (entries.Length == 0)
            {
                GC.SuppressFinalize(this);
                return;
            }
            int head = entries.Length * sizeof(NativeMetadata);
            _metadata = (NativeMetadata*)Marshal.AllocHGlobal(head + entries.Sum(entry => entry.Key.Length + entry.Value.Length));
            byte* free = (byte*)_metadata + head;
            foreach (KeyValuePair<byte[], byte[]> entry in entries)
            {
                ref NativeMetadata placed = ref _metadata[_count++];
                placed.Key = Put(entry.Key, ref free);
                placed.Value = Put(entry.Value, ref free);
                placed.ValueLength = (UIntPtr)entry.Value.Length;
            }
        }

        ~FixedOptions() => Marshal.FreeHGlobal((IntPtr)_metadata);

        public CancellationToken Cancel { get; }

        /// <summary>Copies them to C options, which are valid as long as this object is alive.</summary>
        public void PutInto(ref NativeCallOptions options)
        {
            options.TimeoutMs = _timeoutMs;
            options.Metadata = (IntPtr)_metadata;
            options.MetadataCount = (UIntPtr)_count;
        }

        private static byte* Put(byte[] bytes, ref byte* free)
        {
            byte* at = free;
            Marshal.Copy(bytes, 0, (IntPtr)at, bytes.Length);
            free += bytes.Length;
            return at;
        }
    }
}
