"""Callgate's conformance program in Python: the host, or the client."""

import sys

from client import play

from host import serve


def main(arguments: list) -> int:
    """Runs the role that the arguments select."""
    if len(arguments) > 1 and arguments[0] == "host":
        serve(arguments[1:])
    elif len(arguments) == 2 and arguments[0] == "client":
        play(arguments[1])
    else:
        print("usage: main.py host ENDPOINT... | client ENDPOINT", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
