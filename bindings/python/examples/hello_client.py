"""Calls a host in another language, and is called back while its call runs."""

import callgate


class Progress:
    """The callback that this client serves."""

    def Report(self, fraction: float) -> None:
        """Called by the host while Sum runs."""
        print(f"progress: {fraction:.0%}")


with callgate.Client("pipe://calculator", callbacks={"IProgress": Progress()}) as client:
    calculator = client.proxy("ICalculator")
    print("Sum:", calculator.Sum(100))
