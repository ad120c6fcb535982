"""Greets through a host in another language."""

import callgate

with callgate.Client("pipe://greeter") as client:
    greeter = client.proxy("IGreeter")
    print(greeter.Greet("world"))
