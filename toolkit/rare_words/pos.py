"""A placeholder per coarse part of speech."""

from collections.abc import Sequence
from typing import ClassVar, Self

from toolkit.rare_words.base import Word

# Universal Dependencies' 17 tags and the one that spaCy gives to white space: https://universaldependencies.org/u/pos
COARSE_TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SPACE", "SYM", "VERB", "X",
)  # fmt: skip


class PartOfSpeech:
    """The strategy ``pos``: a rare word's class is the coarse tag that the tagger gives it in its sentence."""

    needs_tags: ClassVar[bool] = True
    classes = COARSE_TAGS

    def fit(self, rare: Sequence[Word]) -> Self:  # noqa: ARG002 - the tag set is the model's
        """Nothing depends on the words: the list of tags is closed."""
        return self

    def class_of(self, word: Word) -> str:
        """The word's coarse tag."""
        return word.pos
