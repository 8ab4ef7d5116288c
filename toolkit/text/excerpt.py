"""An excerpt of a corpus that does not fit into memory, for what must have its text there."""

from collections.abc import Sequence

from toolkit.text.corpus import Document, characters
from toolkit.text.gathering import fits

EXCERPT = 20_000_000  # characters


def excerpt(documents: Sequence[Document], most: int = EXCERPT) -> tuple[Document, ...]:
    """All documents if they have at most so many characters, else evenly spaced ones that have, but at least one.

    >>> [document.name for document in excerpt([Document(name, "moon") for name in "abcdef"], 8)]
    ['b', 'e']
    """
    return tuple(documents[place] for place in places(documents, most))


def places(documents: Sequence[Document], most: int) -> range:
    """The places of the documents of an excerpt."""
    whole = characters(documents)
    step = max(1, -(-whole // most))
    while step < len(documents):
        spaced = range(step // 2, len(documents), step)
        if sum(documents[place].characters for place in spaced) <= most:
            return spaced
        step += 1
    middle = len(documents) // 2
    return range(len(documents)) if whole <= most else range(middle, middle + 1)


def fitting(documents: Sequence[Document], most: int = EXCERPT) -> tuple[Document, ...]:
    """All documents if they fit into memory, however long they are, else an excerpt of at most so many characters."""
    return tuple(documents[place] for place in fitting_places(documents, most))


def fitting_places(documents: Sequence[Document], most: int) -> range:
    """The places of those documents."""
    return range(len(documents)) if fits(characters(documents)) else places(documents, most)


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


def excerpt_note(what: str, documents: Sequence[Document], taken: Sequence[Document]) -> tuple[str, ...]:
    """A sentence on what is measured or learnt on some of the training documents; none if those are all of them.

    >>> excerpt_note("Novelty is measured", [Document("a", "moon"), Document("b", "fen")], [Document("b", "fen")])
    ('Novelty is measured on an excerpt of the training text: 1 of 2 documents, 3 of 7 characters.',)
    """
    if len(taken) == len(documents):
        return ()
    return (
        f"{what} on an excerpt of the training text: {len(taken):,} of {len(documents):,} documents, "
        f"{characters(taken):,} of {characters(documents):,} characters.",
    )
