using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Cancels a C call when a .NET cancellation token is cancelled.</summary>
    internal sealed class CallCancellation : IDisposable
    {
        private readonly CancelTokenHandle _handle;
        private readonly CancellationTokenRegistration _registration;
        private readonly CancellationTokenRegistration _otherRegistration;

        private CallCancellation(CancellationToken token, CancellationToken other)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_cancel_token_new(out _handle, ref error);
            Failures.Check(status, error);
            _registration = Register(token);
            _otherRegistration = Register(other);
        }

        /// <summary>The C cancel token, valid until this object is disposed.</summary>
        public IntPtr Pointer => _handle.DangerousGetHandle();

        /// <summary>Watches both tokens; null if neither can be cancelled.</summary>
        public static CallCancellation? By(CancellationToken token, CancellationToken other) =>
            token.CanBeCanceled || other.CanBeCanceled ? new CallCancellation(token, other) : null;

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
