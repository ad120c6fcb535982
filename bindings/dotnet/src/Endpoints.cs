using System;
using System.Net;
using System.Net.Sockets;

namespace Callgate
{
    /// <summary>Where a host listens.</summary>
    public interface IEndpoint
    {
        /// <summary>E.g. "pipe://name", "unix:///path" or "tcp://host:port".</summary>
        string Address { get; }
    }

    /// <summary>A named pipe, for the user who runs the host: on Linux a Unix socket in a private folder.</summary>
    public class NamedPipeEndpoint : IEndpoint
    {
        /// <summary>With that name.</summary>
        public NamedPipeEndpoint(string pipeName) => Address = AddressOf(pipeName);

        /// <inheritdoc/>
        public string Address { get; }

        internal static string AddressOf(string pipeName) =>
            "pipe://" + (pipeName ?? throw new ArgumentNullException(nameof(pipeName)));
    }

    /// <summary>A TCP port. Whoever can reach it can call: mind which address it listens on.</summary>
    public class TcpEndpoint : IEndpoint
    {
        /// <summary>On the loopback address; port 0 lets the system choose.</summary>
        public TcpEndpoint(int port) : this(IPAddress.Loopback, port)
        {
        }

        /// <summary>On that address; port 0 lets the system choose.</summary>
        public TcpEndpoint(IPAddress localAddress, int port)
        {
            if (localAddress == null)
                throw new ArgumentNullException(nameof(localAddress));
            Address = AddressOf(localAddress.ToString(), port);
        }

        /// <inheritdoc/>
        public string Address { get; }

        internal static string AddressOf(string host, int port)
        {
            if (port < IPEndPoint.MinPort || port > IPEndPoint.MaxPort)
                throw new ArgumentOutOfRangeException(nameof(port), port, "A port is 0 to 65535.");
            bool isIPv6 = IPAddress.TryParse(host, out IPAddress? parsed)
                && parsed.AddressFamily == AddressFamily.InterNetworkV6;
            return isIPv6 ? $"tcp://[{host}]:{port}" : $"tcp://{host}:{port}";
        }
    }

    /// <summary>Any endpoint that Callgate knows, by its address.</summary>
    public sealed class AddressEndpoint : IEndpoint
    {
        /// <summary>With that address, e.g. "unix:///run/my-service/socket?access=everyone".</summary>
        public AddressEndpoint(string address) => Address = address ?? throw new ArgumentNullException(nameof(address));

        /// <inheritdoc/>
        public string Address { get; }
    }
}
