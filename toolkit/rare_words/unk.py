"""One placeholder for every rare word."""

from typing import ClassVar

from toolkit.rare_words.base import RareWords
from toolkit.text.segmentation import Word


class Unknown(RareWords):
    """The strategy ``unk``: one placeholder for all rare words."""

    classes = ("UNK",)
    reads_context: ClassVar[bool] = False

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
        """UNK, for any word."""
        return "UNK"
