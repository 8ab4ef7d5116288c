"""A placeholder per fine-grained tag, which keeps number and tense."""

from collections.abc import Sequence
from typing import ClassVar, Self

from toolkit.rare_words.base import RareWords
from toolkit.text.segmentation import Word


class FineTag(RareWords):
    """The strategy ``tag``: a placeholder per fine tag, which keeps number and tense.

    If the tagger's model has no fine tags, the class is tag and morphology.
    The list of classes is that of the rare words in the training documents.
    """

    needs_tags: ClassVar[bool] = True
    reads_context: ClassVar[bool] = False

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - only tags of rare words
        """Learn the tags of the rare words."""
        self.classes = tuple(sorted({self.class_of(word) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """The word's fine tag, such as NNS or VBD; else coarse tag and morphology, such as ``NOUN Number=Plur``."""
        return word.tag or f"{word.pos} {word.morph}".strip()
