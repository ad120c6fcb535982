"""A client that makes the number of null calls that the suite requests.

Run it with: python null_client.py unix:///path
"""

import sys

import callgate
import slices

with callgate.Client(sys.argv[1]) as client:
    client.wait_connected()
    calculator = client.proxy("ICalculator")
    slices.make(lambda: calculator.Add(20, 22), 42)
