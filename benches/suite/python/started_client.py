"""A client that starts the number of null calls that the suite requests, and then waits for them.

Run it with: python started_client.py unix:///path
"""

import sys

import callgate
import slices

with callgate.Client(sys.argv[1]) as client:
    client.wait_connected()
    calculator = client.proxy("ICalculator")
    slices.make_together(lambda: calculator.Add.start(20, 22), 42)
