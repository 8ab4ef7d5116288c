"""One placeholder for every rare word."""

from toolkit.rare_words.base import RareWords
from toolkit.text.segmentation import Word


class Unknown(RareWords):
    """The strategy ``unk``: all rare words share one class."""

    classes = ("UNK",)

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
        """UNK, for any word."""
        return "UNK"
