using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    // The structs of include/callgate.h, field by field. All are blittable.

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeBuffer
    {
        public IntPtr Data;
        public UIntPtr Length;
        public IntPtr Owner;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeErrorParts
    {
        public UIntPtr StructSize;
        public int Status;
        public int Execution;
        public byte* TypeName;
        public byte* Message;
        public UIntPtr MessageLength;
        public byte* Trace;
        public UIntPtr TraceLength;
        public byte* Data;
        public UIntPtr DataLength;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeLimits
    {
        public UIntPtr StructSize;
        public UIntPtr FrameBytes;
        public UIntPtr InboundBytes;
        public UIntPtr HostInboundBytes;
        public UIntPtr InboundCalls;
        public UIntPtr RunningCalls;
        public UIntPtr NestedCalls;
        public UIntPtr NestingDepth;
        public UIntPtr Interfaces;
        public UIntPtr Connections;
        public UIntPtr ConnectionsPerUser;
        public UIntPtr Handshakes;
        public UIntPtr SendQueueBytes;
        public long HandshakeTimeoutMs;
        public long ConnectionTimeoutMs;
        public long CallTimeoutMs;
        public long WriteTimeoutMs;
        public long DrainTimeoutMs;
        public long PingAfterMs;
        public long PingTimeoutMs;
        public long SpinUs;
        public long ReconnectBackoffMinMs;
        public long ReconnectBackoffMaxMs;
        public byte NoParts;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeLogEvent
    {
        public UIntPtr StructSize;
        public int Level;
        public int Status;
        public byte* Target;
        public byte* Message;
        public UIntPtr MessageLength;
        public ulong Connection;
        public byte* PeerUser;
        public long PeerProcessId;
        public byte* Endpoint;
        public byte* InterfaceName;
        public byte* Method;
        public ulong Count;
    }

    /// <summary>callgate_host_options, with which callgate_client_options begins.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeOwnerOptions
    {
        public UIntPtr StructSize;
        public NativeLimits* Limits;
        public IntPtr Log;
        public IntPtr LogUserData;
        public IntPtr LogUserDataFree;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeTrace
    {
        public UIntPtr StructSize;
        public byte* File;
        public ulong Limit;
        public byte Payloads;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeHostOptions
    {
        public NativeOwnerOptions Owner;
        public byte NoHostInterface;
        public NativeTrace* Trace;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeClientOptions
    {
        public NativeOwnerOptions Owner;
        public byte* HostUser;
        public int Verify;
        public byte ShuffleEndpoints;
        public NativeTrace* Trace;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeCallOptions
    {
        public UIntPtr StructSize;
        public long TimeoutMs;
        public byte* Signature;
        public IntPtr Metadata;
        public UIntPtr MetadataCount;
        public IntPtr Cancel;
        public IntPtr Check;
        public IntPtr CheckUserData;
        public IntPtr Parent;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeCallContent
    {
        public byte* Method;
        public byte* Arguments;
        public UIntPtr ArgumentsLength;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeMetadata
    {
        public byte* Key;
        public byte* Value;
        public UIntPtr ValueLength;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeDelegate
    {
        public IntPtr Invoke;
        public IntPtr UserData;
        public IntPtr UserDataFree;
    }
}
