using System.Diagnostics;

namespace Callgate
{
    /// <summary>Lets a few lines of one kind pass in each second, and counts the others, as the core does.</summary>
    internal sealed class LineThrottle
    {
        private const int Lines = 10;

        private readonly Stopwatch _second = Stopwatch.StartNew();
        private int _passed;
        private long _leftOut;

        /// <summary>Whether a line passes; if so, returns how many were left out before it.</summary>
        public bool Passes(out long leftOut)
        {
            lock (_second)
            {
                if (_second.ElapsedMilliseconds >= 1000)
                {
                    _second.Restart();
                    _passed = 0;
                }
                bool passes = _passed < Lines;
                leftOut = passes ? _leftOut : 0;
                _leftOut = passes ? 0 : _leftOut + 1;
                _passed += passes ? 1 : 0;
                return passes;
            }
        }
    }
}
