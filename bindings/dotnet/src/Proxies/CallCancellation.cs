using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Lets cancellation tokens of .NET withdraw a call of C's.</summary>
    internal sealed class Withdrawal : IDisposable
    {
        private readonly CancelTokenHandle _handle;
        private readonly CancellationTokenRegistration _registration;
        private readonly CancellationTokenRegistration _otherRegistration;

        private Withdrawal(CancellationToken token, CancellationToken other)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_cancel_token_new(out _handle, ref error);
            Failures.Check(status, error);
            _registration = Register(token);
            _otherRegistration = Register(other);
        }

        /// <summary>Valid until this is disposed.</summary>
        public IntPtr Pointer => _handle.DangerousGetHandle();

        /// <summary>One for both tokens, or null for such as are never cancelled.</summary>
        public static Withdrawal? By(CancellationToken token, CancellationToken other) =>
            token.CanBeCanceled || other.CanBeCanceled ? new Withdrawal(token, other) : null;

        public void Dispose()
        {
            _registration.Dispose();
            _otherRegistration.Dispose();
            _handle.Dispose();
        }

        private CancellationTokenRegistration Register(CancellationToken token) => token.Register(
            handle => Native.callgate_cancel_token_cancel((CancelTokenHandle)handle!, IntPtr.Zero), _handle);
    }
}
