"""A host that serves the null call until its standard input ends.

Run it with: python null_host.py unix:///path
"""

import sys

import callgate


class Calculator:
    """Clients can call its public methods."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """The sum."""
        return a + b


with callgate.Host(sys.argv[1]) as host:
    host.add("ICalculator", Calculator())
    host.start()
    print("ready", flush=True)
    sys.stdin.read()
