"""The ids of a tokenizer, and the reserve of probability for ids that training never shows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import FLOOR, Floats, surprise_share
from toolkit.events.encoding import SPELLING, Events
from toolkit.events.exact import softmax


@dataclass(frozen=True)
class Reserve:
    """Softmax probabilities with a reserve for ids that training never shows as targets.

    ``trained`` (V,) says which ids training shows. The m others have arbitrary softmax values, so they are masked out
    and share ε evenly: they have P(id) = ε / m, the trained ones (1 − ε) · softmax(id). If m = 0, there is no reserve.
    None of these has less than the coder's floor F: ε is at least m·F, and the V − m trained ids have
    softmax(id) · (1 − ε − (V − m)·F) + F, which leaves a uniform softmax unchanged.

    ``outside`` has ids that the network neither predicts nor is fed, each with its own probability, which whoever
    gives it keeps at ``FLOOR`` or above; the probabilities of all others are scaled by 1 − Σ outside, and F is larger
    by the same factor. Outside ids are not trained, and have no part in ε.
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
        """m, the number of ids that share the reserve."""
        return self.trained.size - self.trained_count - len(self.outside)

    @property
    def inside_share(self) -> float:
        """1 − Σ outside, the probability that the network's next event is the next one of all."""
        return 1 - sum(self.outside.values())

    @cached_property
    def share(self) -> float:
        """ε, the probability of all untrained ids together."""
        if not self.untrained_count:
            return 0.0
        most = 1 - 2 * self.trained_count * self.floor  # leaves the others twice the floor
        return min(max(surprise_share(self.surprises, self.events), self.untrained_count * self.floor), most)

    @cached_property
    def floor(self) -> float:
        """F, the least probability of an id that is not outside, before scaling."""
        return FLOOR / self.inside_share

    def floored(self, softmax: Floats) -> Floats:
        """Probabilities of trained ids, given their softmax among themselves."""
        return softmax * (1 - self.share - self.trained_count * self.floor) + self.floor

    def distribution(self, logits: npt.NDArray[np.floating]) -> Floats:
        """Probabilities (V,) of all ids, given a network's logits (V,)."""
        return self.spread(softmax(logits[self.trained].astype(np.float64)))

    def spread(self, trained: Floats) -> Floats:
        """Probabilities (V,) of all ids, given those of the trained ids among themselves (V − m,)."""
        probabilities = np.zeros(self.trained.size)
        probabilities[self.trained] = self.floored(trained)
        if self.untrained_count:
            probabilities[~self.trained] = self.share / self.untrained_count
        if self.outside:
            probabilities *= self.inside_share
            probabilities[list(self.outside)] = list(self.outside.values())
        return probabilities

    def bits(self, log_softmax: Floats, targets: npt.NDArray[np.int32]) -> Floats:
        """−log2 P(target | not outside) (n,), given the natural log of each target's softmax among trained ids (n,).

        Together with ``outside_bits``, the same probabilities as ``distribution``; the softmax of an untrained target
        is ignored.
        """
        trained_bits = -np.log2(self.floored(np.exp(np.where(self.trained[targets], log_softmax, 0.0))))
        if not self.untrained_count:
            return trained_bits
        return np.where(self.trained[targets], trained_bits, -math.log2(self.share / self.untrained_count))

    def mass(self, softmax: Floats, among: npt.NDArray[np.bool_]) -> Floats:
        """P (n,) of a set of ids (V,), given the softmax among trained ids of those in the set (n,)."""
        trained = int((among & self.trained).sum())
        outside = sum(share for id_, share in self.outside.items() if among[id_])
        probability = softmax * (1 - self.share - self.trained_count * self.floor) + trained * self.floor
        if self.untrained_count:
            untrained = int((among & ~self.trained).sum()) - sum(bool(among[id_]) for id_ in self.outside)
            probability += self.share * untrained / self.untrained_count
        return probability * self.inside_share + outside

    def inside(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Which ids (n,) the network predicts and is fed."""
        return ~np.isin(ids, list(self.outside))

    def outside_bits(self, ids: npt.NDArray[np.int32]) -> Floats:
        """−log2 of the probability (n,) of being this outside id, or of not being outside; 0 if there are none."""
        bits = np.full(len(ids), -math.log2(self.inside_share))
        for id_, share in self.outside.items():
            bits[ids == id_] = -math.log2(share)
        return bits


@dataclass(frozen=True)
class Vocabulary:
    """The ids of a tokenizer. Id 0 is ``<doc>``.

    ``tokens`` are names for people; ``spelled`` has the ids that are followed by a spelled surface, each with the class
    that it is spelled as; ``reserve`` says which ids training shows and what the others get. ``spelling_part`` is the
    part of the ledger that spelling belongs to, or None for the part of the event before it. ``ending`` (V,) has the
    ids that do not go on with a word before them: they begin with a space, implied or written, or with another
    character that is neither in ``\\w`` nor a combining mark; ``<doc>`` and classes are among them. If it is None, all
    ids are.
    """

    tokens: tuple[str, ...]
    spelled: Mapping[int, str]
    reserve: Reserve = field(compare=False)
    spelling_part: int | None = SPELLING
    ending: npt.NDArray[np.bool_] | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ends_words(self) -> npt.NDArray[np.bool_]:
        """``ending``, or all ids."""
        return np.ones(len(self), bool) if self.ending is None else self.ending

    def fed(self, encoding: Events) -> Events:
        """The encoding without the events that the network neither predicts nor is fed.

        What they cover is added to the next event; there are no surfaces.
        """
        inside = self.reserve.inside(encoding.ids)
        return Events(encoding.array[inside], MappingProxyType({}))
