using System;
using System.Diagnostics;
using System.IO;

namespace Callgate.Suite
{
    /// <summary>A client program's conversation with the suite.</summary>
    internal static class Slices
    {
        /// <summary>
        /// Makes calls, which return whether they succeeded: each line of standard input is a number of calls.
        /// Replies with how long each took, as doubles in microseconds.
        /// </summary>
        public static void Make(Func<bool> call)
        {
            Stream output = Console.OpenStandardOutput();
            output.Write(new[] { (byte)'r', (byte)'e', (byte)'a', (byte)'d', (byte)'y', (byte)'\n' });
            double ticksPerMicrosecond = Stopwatch.Frequency / 1e6;
            while (Console.ReadLine() is string line)
            {
                var latencies = new double[int.Parse(line)];
                for (int i = 0; i < latencies.Length; i++)
                {
                    long begun = Stopwatch.GetTimestamp();
                    bool isRight = call();
                    latencies[i] = (Stopwatch.GetTimestamp() - begun) / ticksPerMicrosecond;
                    if (!isRight)
                        throw new InvalidDataException("something else came back than is right");
                }
                var bytes = new byte[latencies.Length * sizeof(double)];
                Buffer.BlockCopy(latencies, 0, bytes, 0, bytes.Length);
                output.Write(bytes);
                output.Flush();
            }
        }
    }
}
