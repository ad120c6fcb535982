using System;
using Callgate.Abi;

namespace Callgate.Testing
{
    /// <summary>
    /// For the tests of programs: listens on an endpoint, and forwards each connection to a host, with faults. Clients connect
    /// to the relay in place of the host. The host sees the relay's process as its peer.
    /// </summary>
    public sealed unsafe class FaultyRelay : IDisposable
    {
        private readonly RelayHandle _handle;

        /// <summary>
        /// Starts to listen. The host may start later: until then connections end at once.
        /// </summary>
        /// <param name="listen">The endpoint for clients, e.g. <c>pipe://bad-line</c>.</param>
        /// <param name="host">The endpoint of the host.</param>
        /// <param name="faults">The faults; null means none.</param>
        public FaultyRelay(string listen, string host, Faults? faults = null)
        {
            NativeFaults given = (faults ?? new Faults()).ToNative();
            IntPtr error = IntPtr.Zero;
            fixed (byte* listenName = Text.Name(listen), hostName = Text.Name(host))
                Failures.Check(Native.callgate_relay_start(listenName, hostName, &given, out _handle, ref error), error);
            Endpoint = Text.Read(Native.callgate_relay_endpoint(_handle, out UIntPtr length), length);
        }

        /// <summary>The endpoint for clients, with the port that the system chose.</summary>
        public string Endpoint { get; }

        /// <summary>How many connections were accepted so far.</summary>
        public long Connections => (long)Native.callgate_relay_connection_count(_handle.Open("relay"));

        /// <summary>Sets the faults of the connections that are accepted from now on; null means none.</summary>
        public void SetFaults(Faults? faults)
        {
            NativeFaults given = (faults ?? new Faults()).ToNative();
            IntPtr error = IntPtr.Zero;
            Failures.Check(Native.callgate_relay_set_faults(_handle.Open("relay"), &given, ref error), error);
        }

        /// <summary>Cuts the connections that are open.</summary>
        public void Cut()
        {
            IntPtr error = IntPtr.Zero;
            Failures.Check(Native.callgate_relay_cut(_handle.Open("relay"), ref error), error);
        }

        /// <summary>Stops listening, and cuts the connections.</summary>
        public void Dispose() => _handle.Dispose();
    }
}
