using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A map with counters, as PROTOCOL.md specifies it.</summary>
    internal sealed class CounterValues
    {
        private const long NanosecondsPerTick = 100;

        private readonly Dictionary<object, object?> _values;

        private CounterValues(object? values) => _values = (Dictionary<object, object?>)values!;

        /// <summary>The counters in a buffer of the library, which is freed.</summary>
        public static Counters Read(ref NativeBuffer buffer) =>
            new Counters(new CounterValues(Serializer.Default.Decode<object?>(Take(ref buffer))));

        /// <summary>The text in a buffer of the library, which is freed.</summary>
        public static string ReadText(ref NativeBuffer buffer) => Encoding.UTF8.GetString(Take(ref buffer));

        public long Number(string key) => (long)_values[key]!;

        public CounterValues Map(string key) => new CounterValues(_values[key]);

        public IReadOnlyDictionary<Status, long> Errors(string key) =>
            Map(key)._values.ToDictionary(error => (Status)(long)error.Key, error => (long)error.Value!);

        public IReadOnlyList<LatencyBucket> Buckets(string key) =>
            ((object?[])_values[key]!).Select(bucket => Bucket((object?[])bucket!)).ToArray();

        private static LatencyBucket Bucket(object?[] pair)
        {
            var nanoseconds = (long?)pair[0];
            TimeSpan? bound = nanoseconds == null
                ? (TimeSpan?)null
                : TimeSpan.FromTicks((nanoseconds.Value + NanosecondsPerTick - 1) / NanosecondsPerTick);
            return new LatencyBucket(bound, (long)pair[1]!);
        }

        private static unsafe byte[] Take(ref NativeBuffer buffer)
        {
            var bytes = new byte[checked((int)buffer.Length)];
            Marshal.Copy(buffer.Data, bytes, 0, bytes.Length);
            fixed (NativeBuffer* taken = &buffer)
                Native.callgate_buffer_free(taken);
            return bytes;
        }
    }
}
