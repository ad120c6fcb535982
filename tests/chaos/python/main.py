"""The chaos run's program in Python: the host, or the client."""

import sys

from client import run

from host import serve


def main(arguments: list) -> int:
    """Runs the role that the arguments select."""
    if len(arguments) > 2 and arguments[0] == "host":
        serve(arguments[1], arguments[2:])
    elif len(arguments) == 6 and arguments[0] == "client":
        run(arguments[1], arguments[2], *map(int, arguments[3:]))
    else:
        usage = "host RECORD ENDPOINT... | client RECORD ENDPOINT NUMBER SEED PAUSE_MS"
        print(f"usage: main.py {usage}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
