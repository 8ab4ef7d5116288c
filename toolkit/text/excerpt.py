"""An excerpt of a corpus that does not fit into memory, for whatever needs its text there."""

from collections.abc import Sequence

from toolkit.text.corpus import Document, characters
from toolkit.text.store import fits

EXCERPT_CHARACTERS = 20_000_000


def fitting(documents: Sequence[Document], most: int = EXCERPT_CHARACTERS) -> tuple[Document, ...]:
    """Return all documents if they fit into memory, or else evenly spaced ones.

    Those have at most ``most`` characters together, or are a single document.
    """
    return tuple(documents[place] for place in fitting_places(documents, most))


def fitting_places(documents: Sequence[Document], most: int) -> range:
    """Return the places of the documents that ``fitting`` returns."""
    whole = characters(documents)
    if fits(whole):
        return range(len(documents))
    for step in range(max(1, -(-whole // most)), len(documents)):
        places = range(step // 2, len(documents), step)
        if sum(documents[place].characters for place in places) <= most:
            return places
    middle = len(documents) // 2
    return range(middle, middle + 1)


def cut(documents: Sequence[Document], characters: int) -> list[Document]:
    """Return the first ``characters`` of documents. The last document is cut there.

    >>> [document.text for document in cut([Document("a", "moon"), Document("b", "light"), Document("c", "!")], 6)]
    ['moon', 'li']
    """
    beginning: list[Document] = []
    for document in documents:
        if characters > 0:
            beginning.append(Document(document.name, document.text[:characters]))
            characters -= len(document.text)
    return beginning
