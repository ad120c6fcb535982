using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    // The callbacks of include/callgate.h. C does not keep a delegate alive: each is created once, in a static field,
    // and finds its object by user_data.

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void FreeCallback(IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate void LogCallback(IntPtr userData, NativeLogEvent* logEvent);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void InvokeCallback(IntPtr userData, IntPtr call);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate int FactoryCallback(
        IntPtr userData, byte* interfaceName, IntPtr connection, NativeDelegate* made, IntPtr* error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate int DuplexFactoryCallback(
        IntPtr userData, IntPtr connection, IntPtr callback, NativeDelegate* made, IntPtr* error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void CancelledCallback(IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ConnectedCallback(IntPtr userData, IntPtr connection);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void DisconnectedCallback(IntPtr userData, IntPtr connection, IntPtr reason);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate void CompletionCallback(
        IntPtr userData, int status, NativeBuffer* reply, IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate int InitialiseCallback(IntPtr userData, IntPtr proxy, IntPtr* error);

    /// <summary>A static callback, and its pointer for C.</summary>
    internal readonly struct Trampoline<TCallback> where TCallback : Delegate
    {
        private readonly TCallback _kept;

        public Trampoline(TCallback callback)
        {
            _kept = callback;
            Pointer = Marshal.GetFunctionPointerForDelegate(_kept);
        }

        public IntPtr Pointer { get; }
    }

    /// <summary>The objects that user_data refers to, kept alive until C releases them.</summary>
    internal static class UserData
    {
        private static readonly Trampoline<FreeCallback> Releasing = new Trampoline<FreeCallback>(Release);

        /// <summary>The callback that releases an object.</summary>
        public static IntPtr Free => Releasing.Pointer;

        /// <summary>Keeps an object until C releases it.</summary>
        public static IntPtr Keep(object kept) => GCHandle.ToIntPtr(GCHandle.Alloc(kept));

        /// <summary>The object of a callback's user_data.</summary>
        public static T Get<T>(IntPtr userData) where T : class => (T)GCHandle.FromIntPtr(userData).Target!;

        private static void Release(IntPtr userData) => GCHandle.FromIntPtr(userData).Free();
    }
}
