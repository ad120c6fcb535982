"""Hosts and clients over TLS."""

from pathlib import Path

import callgate

KEYS = Path(__file__).parents[3] / "tests" / "keys"
KEY = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022"
# Both sides have the same key.
BOTH = f"tls://127.0.0.1:0?certificate={KEYS}/test.pem&key={KEYS}/test.key&trust={KEY}"


def test_peers_are_known_by_their_certificates():
    with callgate.Host(BOTH) as host:
        host.start()
        with callgate.Client(host.endpoints[0]) as client:
            # Once the host has replied, it has the connection too.
            client.proxy("callgate.Host").call("Interfaces")
            for connection in [client.connection, host.connections[0]]:
                assert connection.peer_key == KEY
                assert connection.peer_common_name == "A test"
                names = ["tests.example", "other.example", "urn:callgate:tests"]
                assert connection.peer_names == names


def test_a_peer_without_a_certificate_has_no_key():
    with callgate.Host("tcp://127.0.0.1:0") as host:
        host.start()
        with callgate.Client(host.endpoints[0]) as client:
            client.wait_connected(20)
            connection = client.connection
            assert (connection.peer_key, connection.peer_common_name) == ("", "")
            assert connection.peer_names == []
