"""What an event's probability is, once, for scoring and coding alike.

An event is drawn from a distribution that is a function of the run and of the events before it in the same
document. Two kinds of distribution occur: an array of probabilities, and ``Uniform`` over a number of outcomes.
"""

import bisect
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRECISION = 24  # bits of the range coder's fixed point
SMALLEST = 2.0**-PRECISION  # the smallest probability that it can hold: every event of every distribution has more
FLOOR = 2 * SMALLEST  # what a distribution gives each outcome at least, before a reserve takes its share
UNICODE_SCALARS = 0x110000 - 0x800  # code points that are not surrogates


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution over ``outcomes`` outcomes."""

    outcomes: int


Distribution = Floats | Uniform


def bits(distribution: Distribution, outcome: int) -> float:
    """−log2 P(outcome).

    >>> bits(Uniform(8), 3)
    3.0
    """
    if isinstance(distribution, Uniform):
        return math.log2(distribution.outcomes)
    return -math.log2(distribution[outcome])


def with_floor(probabilities: Floats) -> Floats:
    """The distribution mixed with a uniform one so that no outcome has less than ``FLOOR``; it still sums to 1.

    >>> with_floor(np.array([1.0, 0.0]))[1] == FLOOR
    np.True_
    """
    return probabilities * (1 - probabilities.size * FLOOR) + FLOOR


def surprises(parts: Iterable[Sequence[Hashable]]) -> int:
    """c: how many events would never have been seen had their document (or part of a lone one) been left out.

    >>> surprises(["abba", "bc", "c"])
    2
    """
    counts = Counter[Hashable]()
    found_in = Counter[Hashable]()
    for part in parts:
        counts.update(part)
        found_in.update(set(part))
    return sum(count for event, count in counts.items() if found_in[event] == 1)


def surprise_share(surprises: int, events: int) -> float:
    """ε = (c + ½) / (n + 1): the probability of what training never showed.

    ``surprises`` (c) of ``events`` (n) training events would have been never seen had their document been left out.
    """
    return (surprises + 0.5) / (events + 1)


@dataclass(frozen=True)
class Reserve:
    """Softmax probabilities made fair to ids that training never shows as targets.

    ``trained`` (V,) says which ids training shows. The others have arbitrary softmax values, so they are masked
    out and share ε evenly: P(id) = ε / m for m of them, (1 − ε) · softmax(id) for the others. Without such ids there is
    no reserve. No id has less than the coder's floor F: ε is at least m·F, and the V − m others have
    softmax(id) · (1 − ε − (V − m)·F) + F, which leaves a uniform softmax as it is.

    ``outside`` has ids that the network neither predicts nor is fed, each with a probability of its own; before them
    all others stand back: P(id) = (1 − Σ outside) · the above, where F is the greater by as much. They are not trained,
    and have no part in ε.
    """

    trained: npt.NDArray[np.bool_]
    surprises: int
    events: int
    outside: Mapping[int, float] = field(default_factory=dict)

    @cached_property
    def trained_count(self) -> int:
        """V − m, the number of ids that training shows."""
        return int(self.trained.sum())

    @property
    def untrained_count(self) -> int:
        """m, the number of ids that live from the reserve."""
        return self.trained.size - self.trained_count - len(self.outside)

    @cached_property
    def share(self) -> float:
        """ε, the probability that the untrained ids have together."""
        if not self.untrained_count:
            return 0.0
        most = 1 - 2 * self.trained_count * self.floor  # leaves the others twice the floor
        return min(max(surprise_share(self.surprises, self.events), self.untrained_count * self.floor), most)

    @cached_property
    def floor(self) -> float:
        """F, the least that an id has among those that are not outside."""
        return FLOOR / (1 - sum(self.outside.values()))

    def floored(self, softmax: Floats) -> Floats:
        """Probabilities of trained ids from their softmax among themselves."""
        return softmax * (1 - self.share - self.trained_count * self.floor) + self.floor

    def distribution(self, logits: npt.NDArray[np.float32]) -> Floats:
        """Probabilities (V,) of all ids from the network's logits (V,)."""
        scores = logits[self.trained].astype(np.float64)
        exponentials = np.exp(scores - scores.max())
        probabilities = np.zeros(self.trained.size)
        probabilities[self.trained] = self.floored(exponentials / exponentials.sum())
        if self.untrained_count:
            probabilities[~self.trained] = self.share / self.untrained_count
        if self.outside:
            probabilities *= 1 - sum(self.outside.values())
            probabilities[list(self.outside)] = list(self.outside.values())
        return probabilities

    def bits(self, log_softmax: Floats, targets: npt.NDArray[np.int32]) -> Floats:
        """−log2 P(target | not outside) (n,), from the natural log of each target's softmax among the trained ids (n,).

        With ``outside_bits`` the same probabilities as ``distribution``; the softmax of an untrained target is not
        looked at.
        """
        trained_bits = -np.log2(self.floored(np.exp(np.where(self.trained[targets], log_softmax, 0.0))))
        if not self.untrained_count:
            return trained_bits
        return np.where(self.trained[targets], trained_bits, -math.log2(self.share / self.untrained_count))

    def inside(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Which ids (n,) the network predicts and is fed."""
        return ~np.isin(ids, list(self.outside))

    def outside_bits(self, ids: npt.NDArray[np.int32]) -> Floats:
        """−log2 of the probability (n,) of being that id outside, or none of them; 0 where there are none."""
        found = np.full(len(ids), -math.log2(1 - sum(self.outside.values())))
        for id_, share in self.outside.items():
            found[ids == id_] = -math.log2(share)
        return found


class UnseenCharacters:
    """The Unicode scalar values that are not in ``seen``, numbered in order: what an escape is followed by."""

    def __init__(self, seen: Iterable[str]) -> None:
        self._seen = sorted({ord(character) for character in seen if not 0xD800 <= ord(character) < 0xE000})

    @property
    def distribution(self) -> Uniform:
        """Uniform over the unseen scalar values."""
        return Uniform(UNICODE_SCALARS - len(self._seen))

    def number(self, character: str) -> int:
        """The number of an unseen character.

        >>> UnseenCharacters("a").number("b")
        97
        """
        point = ord(character)
        return point - 0x800 * (point >= 0xE000) - bisect.bisect_left(self._seen, point)

    def character(self, number: int) -> str:
        """The unseen character of a number, the inverse of ``number``.

        >>> UnseenCharacters("a").character(97)
        'b'
        """
        point = number
        for seen in self._seen:  # each seen character at or below moves the place up by one
            if seen - 0x800 * (seen >= 0xE000) <= point:
                point += 1
        return chr(point + 0x800 * (point >= 0xD800))
