"""Words: spaCy's tokens without loss."""

from collections.abc import Sequence
from typing import ClassVar

from toolkit.text.corpus import Document
from toolkit.text.segmentation import Segment, joined_text, segments
from toolkit.tokenizers.lexical import Lexical


class Words(Lexical):
    """The tokenizer ``word:STRATEGY``."""

    default_strategy: ClassVar[str] = "pos"

    def cut(self, document: Document) -> list[Segment]:
        """spaCy's tokens, tagged where the strategy needs it, and the runs of white space that are tokens."""
        return segments(document, self.tagger.tag(document.text))

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The words joined by the spaces they imply."""
        return joined_text(pieces)

    def implies_end(self, text: str) -> bool:
        """Whether the text ends with a single space."""
        return text.endswith(" ") and not text[-2:-1].isspace()
