r"""Words with the space before them, cut so that what has been read says where each has ended: a mixture needs that.

    "The moon, he said\n" -> "The", " moon", ",", " he", " said", "\n"

A token is a run of ``\w`` with the combining marks on its letters, or a single other character. A single space before
it belongs to it. Other white space is one token per character. Nothing is implied or marked: the tokens joined are the
text.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from toolkit.rare_words.base import OTHER
from toolkit.text.corpus import Document
from toolkit.text.neutral import LETTERS
from toolkit.text.segmentation import Segmenter, Segments, in_context
from toolkit.text.tagged import TaggedText
from toolkit.tokenizers.lexical import Lexical
from toolkit.tokenizers.patterns import PatternWords

PIECES = re.compile(rf" ?{LETTERS}| ?[^\w\s]|\s")
SPACE = " "


class SpacedWords(PatternWords):
    """A ``Segmenter``: words with the space before them."""

    def cut(self, document: Document) -> Segments:
        """The tokens, without marks; tags are those of the longest of spaCy's tokens that begin within each."""
        tags = self.tags(document)
        spans = [tags.of(*match.span()) for match in PIECES.finditer(document.text)]
        nothing = np.zeros(len(spans), np.uint8)
        return in_context(document, TaggedText.of(spans), nothing, nothing)

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The tokens joined."""
        return "".join(text for _, text in pieces)

    def implies_end(self, text: str) -> bool:  # noqa: ARG002 - every space is written
        """No text ends with a space that is not a token's."""
        return False


class Spaced(Lexical):
    """The tokenizer ``spaced:STRATEGY``: words with the space before them, and the case that they have."""

    default_strategy: ClassVar[str] = "unk"
    segmenter_class: ClassVar[type[Segmenter]] = SpacedWords
    folds: ClassVar[bool] = False

    @property
    def kept_words(self) -> Sequence[str]:
        """The words that have ids of their own, in the order of their ids."""
        return self._ids.kept

    @property
    def placeholder(self) -> int | None:
        """The id that stands for every rare word; None if the strategy has several, or writes them with more events."""
        ids = [id_ for id_, name in self.vocabulary.spelled.items() if name in self.strategy.classes]
        return ids[0] if len(ids) == 1 and len(self.symbols) == len([*self.strategy.classes, OTHER]) else None

    @property
    def first_word(self) -> int:
        """The id of the first of them."""
        return self._ids.first_word


def goes_on_with(begun: str, character: str) -> bool:
    """Whether a token that has begun like this goes on with the character.

    >>> [goes_on_with(begun, character) for begun, character in [("", " "), (" ", "m"), (" mo", "o"), (" ", "(")]]
    [True, True, True, True]
    >>> [goes_on_with(begun, character) for begun, character in [(" moon", ","), (",", ","), (" ", " ")]]
    [False, False, False]
    """
    return PIECES.fullmatch(begun + character) is not None


def is_whole(begun: str) -> bool:
    """Whether a token that has begun like this has ended, whatever follows.

    >>> is_whole(","), is_whole(" moon"), is_whole(" "), is_whole(chr(10))
    (True, False, False, True)
    """
    return begun not in ("", SPACE) and not goes_on_with(begun, "a")
