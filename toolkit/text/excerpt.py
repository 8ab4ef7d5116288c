"""What of much text is read where it must be in memory as a whole."""

from collections.abc import Sequence

from toolkit.text.corpus import Document

EXCERPT = 20_000_000  # characters


def excerpt(documents: Sequence[Document], most: int = EXCERPT) -> tuple[Document, ...]:
    """stub."""
    return tuple(documents)
