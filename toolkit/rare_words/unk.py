"""One placeholder for every rare word."""

from collections.abc import Sequence
from typing import ClassVar, Self

from toolkit.rare_words.base import Word


class Unknown:
    """The strategy ``unk``: all rare words are of one class."""

    needs_tags: ClassVar[bool] = False
    classes = ("UNK",)

    def fit(self, rare: Sequence[Word]) -> Self:  # noqa: ARG002 - nothing is to be learnt
        """Nothing depends on the words."""
        return self

    def class_of(self, word: Word) -> str:  # noqa: ARG002
        """UNK, for any word."""
        return "UNK"
