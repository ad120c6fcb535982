"""A host on the standard library's pipe: replies to each message with its end, until standard input
ends.

Run it with: python pipe_host.py PATH ANSWER_BYTES
"""

import sys
import threading
from multiprocessing.connection import Listener


def answer(listener: Listener, size: int) -> None:
    """Replies to one client until it disconnects."""
    with listener.accept() as connection:
        while True:
            try:
                connection.send_bytes(connection.recv_bytes()[-size:])
            except EOFError:
                return


with Listener(sys.argv[1], "AF_UNIX") as pipe:
    threading.Thread(target=answer, args=(pipe, int(sys.argv[2])), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()
