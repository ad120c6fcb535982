"""Serving: the functions that C calls, and the program's objects that they run."""
