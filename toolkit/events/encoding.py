"""A document as events, the vocabulary of their ids, and the tokenizer that makes both."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import FLOOR, Bools, Distribution, Floats, softmax, surprise_share
from toolkit.results.bits import PARTS
from toolkit.text.corpus import Document
from toolkit.text.neutral import in_words

Ids = npt.NDArray[np.int32]

DOC = 0  # the id of <doc>: the first input of a document and its last event
WORDS, CLASSES, SPELLING, SPACING, DOCUMENT_ENDS = range(len(PARTS))  # the ledger's parts, as in Events.parts
EVENT = np.dtype({"names": ["id", "end", "part"], "formats": [np.int32, np.int32, np.int8]}, align=True)


@dataclass(frozen=True)
class Events:
    """A document as n network events, the last of them ``<doc>``.

    Event i covers the text from the end of the previous event, or from 0, to its own ``end``. An implied space belongs
    to the word after it. ``part`` is the part of the ledger that the event's bits belong to. If an id does not
    determine the text, ``surfaces[i]`` is the text spelled behind it, including marks.
    """

    array: npt.NDArray[np.void]  # (n,) of EVENT
    surfaces: Mapping[int, str]

    @classmethod
    def of(
        cls, ids: npt.ArrayLike, ends: npt.ArrayLike, parts: npt.ArrayLike, surfaces: Mapping[int, str]
    ) -> Self:
        """Return the events with these ids, ends and parts, each (n,)."""
        array = np.zeros(np.shape(ids), EVENT)
        array["id"], array["end"], array["part"] = ids, ends, parts
        return cls(array, surfaces)

    def __len__(self) -> int:
        return len(self.array)

    @property
    def ids(self) -> Ids:
        """The ids (n,)."""
        return self.array["id"]

    @property
    def ends(self) -> npt.NDArray[np.int32]:
        """The place (n,) in the text where each event ends."""
        return self.array["end"]

    @property
    def widths(self) -> npt.NDArray[np.int32]:
        """The number of characters (n,) that each event covers."""
        return np.diff(self.ends, prepend=np.int32(0))

    @property
    def starts(self) -> npt.NDArray[np.int32]:
        """The place (n,) in the text where each event starts."""
        return self.ends - self.widths

    @property
    def parts(self) -> npt.NDArray[np.int8]:
        """The part (n,) of the ledger of each event."""
        return self.array["part"]

    @property
    def characters(self) -> int:
        """The length of the text."""
        return int(self.ends[-1])


def parts_of(text: str, ends: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """Return the ledger's parts (n,) of events that end with ``<doc>``, by the last character of each.

    An event without characters has the part of the next event with some.

    >>> parts_of("a é!", np.array([1, 1, 3, 4, 4])).tolist()
    [0, 0, 0, 3, 4]
    """
    parts = np.full(len(ends), SPACING, np.int8)
    covering = np.flatnonzero(np.diff(ends, prepend=0))
    by_covering = np.where(in_words(text)[ends[covering] - 1], WORDS, SPACING)
    completing = np.repeat(by_covering, np.diff(covering, prepend=-1))
    parts[: len(completing)] = completing
    parts[-1] = DOCUMENT_ENDS
    return parts


@dataclass
class Reserve:
    """Softmax probabilities with a reserve for ids that are never a training target.

    The m ids that training does not show are masked out of the softmax and share ε evenly: P(id) = ε / m. Of
    the training ``events``, ``surprises`` would be unseen if their document were left out, so
    ε = (surprises + ½) / (events + 1). No id has less than the coder's floor F, so the n trained ids have
    softmax(id) · (1 − ε − n·F) + F.

    Ids in ``outside`` have a probability of their own, at least ``FLOOR``. The network neither predicts nor reads them.
    All other probabilities are scaled by 1 − Σ outside, and F is larger by the same factor.
    """

    trained: Bools  # (V,)
    surprises: int
    events: int
    outside: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trained_count = int(self.trained.sum())  # n
        self.untrained_count = self.trained.size - self.trained_count - len(self.outside)  # m
        self.inside_share = 1 - sum(self.outside.values())
        self.floor = FLOOR / self.inside_share  # F before scaling
        largest = 1 - 2 * self.trained_count * self.floor  # leaves the trained ids twice the floor
        share = min(max(surprise_share(self.surprises, self.events), self.untrained_count * self.floor), largest)
        self.share = share if self.untrained_count else 0.0  # ε

    def _floored(self, softmax: Floats, ids: int = 1) -> Floats:
        """Return the probability (n,) of a number of trained ids, given their softmax together (n,)."""
        return softmax * (1 - self.share - self.trained_count * self.floor) + ids * self.floor

    def distribution(self, logits: npt.NDArray[np.floating]) -> Floats:
        """Return the probabilities (V,) of all ids, given a network's logits (V,)."""
        return self.spread(softmax(logits[self.trained].astype(np.float64)))

    def spread(self, trained: Floats) -> Floats:
        """Return the probabilities (V,) of all ids, given the softmax (n,) of the trained ids."""
        probabilities = np.zeros(self.trained.size)
        probabilities[self.trained] = self._floored(trained)
        if self.untrained_count:
            probabilities[~self.trained] = self.share / self.untrained_count
        if self.outside:
            probabilities *= self.inside_share
            probabilities[list(self.outside)] = list(self.outside.values())
        return probabilities

    def bits(self, log_softmax: Floats, targets: Ids) -> Floats:
        """Return −log2 P(target | not outside) (n,), given the log of each target's softmax (n,) over trained ids."""
        bits = -np.log2(self._floored(np.exp(np.where(self.trained[targets], log_softmax, 0.0))))
        if self.untrained_count:
            bits[~self.trained[targets]] = -math.log2(self.share / self.untrained_count)
        return bits

    def mass(self, softmax: Floats, among: Bools) -> Floats:
        """Return P (n,) of a set of ids (V,), given the softmax (n,) of its trained ids together."""
        outside = [share for id_, share in self.outside.items() if among[id_]]
        probability = self._floored(softmax, int((among & self.trained).sum()))
        if self.untrained_count:
            untrained = int((among & ~self.trained).sum()) - len(outside)
            probability += self.share * untrained / self.untrained_count
        return probability * self.inside_share + sum(outside)

    def inside(self, ids: Ids) -> Bools:
        """Return which ids (n,) the network predicts and reads."""
        return ~np.isin(ids, list(self.outside))

    def outside_bits(self, ids: Ids) -> Floats:
        """Return −log2 of the probability (n,) of this outside id, or of not being outside."""
        bits = np.full(len(ids), -math.log2(self.inside_share))
        for id_, share in self.outside.items():
            bits[ids == id_] = -math.log2(share)
        return bits


