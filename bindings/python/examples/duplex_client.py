"""A client that is called back: the host tells its IProgress how far its call of Sum is.

Run it with: python duplex_client.py pipe://calculator
"""

import sys

from duplex_contract import ICalculator, IProgress

import callgate


class Progress:
    """Called by the host, on one of Callgate's threads: main() waits for its own call meanwhile."""

    def Report(self, fraction: float) -> None:  # noqa: N802
        """Prints it."""
        print(f"progress: {100 * fraction:.0f}%")


def main() -> int:
    """Calls."""
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} ENDPOINT", file=sys.stderr)
        return 2
    with callgate.Client(sys.argv[1], callbacks={IProgress: Progress()}) as client:
        calculator = client.proxy(ICalculator)
        print(f"Sum: {calculator.Sum(100)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except callgate.Error as failure:
        sys.exit(f"duplex_client: {failure}")
