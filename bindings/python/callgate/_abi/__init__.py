"""The C library: its functions, the handles that Python owns, and the threads that it starts."""
