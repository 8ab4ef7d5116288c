"""Rare words removed before training."""

from collections.abc import Sequence
from typing import ClassVar

from toolkit.rare_words.base import RareWords, Symbol
from toolkit.text.segmentation import Word


class Drop(RareWords):
    """The strategy ``drop``: a rare word is removed from what the network predicts and reads.

    Before every token a flag says whether a word was dropped here, with the share of dropped words in training as its
    probability, and the dropped word is spelled: removing a word does not make it free. Generated text has no rare
    words, because the text that the network was trained on had none.
    """

    classes = ("DROPPED",)
    reads_context: ClassVar[bool] = False

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
        """DROPPED, for any word."""
        return "DROPPED"

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:  # noqa: ARG002 - the network spells none
        """The flag."""
        return [Symbol("DROPPED", outside=True)]
