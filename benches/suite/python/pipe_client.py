"""Ping-pongs through the standard library's pipe, in the number that the suite requests.

Run it with: python pipe_client.py PATH QUESTION_BYTES ANSWER_BYTES
"""

import sys
from multiprocessing.connection import Client

import slices

question = bytes(range(int(sys.argv[2])))

with Client(sys.argv[1], "AF_UNIX") as connection:

    def ask() -> bytes:
        """One ping-pong."""
        connection.send_bytes(question)
        return connection.recv_bytes()

    slices.make(ask, question[-int(sys.argv[3]) :])
