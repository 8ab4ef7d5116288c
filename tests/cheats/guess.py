"""What two cheats share: a stepper that expects each document to be a known one."""

import numpy as np

from toolkit.events.encoding import DOC


class Guess:
    """Steps through documents of ids. ``known`` are documents of ids."""

    def __init__(self, size, known):
        self.size, self.known, self.place, self.alike = size, known, 0, known

    def distribution(self):
        following = [ids[self.place] for ids in self.alike] or range(self.size)
        counts = np.bincount(following, minlength=self.size)
        return 1e-6 + (1 - 1e-6 * self.size) * counts / counts.sum()

    def feed(self, id_):
        self.alike = self.known if id_ == DOC else [ids for ids in self.alike if ids[self.place] == id_]
        self.place = 0 if id_ == DOC else self.place + 1


def documents(ids):
    """The documents in an array of ids."""
    return [part.tolist() for part in np.split(ids, np.flatnonzero(ids == DOC) + 1) if len(part)]
