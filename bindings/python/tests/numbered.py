"""A class to serve, whose objects have numbers."""


class Numbered:
    """Counts its own calls."""

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return self.count
