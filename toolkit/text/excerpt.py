"""An excerpt of a corpus that does not fit into memory, for what must have its text there."""

from collections.abc import Sequence

from toolkit.text.corpus import Document

EXCERPT = 20_000_000  # characters


def excerpt(documents: Sequence[Document], most: int = EXCERPT) -> tuple[Document, ...]:
    """All documents if they have at most so many characters, else evenly spaced ones that have, but at least one.

    >>> [document.name for document in excerpt([Document(name, "moon") for name in "abcdef"], 8)]
    ['b', 'e']
    """
    whole = sum(document.characters for document in documents)
    if whole <= most:
        return tuple(documents)
    step = -(-whole // most)
    while step < len(documents):
        spaced = documents[step // 2 :: step]
        if sum(document.characters for document in spaced) <= most:
            return tuple(spaced)
        step += 1
    return (documents[len(documents) // 2],)


def excerpt_note(documents: Sequence[Document], what: str, most: int = EXCERPT) -> tuple[str, ...]:
    """A sentence on what is measured on an excerpt of documents of training; none if that has all of them.

    >>> excerpt_note([Document("a", "moon")], "Novelty is", 3)
    ('Novelty is measured on an excerpt of the training text: 1 of 1 documents, 4 of 4 characters.',)
    """
    taken = excerpt(documents, most)
    whole = sum(document.characters for document in documents)
    if whole <= most:
        return ()
    return (
        f"{what} measured on an excerpt of the training text: {len(taken):,} of {len(documents):,} documents, "
        f"{sum(document.characters for document in taken):,} of {whole:,} characters.",
    )
