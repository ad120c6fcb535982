using System;
using System.Runtime.InteropServices;

namespace Callgate.Abi
{
    /// <summary>The functions of hosts, clients and connections.</summary>
    internal static unsafe partial class Native
    {
        [DllImport(Library, CallingConvention = C)]
        public static extern ulong callgate_connection_id(IntPtr connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern ulong callgate_connection_generation(IntPtr connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern ulong callgate_connection_generation(ConnectionHandle connection);

        [DllImport(Library, CallingConvention = C)]
        [return: MarshalAs(UnmanagedType.I1)]
        public static extern bool callgate_connection_is_open(ConnectionHandle connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_user(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_user_name(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern long callgate_connection_peer_uid(ConnectionHandle connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern long callgate_connection_peer_pid(ConnectionHandle connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_key(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_common_name(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_names(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_connection_peer_address(ConnectionHandle connection, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_connection_close(ConnectionHandle connection, IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_connection_clone(IntPtr connection, out ConnectionHandle clone, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_connection_free(IntPtr connection);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_connection_proxy(
            ConnectionHandle connection, byte* interfaceName, out ProxyHandle proxy, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_new(NativeHostOptions* options, out HostHandle host, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_endpoint(HostHandle host, byte* endpoint, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_delegate_factory(
            HostHandle host, IntPtr factory, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_duplex_delegate_factory(
            HostHandle host, byte* interfaceName, byte* callbackName,
            IntPtr factory, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_description(
            HostHandle host, byte* document, UIntPtr length, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_ordered_interface(HostHandle host, byte* name, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_interface_alias(
            HostHandle host, byte* prefix, byte* interfaceName, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_client_connected_handler(
            HostHandle host, IntPtr handler, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_add_client_disconnected_handler(
            HostHandle host, IntPtr handler, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_start(HostHandle host, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern UIntPtr callgate_host_endpoint_count(HostHandle host);

        [DllImport(Library, CallingConvention = C)]
        public static extern byte* callgate_host_endpoint(HostHandle host, UIntPtr index, out UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_counters(HostHandle host, out NativeBuffer text, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_counter_values(
            HostHandle host, out NativeBuffer values, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_host_close(HostHandle host, long timeoutMs, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_host_free(IntPtr host);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_new(
            byte* endpoint, NativeClientOptions* options, out ClientHandle client, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_add_interface_alias(
            ClientHandle client, byte* prefix, byte* interfaceName, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_add_delegate_factory(
            ClientHandle client, IntPtr factory, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_add_connected_handler(
            ClientHandle client, IntPtr handler, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_add_reconnected_handler(
            ClientHandle client, IntPtr handler, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_add_disconnected_handler(
            ClientHandle client, IntPtr handler, IntPtr userData, IntPtr userDataFree, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_start(ClientHandle client, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_wait_connected(ClientHandle client, long timeoutMs, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_set_connection_timeout(
            ClientHandle client, long timeoutMs, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_connection(
            ClientHandle client, out ConnectionHandle connection, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_flush(ClientHandle client, long timeoutMs, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_counters(ClientHandle client, out NativeBuffer text, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_counter_values(
            ClientHandle client, out NativeBuffer values, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_client_close(ClientHandle client, long timeoutMs, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern void callgate_client_free(IntPtr client);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_new(
            ClientHandle client, byte* interfaceName, out ProxyHandle proxy, ref IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        public static extern int callgate_proxy_new_initialised(
            ClientHandle client, byte* interfaceName, IntPtr routine, IntPtr userData, IntPtr userDataFree,
            out ProxyHandle proxy, ref IntPtr error);
    }
}
