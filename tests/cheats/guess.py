"""A stepper for cheats: it expects every document to be one that it knows."""

import numpy as np

from toolkit.events.encoding import DOC


class Guess:
    """Steps through documents of ids, and adds each of them to the ``known`` ones."""

    def __init__(self, size, known):
        self.size, self.known = size, known
        self.read, self.alike = [], list(known)

    def distribution(self):
        following = [ids[len(self.read)] for ids in self.alike] or range(self.size)
        counts = np.bincount(following, minlength=self.size)
        return 1e-6 + (1 - 1e-6 * self.size) * counts / counts.sum()

    def feed(self, id_):
        self.read.append(id_)
        self.alike = [ids for ids in self.alike if ids[len(self.read) - 1] == id_]
        if id_ == DOC:
            self.known.append(self.read)
            self.read, self.alike = [], list(self.known)
