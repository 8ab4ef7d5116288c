"""Words: spaCy's tokens, without loss."""

from collections.abc import Sequence
from typing import ClassVar

from toolkit.text.corpus import Document
from toolkit.text.segmentation import Segment, Segmenter, joined_text, segments
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.lexical import Lexical


class SpacyWords:
    """A ``Segmenter``: spaCy's tokens, and those runs of white space that are tokens."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    def check(self) -> None:
        """Raise InputError if the tagger's model or language is not installed."""
        self.tagger.check()

    def cut(self, document: Document) -> list[Segment]:
        """spaCy's tokens, tagged if the tagger tags, and those runs of white space that are tokens."""
        return segments(document, self.tagger.tag(document.text))

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The words joined by the spaces they imply."""
        return joined_text(pieces)

    def implies_end(self, text: str) -> bool:
        """Whether the text ends with a single space."""
        return text.endswith(" ") and not text[-2:-1].isspace()


class Words(Lexical):
    """The tokenizer ``word:STRATEGY``: spaCy's words without loss, with a strategy for rare ones."""

    default_strategy: ClassVar[str] = "pos"
    segmenter_class: ClassVar[type[Segmenter]] = SpacyWords
