using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// A call that an asynchronous method serves, which goes with its task: the parent of the calls that the
    /// method makes, on whatever thread, until it is answered.
    /// </summary>
    internal sealed class ParentCall
    {
        private static readonly AsyncLocal<ParentCall?> s_current = new AsyncLocal<ParentCall?>();

        private readonly object _lock = new object();
        private readonly IntPtr _call;
        private DeferredCallHandle? _deferred;
        private bool _isOver;

        public ParentCall(IntPtr call) => _call = call;

        /// <summary>That of the task that runs here, or null.</summary>
        public static ParentCall? Current
        {
            get => s_current.Value;
            set => s_current.Value = value;
        }

        /// <summary>The call's own handle, by which it is answered later.</summary>
        public DeferredCallHandle Defer()
        {
            IntPtr error = IntPtr.Zero;
            lock (_lock)
                Failures.Check(Defer(ref error), error);
            return _deferred!;
        }

        /// <summary>It is answered, or the thread that it came on is about to answer it.</summary>
        public void End()
        {
            lock (_lock)
                _isOver = true;
            _deferred?.Dispose();
        }

        /// <summary>Has its handle live on for a call that is made now; null when it is over.</summary>
        private DeferredCallHandle? Hold()
        {
            lock (_lock)
            {
                // What the thread that it came on was lent may end before the call that is made now is sent.
                IntPtr error = IntPtr.Zero;
                bool isHeld = false;
                if (!_isOver && Defer(ref error) == 0)
                    _deferred!.DangerousAddRef(ref isHeld);
                Native.callgate_error_free(error);
                return isHeld ? _deferred : null;
            }
        }

        private int Defer(ref IntPtr error) =>
            _deferred != null ? 0 : Native.callgate_call_defer(_call, out _deferred, ref error);

        /// <summary>The use of it for a call that is being made.</summary>
        public readonly struct Use : IDisposable
        {
            private readonly DeferredCallHandle? _held;

            private Use(DeferredCallHandle? held) => _held = held;

            /// <summary>C's handle, or zero where C knows by itself, or there is none.</summary>
            public IntPtr Pointer => _held?.DangerousGetHandle() ?? IntPtr.Zero;

            public static Use Begin()
            {
                ParentCall? parent = Current;
                bool isServedHere = parent == null || parent == IncomingCall.Current?.Parent;
                return new Use(isServedHere ? null : parent!.Hold());
            }

            public void Dispose() => _held?.DangerousRelease();
        }
    }
}
