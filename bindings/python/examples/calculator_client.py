"""A client that calls ICalculator, correctly and with mistakes.

Run it with: python calculator_client.py pipe://calculator
"""

import sys
from typing import Any, Callable

from calculator_contract import EXCEPTIONS, DivideByZero, ICalculator

import callgate


def attempt(what: str, function: Callable[..., Any], *arguments: Any) -> None:
    """Calls a method and prints the outcome."""
    try:
        print(f"{what}: {function(*arguments)}")
    except DivideByZero as error:
        print(f"{what}: remote error {type(error).__name__}: {error}")
    except callgate.ContractMismatch as error:
        print(f"{what}: contract mismatch: {error}")


def main() -> int:
    """Makes the calls."""
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} ENDPOINT", file=sys.stderr)
        return 2
    with callgate.Client(
        sys.argv[1], exceptions=EXCEPTIONS, connection_timeout=5, call_timeout=10
    ) as client:
        client.wait_connected()
        calculator = client.proxy(ICalculator)
        attempt("Add", calculator.Add, 1, 2)
        attempt("Divide", callgate.with_options(calculator, timeout=3).Divide, 84, 2)
        attempt("Divide", calculator.Divide, 1, 0)
        # The contract is checked here: nothing is sent.
        attempt("Add", calculator.Add, "one", 2)
        # Without a contract, only the host can check.
        attempt("Subtract", client.proxy("ICalculator").Subtract, 2, 1)
        calculator.Log("the client says goodbye")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except callgate.Error as failure:
        sys.exit(f"calculator_client: {failure}")
