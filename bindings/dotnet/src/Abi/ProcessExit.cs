using System;
using System.Threading;

namespace Callgate
{
    /// <summary>
    /// Holds back what Callgate's threads would still begin in a runtime that is ending. Those threads end
    /// with the process; to return an error instead would only make the peers try again.
    /// </summary>
    internal static class ProcessExit
    {
        private static volatile bool s_isExiting;

        static ProcessExit() => AppDomain.CurrentDomain.ProcessExit += (_, __) => s_isExiting = true;

        /// <summary>To be called first in each callback that runs the program's code.</summary>
        public static void Pass()
        {
            if (s_isExiting)
                Thread.Sleep(Timeout.Infinite);
        }
    }
}
