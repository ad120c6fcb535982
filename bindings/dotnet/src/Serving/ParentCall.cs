using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// The call that an asynchronous method serves. It follows the method's task from thread to thread, and is the
    /// parent of the calls that the method makes, until the reply.
    /// </summary>
    internal sealed class ParentCall
    {
        private static readonly AsyncLocal<ParentCall?> s_current = new AsyncLocal<ParentCall?>();

        private readonly object _lock = new object();
        private readonly IntPtr _call;
        private DeferredCallHandle? _deferred;
        private bool _isOver;

        public ParentCall(IntPtr call) => _call = call;

        /// <summary>The parent call of the task that runs here, or null.</summary>
        public static ParentCall? Current
        {
            get => s_current.Value;
            set => s_current.Value = value;
        }

        /// <summary>The call's deferred handle, through which the reply is sent.</summary>
        public DeferredCallHandle Defer()
        {
            IntPtr error = IntPtr.Zero;
            lock (_lock)
                Failures.Check(Defer(ref error), error);
            return _deferred!;
        }

        /// <summary>The reply has been sent, or the thread that the call came on is about to send it.</summary>
        public void End()
        {
            lock (_lock)
                _isOver = true;
            _deferred?.Dispose();
        }

        /// <summary>Keeps the handle alive for a call that is made now. Returns null after the reply.</summary>
        private DeferredCallHandle? Hold()
        {
            lock (_lock)
            {
                // The handle that the serving thread borrows may end before the new call is sent.
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

        /// <summary>The use of a parent call by a call that is being made.</summary>
        public readonly struct Use : IDisposable
        {
            private readonly DeferredCallHandle? _held;

            private Use(DeferredCallHandle? held) => _held = held;

            /// <summary>The C handle; zero if C knows the parent itself, or if there is none.</summary>
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
