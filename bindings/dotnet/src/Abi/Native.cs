using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    /// <summary>The functions of include/callgate.h that the binding uses for errors, calls and values.</summary>
    internal static unsafe partial class Native
    {
        // libcallgate.so or callgate.dll: next to the program, in runtimes/RID/native, or on the loader's path.
        private const string Library = "callgate";

        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        public static extern uint callgate_abi_version();

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_error_status(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_error_execution(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_error_message(IntPtr error, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_error_type_name(IntPtr error, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_error_trace(IntPtr error, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_error_data(IntPtr error, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_error_os_code(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern IntPtr callgate_error_cause(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_error_free(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_error_new(NativeErrorParts* parts, out IntPtr made, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_buffer_free(NativeBuffer* buffer);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_check_value(byte* data, UIntPtr length, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_read_into(
            IntPtr call, byte* space, UIntPtr capacity, NativeCallContent* content, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_call_signature(IntPtr call, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern long callgate_call_time_left_ms(IntPtr call);

        [DllImport(Library, CallingConvention = C)]
        public static extern UIntPtr callgate_call_metadata_count(IntPtr call);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_call_metadata_key(IntPtr call, UIntPtr index, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_call_metadata_value(IntPtr call, UIntPtr index, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        [return: MarshalAs(UnmanagedType.I1)]
        public static extern bool callgate_call_is_cancelled(IntPtr call);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_on_cancelled(
            IntPtr call, IntPtr function, IntPtr userData, IntPtr userDataFree, IntPtr notice, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_reply(IntPtr call, byte* data, UIntPtr length, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_reply(DeferredCallHandle call, byte* data, UIntPtr length, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_fail_with(IntPtr call, IntPtr failure, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_fail_with(DeferredCallHandle call, IntPtr failure, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_fail_no_such_method(IntPtr call, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_call_defer(IntPtr call, out DeferredCallHandle deferred, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_call_free(IntPtr deferred);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_cancel_token_new(out CancelTokenHandle token, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_cancel_token_cancel(CancelTokenHandle token, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_cancel_token_free(IntPtr token);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_call(
            ProxyHandle proxy, byte* method, byte* arguments, UIntPtr length,
            NativeCallOptions* options, NativeBuffer* reply, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_call_into(
            ProxyHandle proxy, byte* method, byte* arguments, UIntPtr length, NativeCallOptions* options,
            byte* space, UIntPtr capacity, NativeBuffer* reply, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_one_way(
            ProxyHandle proxy, byte* method, byte* arguments, UIntPtr length,
            NativeCallOptions* options, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_start(
            ProxyHandle proxy, byte* method, byte* arguments, UIntPtr length, NativeCallOptions* options,
            IntPtr completion, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_describe(
            ProxyHandle proxy, byte* document, UIntPtr length, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_verify(ProxyHandle proxy, NativeCallOptions* options, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_clone(IntPtr proxy, out ProxyHandle clone, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_proxy_free(IntPtr proxy);
    }
}
