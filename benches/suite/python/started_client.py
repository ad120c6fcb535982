"""A client that starts null calls and then waits for them, as many as the suite asks it for.

Run it with: python started_client.py unix:///path
"""

import sys

import callgate
import slices

with callgate.Client(sys.argv[1]) as client:
    client.wait_connected()
    calculator = client.proxy("ICalculator")
    slices.make_together(lambda: calculator.Add.start(20, 22), 42)
