"""A client with a callback: the host reports the progress of a call of Sum to its IProgress.

Run it with: python duplex_client.py pipe://calculator
"""

import sys

from duplex_contract import ICalculator, IProgress

import callgate


class Progress:
    """The host calls it on a Callgate thread, while main() waits for its own call."""

    def Report(self, fraction: float) -> None:  # noqa: N802
        """Prints the finished fraction."""
        print(f"progress: {100 * fraction:.0f}%")


def main() -> int:
    """Makes the call."""
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
