using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>How many calls took how long, in buckets whose bounds differ by a quarter at most.</summary>
    public sealed class Latencies
    {
        internal Latencies(IReadOnlyList<LatencyBucket> buckets) => Buckets = buckets;

        /// <summary>The buckets that are not empty, the shortest latencies first.</summary>
        public IReadOnlyList<LatencyBucket> Buckets { get; }

        /// <summary>How many latencies were counted.</summary>
        public long Count => Buckets.Sum(bucket => bucket.Count);

        /// <summary>
        /// A time that this share of the latencies did not exceed: 0.99 for the 99th percentile. It is the upper bound of
        /// a bucket, and so at most a quarter too long. Null if there are no latencies, or if it is more than a minute.
        /// </summary>
        public TimeSpan? Quantile(double share)
        {
            double wanted = Math.Max(1, Math.Ceiling(Count * share));
            long passed = 0;
            foreach (LatencyBucket bucket in Buckets)
            {
                passed += bucket.Count;
                if (passed >= wanted)
                    return bucket.UpperBound;
            }
            return null;
        }
    }

    /// <summary>The latencies between two bounds.</summary>
    public readonly struct LatencyBucket
    {
        internal LatencyBucket(TimeSpan? upperBound, long count)
        {
            UpperBound = upperBound;
            Count = count;
        }

        /// <summary>
        /// The upper bound, rounded up to 100 ns, which the bucket does not include. Null: of the bucket for more than a
        /// minute.
        /// </summary>
        public TimeSpan? UpperBound { get; }

        /// <summary>The number of latencies.</summary>
        public long Count { get; }
    }
}
