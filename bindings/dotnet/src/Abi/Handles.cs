using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    /// <summary>Owns a handle of the C library. Freeing never waits, so finalisers may.</summary>
    internal abstract class OwnedHandle : SafeHandle
    {
        protected OwnedHandle() : base(IntPtr.Zero, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == IntPtr.Zero;
    }

    internal static class OpenHandles
    {
        /// <summary>The handle. Throws an <see cref="ObjectDisposedException"/> if its owner was disposed.</summary>
        public static THandle Open<THandle>(this THandle handle, string owner) where THandle : OwnedHandle =>
            handle.IsClosed ? throw Disposed(owner) : handle;

        public static Exception Disposed(string owner) => new ObjectDisposedException(null, $"The {owner} was disposed.");
    }

    internal sealed class HostHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_host_free(handle);
            return true;
        }
    }

    internal sealed class ClientHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_client_free(handle);
            return true;
        }
    }

    internal sealed class ProxyHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_proxy_free(handle);
            return true;
        }
    }

    internal sealed class ConnectionHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_connection_free(handle);
            return true;
        }
    }

    /// <summary>A call with a deferred reply. If it is freed without one, the caller gets an error.</summary>
    internal sealed class DeferredCallHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_call_free(handle);
            return true;
        }
    }

    internal sealed class CancelTokenHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_cancel_token_free(handle);
            return true;
        }
    }
}
