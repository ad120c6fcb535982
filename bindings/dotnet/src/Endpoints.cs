using System;
using System.Net;
using System.Net.Sockets;

namespace Callgate
{
    /// <summary>An endpoint that a host listens on.</summary>
    public interface IEndpoint
    {
        /// <summary>The endpoint as text: "pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port".</summary>
        string Address { get; }
    }

    /// <summary>
    /// A named pipe, accessible to the user who runs the host, and to root. On Linux it is a Unix socket in the user's
    /// private folder.
    /// </summary>
    public class NamedPipeEndpoint : IEndpoint
    {
        /// <summary>Creates the endpoint of a pipe.</summary>
        public NamedPipeEndpoint(string pipeName) => Address = AddressOf(pipeName);

        /// <inheritdoc/>
        public string Address { get; }

        internal static string AddressOf(string pipeName) =>
            "pipe://" + (pipeName ?? throw new ArgumentNullException(nameof(pipeName)));
    }

    /// <summary>A TCP port. Every program that can connect to it can call the host.</summary>
    public class TcpEndpoint : IEndpoint
    {
        /// <summary>Creates the endpoint of a port on the loopback address; port 0 lets the system choose.</summary>
        public TcpEndpoint(int port) : this(IPAddress.Loopback, port)
        {
        }

        /// <summary>Creates the endpoint of a port on a loopback address; port 0 lets the system choose.</summary>
        public TcpEndpoint(IPAddress localAddress, int port) : this(localAddress, port, insecure: false)
        {
        }

        /// <summary>
        /// Creates the endpoint of a port on a local address; port 0 lets the system choose. TCP has neither
        /// authentication nor encryption, so a host listens on an address that other machines can reach only if
        /// <paramref name="insecure"/> says that this is accepted.
        /// </summary>
        public TcpEndpoint(IPAddress localAddress, int port, bool insecure)
        {
            if (localAddress == null)
                throw new ArgumentNullException(nameof(localAddress));
            Address = AddressOf(localAddress.ToString(), port) + (insecure ? "?insecure=1" : "");
        }

        /// <inheritdoc/>
        public string Address { get; }

        internal static string AddressOf(string host, int port)
        {
            if (port < IPEndPoint.MinPort || port > IPEndPoint.MaxPort)
                throw new ArgumentOutOfRangeException(nameof(port), port, "A port must be from 0 to 65535.");
            bool isIPv6 = IPAddress.TryParse(host, out IPAddress? parsed)
                && parsed.AddressFamily == AddressFamily.InterNetworkV6;
            return isIPv6 ? $"tcp://[{host}]:{port}" : $"tcp://{host}:{port}";
        }
    }

    /// <summary>Any endpoint, given as text.</summary>
    public sealed class AddressEndpoint : IEndpoint
    {
        /// <summary>Creates an endpoint from text, e.g. "unix:///run/my-service/socket?access=everyone".</summary>
        public AddressEndpoint(string address) => Address = address ?? throw new ArgumentNullException(nameof(address));

        /// <inheritdoc/>
        public string Address { get; }
    }
}
