"""What every tokenizer offers: an encoding of a document as events, a vocabulary, and a speller for what ids hide."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from toolkit.corpus import Document
from toolkit.metrics.neutral import word_spans
from toolkit.probability import Distribution, Reserve
from toolkit.results import PARTS

DOC = 0  # the id of <doc>: the first input of a document and its last event
WORDS, CLASSES, SPELLING, SPACING, DOCUMENT_ENDS = range(len(PARTS))  # the ledger's parts, as Encoding.parts has them


@dataclass(frozen=True)
class Encoding:
    """A document as n network events, the last of them ``<doc>``.

    Event i covers ``text[offsets[i]:offsets[i + 1]]``, the implied space before it included; offsets begin at 0, never
    fall, and end at the text's length. Where an id does not determine the text, ``surfaces[i]`` is what is spelled
    behind it, marks included. ``parts[i]`` is the part of the ledger that the event's bits go to; spelling bits have
    a part of their own.
    """

    ids: npt.NDArray[np.int32]  # (n,)
    offsets: npt.NDArray[np.int32]  # (n + 1,)
    parts: npt.NDArray[np.int8]  # (n,)
    surfaces: Mapping[int, str]


@dataclass(frozen=True)
class Vocabulary:
    """The ids of a tokenizer. Id 0 is ``<doc>``.

    ``tokens`` are names for people; ``spelled`` has the ids behind which a surface is spelled, each with the class that
    it is spelled as; ``reserve`` says which ids training shows and what the others get. ``spelling_part`` is the part
    of the ledger that spelling goes to, None for that of the event before it.
    """

    tokens: tuple[str, ...]
    spelled: Mapping[int, str]
    reserve: Reserve = field(compare=False)
    spelling_part: int | None = SPELLING

    def __len__(self) -> int:
        return len(self.tokens)

    def fed(self, encoding: Encoding) -> Encoding:
        """The encoding without the events that the network neither predicts nor is fed.

        What they cover goes to the event after them, and there is no surface in it.
        """
        inside = self.reserve.inside(encoding.ids)
        ends = encoding.offsets[1:][inside]
        return Encoding(
            encoding.ids[inside],
            np.concatenate([encoding.offsets[:1], ends]),
            encoding.parts[inside],
            MappingProxyType({}),
        )


class Spelling(Protocol):
    """The speller within one document: what it says depends on what was spelled there before."""

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:
        """Each event of a surface: its distribution and its outcome."""
        ...

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:
        """The surface whose events have the outcomes that ``pick`` gives: the inverse of ``events``."""
        ...

    def observe(self, word_class: str, surface: str) -> None:
        """Learn that this surface has now been spelled."""
        ...


class Speller(Protocol):
    """P(surface | class)."""

    def start(self) -> Spelling:
        """The state at the beginning of a document."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What was fitted, as JSON values."""
        ...


def parts_of(text: str, offsets: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The ledger's parts (n,) of events that end with ``<doc>``, by the last character that each covers.

    One that covers none has the part of the next that does.

    >>> parts_of("a é!", np.array([0, 1, 1, 3, 4, 4])).tolist()
    [0, 0, 0, 3, 4]
    """
    in_word = np.zeros(len(text), bool)
    for start, end, _ in word_spans(text):
        in_word[start:end] = True
    parts = np.full(len(offsets) - 1, SPACING, np.int8)
    covering = np.flatnonzero(np.diff(offsets))
    completing = covering[np.searchsorted(covering, np.arange(covering[-1] + 1))] if len(covering) else covering
    parts[: len(completing)] = np.where(in_word[offsets[1:][completing] - 1], WORDS, SPACING)
    parts[-1] = DOCUMENT_ENDS
    return parts


@runtime_checkable
class NeedsInstalled(Protocol):
    """What a tokenizer may offer besides, where it needs more than this package."""

    def check(self) -> None:
        """Raise InputError where something is not installed, before any work is done."""
        ...


@runtime_checkable
class MayRefuse(Protocol):
    """What a tokenizer may offer besides, where there are texts that it cannot take."""

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError for a document that it cannot take, before any work is done; nothing is learnt."""
        ...


class Tokenizer(Protocol):
    """From text to events and back, learnt from training documents only."""

    one_hot: ClassVar[bool]

    @property
    def vocabulary(self) -> Vocabulary:
        """The ids, once fitted."""
        ...

    @property
    def speller(self) -> Speller:
        """The model of what ids hide, once fitted."""
        ...

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn vocabulary, classes, counts and speller from training documents; choose among them on ``valid``."""
        ...

    def encode(self, document: Document) -> Encoding:
        """The document's events."""
        ...

    def prompt(self, text: str) -> Encoding:
        """The encoding of a text to be continued; it covers less where the next token implies the text's end."""
        ...

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The text of events; ``<doc>`` has none."""
        ...

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """A surface of the class, as seen in training."""
        ...

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON values."""
        ...

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Take over what ``state`` gave; then everything but ``fit`` behaves as before."""
        ...
