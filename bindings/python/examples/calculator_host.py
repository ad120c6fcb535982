"""A host that serves ICalculator until its standard input ends.

Run it with: python calculator_host.py pipe://calculator tcp://127.0.0.1:0
"""

import sys

import callgate


class DivideByZero(Exception):
    """Carried to the caller, with its name."""


def check_integers(*values) -> None:
    """Refuses arguments that do not fit."""
    for value in values:
        if not isinstance(value, int):
            raise callgate.ContractMismatch(f"an integer is wanted, not {value!r}")


class Calculator:
    """Its public methods are what clients can call."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """The sum."""
        check_integers(a, b)
        return a + b

    def Divide(self, a: int, b: int) -> int:  # noqa: N802
        """The quotient, without its fraction."""
        check_integers(a, b)
        if b == 0:
            raise DivideByZero("cannot divide by zero")
        return a // b

    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line."""
        print(f"log: {line}", flush=True)


def main() -> None:
    """Serves."""
    with callgate.Host(*sys.argv[1:]) as host:
        host.add("ICalculator", Calculator())
        host.start()
        for endpoint in host.endpoints:
            print(f"listening on {endpoint}")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    try:
        main()
    except callgate.Error as failure:
        sys.exit(f"calculator_host: {failure}")
