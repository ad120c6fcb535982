using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    /// <summary>The functions of include/callgate_testing.h.</summary>
    internal static unsafe partial class Native
    {
        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_relay_start(
            byte* listen, byte* host, NativeFaults* faults, out RelayHandle relay, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_relay_endpoint(RelayHandle relay, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_relay_set_faults(RelayHandle relay, NativeFaults* faults, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern ulong callgate_relay_connection_count(RelayHandle relay);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_relay_cut(RelayHandle relay, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_relay_free(IntPtr relay);
    }

    internal sealed class RelayHandle : OwnedHandle
    {
        protected override bool ReleaseHandle()
        {
            Native.callgate_relay_free(handle);
            return true;
        }
    }

    /// <summary>callgate_faults.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeFaults
    {
        public UIntPtr StructSize;
        public ulong Seed;
        public ulong Connections;
        public ulong DelayUs;
        public ulong CutMin;
        public ulong CutMax;
        public ulong SilenceMin;
        public ulong SilenceMax;
        public ulong CorruptMin;
        public ulong CorruptMax;
        public ulong LoseMin;
        public ulong LoseMax;
        public uint Direction;
        public byte ByteWise;
    }
}
