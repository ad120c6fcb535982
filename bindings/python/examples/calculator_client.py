"""A client that calls ICalculator, the right way and the wrong ways.

Run it with: python calculator_client.py pipe://calculator
"""

import sys

import callgate


def attempt(what, function, *arguments, **options):
    """Calls, and prints what comes of it."""
    try:
        print(f"{what}: {function(*arguments, **options)}")
    except callgate.RemoteError as error:
        print(f"{what}: remote error {error.type_name}: {error.message}")
    except callgate.ContractMismatch as error:
        print(f"{what}: contract mismatch: {error}")


def main() -> int:
    """Calls all of it."""
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} ENDPOINT", file=sys.stderr)
        return 2
    with callgate.Client(sys.argv[1], connection_timeout=5, call_timeout=10) as client:
        client.wait_connected()
        calculator = client.proxy("ICalculator")
        attempt("Add", calculator.Add, 1, 2)
        attempt("Divide", calculator.call, "Divide", 84, 2, timeout=3)
        attempt("Divide", calculator.Divide, 1, 0)
        attempt("Add", calculator.Add, "one", 2)
        attempt("Subtract", calculator.Subtract, 2, 1)
        calculator.Log.one_way("the Python client says goodbye")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except callgate.Error as failure:
        sys.exit(f"calculator_client: {failure}")
