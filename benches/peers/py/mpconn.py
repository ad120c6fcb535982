"""The standard library's multiprocessing.connection: pickled tuples, no calls.

A base line: what calls are made of, without deadlines, outcomes or more than one call at a time.
"""

import threading
from multiprocessing.connection import Client, Listener

import bench


class Conn:
    """One connection."""

    def __init__(self, addr):
        self.pipe = Client(addr, "AF_UNIX")

    def call(self, *question):
        self.pipe.send(question)
        return self.pipe.recv()

    def add(self, a, b):
        return self.call("add", a, b)

    def echo(self, data):
        return self.call("echo", data)

    def visit(self, n):
        self.pipe.send((self.call("visit", n) + 1,))
        return self.pipe.recv()

    def post(self, n):
        self.pipe.send(("post", n))

    def count(self):
        return self.call("count")


def handle(pipe):
    posts = 0
    while True:
        try:
            method, *arguments = pipe.recv()
        except EOFError:
            return
        if method == "add":
            pipe.send(arguments[0] + arguments[1])
        elif method == "echo":
            pipe.send(arguments[0])
        elif method == "visit":
            pipe.send(arguments[0])
            pipe.send(pipe.recv()[0])
        elif method == "post":
            posts += 1
        else:
            pipe.send(posts)


def serve(addr):
    with Listener(addr, "AF_UNIX", backlog=64) as listener:
        bench.ready()
        while True:
            threading.Thread(target=handle, args=(listener.accept(),), daemon=True).start()


if __name__ == "__main__":
    bench.main(Conn, serve)
