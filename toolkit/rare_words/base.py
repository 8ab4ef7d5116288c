"""What a strategy for rare words is given and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

OTHER = "OTHER"  # the class of a word whose class is not on the strategy's list


@dataclass(frozen=True, slots=True)
class Word:
    """A token in its text: its marks (segmentation.py), tags (empty without a tagger), neighbours, document's name."""

    text: str
    marks: str
    tag: str
    pos: str
    morph: str
    left: str
    right: str
    document: str


class RareWords(Protocol):
    """A strategy: the class that stands for a rare or unseen word.

    ``classes`` is a closed list, known once fitted; a word that gets a class outside it gets ``OTHER``. The class is
    transmitted and paid for, so it may be chosen by anything in ``Word``. What ``fit`` learns is not saved with a run:
    the classes, and which of them a word gets, must not depend on it until strategies can be saved.
    """

    needs_tags: ClassVar[bool]

    @property
    def classes(self) -> tuple[str, ...]:
        """The closed list of classes, without OTHER."""
        ...

    def fit(self, rare: Sequence[Word]) -> Self:
        """Learn from the rare words of the training documents only."""
        ...

    def class_of(self, word: Word) -> str:
        """The class that stands for a rare or unseen word."""
        ...
