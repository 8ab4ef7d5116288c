"""Words: spaCy's tokens, without loss."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from toolkit.text.corpus import Document
from toolkit.text.segmentation import Segmenter, Segments, joined_text, segments
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.lexical import Lexical


class SpacyWords:
    """A ``Segmenter``: spaCy's tokens, and those runs of white space that are tokens."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    def check(self) -> None:
        """Raise InputError if the tagger's model or language is not installed."""
        self.tagger.check()

    def cut(self, document: Document) -> Segments:
        """spaCy's tokens, tagged if the tagger tags, and those runs of white space that are tokens."""
        return segments(document, self.tagger.tag(document.text))

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The words joined by the spaces they imply."""
        return joined_text(pieces)

    def implies_end(self, text: str) -> bool:
        """Whether the text ends with a single space."""
        return text.endswith(" ") and not text[-2:-1].isspace()


class Words(Lexical):
    """The tokenizer ``word:STRATEGY``: spaCy's words without loss, with a strategy for rare ones.

    Dashes between words are tokens if the training text has any.
    """

    default_strategy: ClassVar[str] = "pos"
    segmenter_class: ClassVar[type[Segmenter]] = SpacyWords

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError as ``Lexical`` does, with words that are cut as they will be."""
        if self.strategy.closed:
            self.tagger.see_dashes(document.text for document in training)
        super().check_texts(training, held_out)

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn as ``Lexical`` does, and whether dashes are cut."""
        self.tagger.see_dashes(document.text for document in documents)
        return super().fit(documents, valid)

    def state(self) -> dict[str, Any]:
        """That of ``Lexical``, and ``dashes`` if they are cut."""
        return super().state() | ({"dashes": True} if self.tagger.cuts_dashes else {})

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        self.tagger.cuts_dashes = state.get("dashes", False)
        return super().restore(state)
