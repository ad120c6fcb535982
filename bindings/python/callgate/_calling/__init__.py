"""Calling: proxies, their methods, and the calls that they make."""
