"""A placeholder per coarse part of speech."""

from typing import ClassVar

from toolkit.rare_words.base import RareWords
from toolkit.text.segmentation import Word

# The 17 tags of Universal Dependencies, and the one that spaCy gives to white space: https://universaldependencies.org/u/pos
COARSE_TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SPACE", "SYM", "VERB", "X",
)  # fmt: skip


class PartOfSpeech(RareWords):
    """The strategy ``pos``: a placeholder per coarse part of speech, as tagged in the sentence."""

    needs_tags: ClassVar[bool] = True
    reads_context: ClassVar[bool] = False
    classes = COARSE_TAGS

    def class_of(self, word: Word) -> str:
        """The word's coarse tag."""
        return word.pos
