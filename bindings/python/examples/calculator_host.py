"""A host that serves ICalculator until its standard input ends.

Run it with: python calculator_host.py pipe://calculator tcp://127.0.0.1:0
"""

import sys

from calculator_contract import EXCEPTIONS, DivideByZero, ICalculator

import callgate


class Calculator:
    """Serves ICalculator, which describes the arguments of its methods."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """Returns the sum."""
        return a + b

    def Divide(self, a: int, b: int) -> int:  # noqa: N802
        """Returns the integer quotient."""
        if b == 0:
            raise DivideByZero("cannot divide by zero")
        return a // b

    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line."""
        print(f"log: {line}", flush=True)


def main() -> None:
    """Runs the host."""
    with callgate.Host(*sys.argv[1:], exceptions=EXCEPTIONS) as host:
        host.add(ICalculator, Calculator())
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
