"""A host and a client of it, with a callback, on the endpoint that is given."""

import sys

import callgate


class Calculator:
    def Sum(self, n: int) -> int:
        progress = callgate.current_call().connection.proxy("IProgress")
        progress.call("Report", 1.0)
        return n * (n + 1) // 2


class Progress:
    def __init__(self):
        self.reported = 0.0

    def Report(self, fraction: float) -> None:
        self.reported = fraction


progress = Progress()
with callgate.Host(sys.argv[1]) as host:
    host.add("ICalculator", Calculator())
    host.start()
    with callgate.Client(sys.argv[1], callbacks={"IProgress": progress}) as client:
        total = client.proxy("ICalculator").Sum(100)
        assert progress.reported == 1.0
        print("Sum:", total)