@dataclass(frozen=True)
class Vocabulary:
    """The ids of a tokenizer. Id 0 is ``<doc>``.

    Ids in ``ending`` (V,) do not continue a word. They begin with a space, implied or written, or with a character that
    is neither in ``\\w`` nor a combining mark. Classes and ``<doc>`` belong to them. None: all.
    """

    tokens: tuple[str, ...]  # names for people
    spelled: Mapping[int, str]  # the ids that a spelled surface follows, with its class
    reserve: Reserve = field(compare=False)
    spelling_part: int | None = SPELLING  # the ledger's part of spelling bits; None: that of the event before
    ending: Bools | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ends_words(self) -> Bools:
        """``ending``, or all ids."""
        return np.ones(len(self), bool) if self.ending is None else self.ending

    def fed(self, encoding: Events) -> Events:
        """Return the events that the network predicts and reads. They cover the text of all events."""
        return Events(encoding.array[self.reserve.inside(encoding.ids)], {})


class Spelling(Protocol):
    """A speller within one document, which may learn from the surfaces that the document has spelled."""

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:
        """Yield the distribution and the outcome of each event of a surface."""

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:
        """Return the surface whose events have the outcomes that ``pick`` returns: the inverse of ``events``."""

    def observe(self, word_class: str, surface: str) -> None:
        """Learn that the document has spelled the surface."""


class Speller(Protocol):
    """P(surface | class)."""

    def start(self) -> Spelling:
        """Return the state at the beginning of a document."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was fitted, as JSON values."""


class Tokenizer(Protocol):
    """From text to events and back, learned only from training documents.

    It may also have these members. ``whole_words`` is true for tokens that are trained as words. ``check()`` raises
    InputError if a package or a file is missing, ``check_texts(training, held_out)`` for a document that it cannot
    encode.
    """

    one_hot: ClassVar[bool]
    vocabulary: Vocabulary

    @property
    def speller(self) -> Speller:
        """The model of the surfaces behind ids, once fitted."""

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn vocabulary, classes, counts and speller from training documents. Choose among them on ``valid``."""

    def encode(self, document: Document) -> Events:
        """Return the document's events."""

    def prompt(self, text: str) -> Events:
        """Return the events of a text to be continued, without an end that the next token implies."""

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """Return the text of events. ``<doc>`` has no text."""

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """Draw a surface of the class, as seen in training."""

    def state(self) -> dict[str, Any]:
        """Return everything that was learned, as JSON values."""

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned. Then everything except ``fit`` behaves as before."""
