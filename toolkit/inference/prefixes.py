"""A vocabulary of texts by how they begin: how much probability goes on with each character."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats

NONE = -1  # instead of a place

Places = npt.NDArray[np.int64]


class Node(NamedTuple):
    """The texts that begin with a prefix: those that go on with a character are neighbours in alphabetical order."""

    whole: int  # the place of the text that is the prefix, or ``NONE``
    characters: Places  # (n,): the ids of the next characters
    begins: Places  # (n,): the place of the first text that goes on with each
    ends: Places  # (n,): the place after the last


NOTHING = Node(NONE, *np.zeros((3, 0), np.int64))


class Prefixes:
    """Texts, each with an id of a tokenizer, whose characters have ids in ``alphabet``."""

    def __init__(self, texts: Sequence[str], first_id: int, alphabet: Mapping[str, int]) -> None:
        order = sorted(range(len(texts)), key=texts.__getitem__)
        self.ids = np.array(order, np.int64) + first_id  # by place in alphabetical order
        self.id_of = {text: id_ for id_, text in enumerate(texts, first_id)}
        self._texts, self._alphabet = [texts[number] for number in order], alphabet
        self._nodes: dict[str, Node] = {}  # of prefixes that some text has

    def cumulated(self, distribution: Floats) -> Floats:
        """For a distribution over the tokenizer's ids, the probability (texts + 1,) of all texts before each place."""
        return np.concatenate([[0.0], np.cumsum(distribution[self.ids])])

    def after(self, prefix: str, cumulated: Floats) -> tuple[Places, Floats, float]:
        """The characters (n,) that go on after a prefix, the probability of each (n,), and that of the whole prefix."""
        node = self._nodes.get(prefix) or self._found(prefix)
        whole = 0.0 if node.whole == NONE else float(cumulated[node.whole + 1] - cumulated[node.whole])
        return node.characters, cumulated[node.ends] - cumulated[node.begins], whole

    def _found(self, prefix: str) -> Node:
        begin = bisect_left(self._texts, prefix)
        end = self._after(prefix, begin)
        if begin == end:
            return NOTHING
        whole = begin if self._texts[begin] == prefix else NONE
        place, places = begin + (whole != NONE), []
        while place < end:
            character = self._texts[place][len(prefix)]
            after = self._after(prefix + character, place)
            places.append((self._alphabet[character], place, after))
            place = after
        characters, begins, ends = np.array(places, np.int64).reshape(-1, 3).T
        self._nodes[prefix] = Node(whole, characters, begins, ends)
        return self._nodes[prefix]

    def _after(self, prefix: str, begin: int) -> int:
        """The place after the last text with a prefix, at or behind ``begin``, where these texts begin."""
        return bisect_right(self._texts, prefix, begin, key=lambda text: text[: len(prefix)])
