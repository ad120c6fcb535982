"""A class to serve, whose objects are told apart by their counts."""


class Numbered:
    """Counts its own calls."""

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return self.count
