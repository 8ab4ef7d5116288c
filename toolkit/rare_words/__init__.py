"""Strategies for rare words, by name: the class that stands for one, and the symbols that write it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from reprlib import repr as short_repr
from typing import Any, ClassVar, NamedTuple, Self

from toolkit.events.coding import expect
from toolkit.events.encoding import CLASSES, Speller
from toolkit.plugins import Registry
from toolkit.spelling.speller import Restriction, SpellerData, WordSpeller, fitted_on_valid
from toolkit.text.words import JOINER, Word

OTHER = "OTHER"  # the class of a word whose class is not on the strategy's list


@dataclass(frozen=True, slots=True)
class Symbol:
    """A vocabulary id that writes rare words."""

    name: str
    text: str | None = None  # without one, a surface is spelled behind the symbol, whose name is its class
    part: int = CLASSES  # of the ledger
    ends: bool = True  # whether a word ends with it
    outside: bool = False  # the network neither predicts nor reads it: its probability is its share in training


class Written(NamedTuple):
    """An event of a rare word: its symbol's number, the surface behind it, and the characters covered so far."""

    symbol: int
    surface: str | None
    covered: int


class RareWords(ABC):
    """A strategy: the class that stands for a rare or unseen word. Most need only ``class_of`` and ``classes``.

    ``classes`` is a closed list or tuple of names, known once fitted; a word of another class gets ``OTHER``. The
    class is transmitted and paid for, so it may depend on anything in ``Word``. Settings are keyword arguments of the
    constructor. Whatever ``class_of`` learns in ``fit`` is in ``state``, as JSON values.
    """

    needs_tags: ClassVar[bool] = False  # whether Word must have tag, pos and morph
    keeps_all: ClassVar[bool] = False  # whether every word of the training text is kept
    reads_context: ClassVar[bool] = True  # whether the class depends on more of a word than its text and tags
    restriction: Restriction | None = None  # of the surfaces that a class allows
    classes: Sequence[str] = ()

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - for strategies that learn
        """Learn from the words of the training documents, one per occurrence, in order; they are read-only."""
        return self

    @abstractmethod
    def class_of(self, word: Word) -> str:
        """Return the class that stands for a rare or unseen word."""

    def classes_of(self, words: Sequence[Word]) -> list[str]:
        """Return the class of each word, in their order, or ``OTHER`` if it is not on the list."""
        known = frozenset(self.classes)
        return [name if (name := self.class_of(word)) in known else OTHER for word in words]

    def state(self) -> dict[str, Any]:
        """Return the learnt values as JSON values; by default the classes."""
        return {"classes": list(self.classes)}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Load what ``state`` gave; then everything but ``fit`` behaves as before."""
        if list(self.classes) != state["classes"]:  # a list fixed by the class itself stays
            self.classes = tuple(state["classes"])
        return self

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:  # noqa: ARG002 - for strategies that spell with them
        """Return the ids that write rare words, given the training text's characters; by default one per class."""
        return [Symbol(name) for name in (*self.classes, OTHER)]

    def write(self, word_class: str, surface: str, numbers: Mapping[str, int]) -> Iterator[Written]:
        """Yield the events of a rare word, given the symbols' numbers by name; by default its class and surface."""
        yield Written(numbers[word_class], surface, len(surface.replace(JOINER, "")))

    def fitted_speller(self, data: SpellerData) -> Speller:
        """Return the model of the surfaces behind symbols."""
        return fitted_on_valid(data, self.restriction)

    def restored_speller(self, state: Mapping[str, Any]) -> Speller:
        """Return the speller restored from its ``to_dict``."""
        return WordSpeller.from_dict(state, self.restriction)


def check_classes(classes: object) -> None:
    """Raise ContractError unless classes are a list of different names without ``OTHER``."""
    names = classes if isinstance(classes, Sequence) and not isinstance(classes, str) else [None]
    different = len({*names, OTHER}) == len(names) + 1
    expect(
        different and all(isinstance(name, str) for name in names),
        f"classes must be a list of different names without {OTHER}, not {short_repr(classes)}",
    )


RARE_WORDS: Registry[RareWords] = Registry(
    "strategy",
    "toolkit.rare_words",
    {
        "pos": "toolkit.rare_words.placeholders:PartOfSpeech",
        "tag": "toolkit.rare_words.placeholders:FineTag",
        "unk": "toolkit.rare_words.placeholders:Unknown",
        "keep": "toolkit.rare_words.placeholders:Keep",
        "shape": "toolkit.rare_words.placeholders:Shape",
        "cluster": "toolkit.rare_words.cluster:Cluster",
        "spell": "toolkit.rare_words.placeholders:Spell",
        "drop": "toolkit.rare_words.placeholders:Drop",
    },
)
