"""Rare words removed before training."""

from collections.abc import Sequence

from toolkit.rare_words.base import RareWords, Symbol
from toolkit.text.segmentation import Word


class Drop(RareWords):
    """The strategy ``drop``: the network never sees a rare word, neither to predict nor to read.

    Before every token a flag says "dropped here" or not, with the share that dropped words have in training, and what
    was dropped is spelled: removing a word does not make it free. Generated text has no rare words, as what the network
    was trained on had none.
    """

    classes = ("DROPPED",)

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - all are alike
        """DROPPED, for any word."""
        return "DROPPED"

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:  # noqa: ARG002 - none is spelled by the network
        """The flag."""
        return [Symbol("DROPPED", outside=True)]
