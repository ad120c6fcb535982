"""Plays the other end of the .NET binding's tests of exceptions.

Run it with: python throwing.py host|client pipe://name
"""

import sys

import callgate


class OutOfPaper(Exception):
    """An exception that .NET knows by the same name."""

    def __init__(self, message: str, data: object = None) -> None:
        """Makes one; `data` goes along."""
        super().__init__(message)
        self.data = data


NAME = "Office.OutOfPaper"
EXCEPTIONS = {NAME: OutOfPaper}


class Thrower:
    """Throws."""

    def Throw(self, message: str) -> int:  # noqa: N802
        """Throws what both ends know."""
        raise OutOfPaper(message, [1, 2])

    def Unknown(self) -> None:  # noqa: N802
        """Throws what the other end does not know."""
        raise ValueError("no such thing")


def host(endpoint: str) -> None:
    """Serves until the standard input ends."""
    with callgate.Host(endpoint, exceptions=EXCEPTIONS, remote_traces=True) as serving:
        serving.add("IThrower", Thrower())
        serving.start()
        print("listening", flush=True)
        sys.stdin.read()


def client(endpoint: str) -> None:
    """Catches what a host throws, and says what it was."""
    with callgate.Client(endpoint, exceptions=EXCEPTIONS) as calling:
        thrower = calling.proxy("IThrower")
        try:
            thrower.Throw("paper")
        except OutOfPaper as caught:
            remote = caught.__cause__
            assert isinstance(remote, callgate.RemoteError)
            print(caught, remote.data, "Thrower.Throw" in remote.trace)
        try:
            thrower.Unknown()
        except callgate.RemoteError as remote:
            print(remote.type_name, remote.message, "Thrower.Unknown" in remote.trace)


{"host": host, "client": client}[sys.argv[1]](sys.argv[2])
