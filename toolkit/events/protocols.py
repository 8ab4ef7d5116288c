"""What a tokenizer provides: an encoding of documents as events, a vocabulary, and a speller for what ids hide."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Distribution, Floats
from toolkit.events.encoding import Events
from toolkit.events.vocabulary import Vocabulary
from toolkit.text.corpus import Document


class Spelling(Protocol):
    """The speller within one document: its distributions depend on what has been spelled there before."""

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:
        """Each event of a surface: its distribution and its outcome."""
        ...

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:
        """The surface whose events have the outcomes that ``pick`` gives: the inverse of ``events``."""
        ...

    def observe(self, word_class: str, surface: str) -> None:
        """Take into account that this surface has been spelled."""
        ...


class Speller(Protocol):
    """P(surface | class)."""

    def start(self) -> Spelling:
        """The state at the beginning of a document."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What was fitted, as JSON values."""
        ...


@runtime_checkable
class NeedsInstalled(Protocol):
    """An optional part of a tokenizer that needs more than this package."""

    def check(self) -> None:
        """Raise InputError if something is not installed, before any work is done."""
        ...


@runtime_checkable
class MayRefuse(Protocol):
    """An optional part of a tokenizer that cannot encode every text."""

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError for a document that it cannot encode, before any work is done; learns nothing."""
        ...


@runtime_checkable
class LearnsOnExcerpt(Protocol):
    """An optional part of a tokenizer that does not learn everything from all of much text."""

    def excerpt_notes(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """Sentences for the reader on what it learns from a part of these training documents; none if from all."""
        ...


@runtime_checkable
class OfWholeWords(Protocol):
    """An optional part of a tokenizer whose tokens are whole words: its networks are trained as words are."""

    whole_words: ClassVar[bool]


@runtime_checkable
class KnowsCase(Protocol):
    """An optional part of a tokenizer whose placeholders stand for words that may have capitals."""

    def at_rest(self, word_class: str, surface: str) -> str:
        """A surface of the class with the case that it has in running text, away from beginnings and headings."""
        ...


class Tokenizer(Protocol):
    """From text to events and back, learned only from training documents."""

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

    def encode(self, document: Document) -> Events:
        """The document's events."""
        ...

    def prompt(self, text: str) -> Events:
        """The encoding of a text to be continued; it may leave out an end that the next token implies."""
        ...

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The text of events; ``<doc>`` has no text."""
        ...

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """A surface of the class, as seen in training."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that was learned, as JSON values."""
        ...

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned; then everything except ``fit`` behaves as before."""
        ...


class Logits(Protocol):
    """A network, one event at a time."""

    def feed(self, id_: int) -> None:
        """Read an id; ``<doc>`` starts a document from the zero state."""
        ...

    def logits(self) -> npt.NDArray[np.floating]:
        """Logits (V,) of the next event; those of ids that training never shows are meaningless."""
        ...


class Outlook(Protocol):
    """A model's outputs after the text so far: alike where it expects like things to come."""

    @property
    def outputs(self) -> Floats:
        """The outputs (H,) after what was read: from −1 to 1, and the same whoever decodes."""
        ...

    def feed(self, id_: int) -> None:
        """Read an id, any of the tokenizer's; ``<doc>`` starts a document."""
        ...


class Stepper(Protocol):
    """A model, one event at a time, through one document after another."""

    def distribution(self) -> Floats:
        """P (V,) of the next event, given all before it."""
        ...

    def feed(self, id_: int) -> None:
        """Pass an event; ``<doc>`` ends a document and starts the next."""
        ...
