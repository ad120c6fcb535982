"""Forwards connections, and half-closes them on demand: one direction ends, the other goes on."""

import socket
import threading
from pathlib import Path
from random import Random
from typing import List, Tuple

_Pair = Tuple[socket.socket, socket.socket]


class HalfCloser:
    """Listens on a Unix socket, and forwards to a TCP port."""

    def __init__(self, path: Path, host: str) -> None:
        self.endpoint = f"unix://{path}"
        address, _, port = host[len("tcp://") :].rpartition(":")
        self._host = (address, int(port))
        self._open: List[_Pair] = []
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def half_close(self, random: Random) -> bool:
        """Ends one direction of a connection; returns whether there was one."""
        if not self._open:
            return False
        _end(random.choice(random.choice(self._open)), socket.SHUT_WR)
        return True

    def _accept(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            try:
                host = socket.create_connection(self._host)
            except OSError:
                # The host has been killed, and the next one does not listen yet.
                client.close()
                continue
            threading.Thread(target=self._serve, args=((client, host),), daemon=True).start()

    def _serve(self, pair: _Pair) -> None:
        """Forwards both ways until both have ended."""
        self._open.append(pair)
        back = threading.Thread(target=_forward, args=pair[::-1], daemon=True)
        back.start()
        _forward(*pair)
        back.join()
        self._open.remove(pair)
        for end in pair:
            end.close()


def _forward(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        # Half-closed, or lost: the peers of both ends must notice.
        _end(source, socket.SHUT_RD)
    _end(target, socket.SHUT_WR)


def _end(end: socket.socket, how: int) -> None:
    try:
        end.shutdown(how)
    except OSError:
        # The other side has ended it.
        pass
