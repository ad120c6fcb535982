"""A host that calls its clients back, until its standard input ends.

ICalculator.Sum(n) adds up the numbers to n, and reports the progress to the caller's IProgress.

Run it with: python duplex_host.py pipe://calculator tcp://127.0.0.1:0
"""

import sys

from duplex_contract import ICalculator, IProgress

import callgate


class Calculator:
    """Serves one client, and can call its IProgress."""

    def __init__(self, progress: IProgress) -> None:
        """Created once for each connection."""
        self._progress = progress

    def Sum(self, n: int) -> int:  # noqa: N802
        """Adds up 1 to n, reports every quarter, and stops when the caller no longer waits."""
        total = 0
        for i in range(1, n + 1):
            if callgate.current_call().is_cancelled:
                break
            total += i
            if 4 * i // n != 4 * (i - 1) // n:
                self._progress.Report(i / n)
        return total


def main() -> None:
    """Runs the host."""
    with callgate.Host(*sys.argv[1:]) as host:
        host.add_duplex_delegate_factory(ICalculator, IProgress, Calculator)
        host.start()
        for endpoint in host.endpoints:
            print(f"listening on {endpoint}")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    try:
        main()
    except callgate.Error as failure:
        sys.exit(f"duplex_host: {failure}")
