using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Lets a cancellation token of .NET withdraw a call of C's.</summary>
    internal sealed class Withdrawal : IDisposable
    {
        private readonly CancelTokenHandle _handle;
        private readonly CancellationTokenRegistration _registration;

        private Withdrawal(CancellationToken token)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_cancel_token_new(out _handle, ref error);
            Failures.Check(status, error);
            _registration = token.Register(
                handle => Native.callgate_cancel_token_cancel((CancelTokenHandle)handle!, IntPtr.Zero), _handle);
        }

        /// <summary>Valid until this is disposed.</summary>
        public IntPtr Pointer => _handle.DangerousGetHandle();

        /// <summary>One for the token, or null for one that is never cancelled.</summary>
        public static Withdrawal? By(CancellationToken token) => token.CanBeCanceled ? new Withdrawal(token) : null;

        public void Dispose()
        {
            _registration.Dispose();
            _handle.Dispose();
        }
    }
}
