"""What more text gives: a column's n-gram, counted on nested fractions of the training documents.

Each fraction has a tokenizer of its own, which knows nothing of the rest. If there are points enough, the curve through
them is tried as an extrapolation: how far it is off at the whole text when it is fitted to the smaller fractions alone.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from toolkit.errors import InputError
from toolkit.evaluation.power_law import fitted_curve
from toolkit.events.protocols import Tokenizer
from toolkit.inference.ngram import NGramModel
from toolkit.results.inspection import MoreText
from toolkit.text.corpus import Document, Split, characters, whole_documents
from toolkit.text.fractions import part_of

FRACTIONS = (1 / 16, 1 / 8, 1 / 4)  # beside the whole
SCORED = 100_000  # characters of whole held-out documents, so that a long text takes no longer
CHOSEN_ON = 25_000  # of the shortest validation documents, on which each fraction's order and speller are chosen

Point = tuple[int, float]  # characters of training text, and bits per character


def after_fractions(make: Callable[[], Tokenizer], split: Split, least: int = 1) -> list[Point]:
    """The points before the whole, one for each of the ``smaller_splits`` of at least so many documents.

    ``make`` gives the column's tokenizer before it is fitted.
    """
    scored, valid = scored_documents(split), first_documents(sorted(split.valid, key=length), CHOSEN_ON)
    points = []
    for part in smaller_splits(split, least):
        tokenizer = make().fit(part.train, valid)
        train, chosen_on, held_out = (list(map(tokenizer.encode, of)) for of in (part.train, valid, scored))
        bits = NGramModel.fitted(tokenizer, train, chosen_on).score(held_out)
        points.append((characters(part.train), sum(of_document.total for of_document in bits) / characters(scored)))
    return points


def smaller_splits(split: Split, least: int) -> list[Split]:
    """The split with each fraction of its training documents that has at least so many; of fractions that are the same
    documents, with one.

    None if a sixteenth of the training text is less than a document, or all of it is one.
    """
    if len(split.train) == 1:
        return []
    try:
        parts = [part_of(split, fraction) for fraction in FRACTIONS]
    except InputError:  # too few documents for such fractions: there is nothing to show
        return []
    different = parts[:1] + [part for before, part in pairwise(parts) if part.train != before.train]
    return [part for part in different if whole_documents(part.train) >= least]


def more_text(fractions: Sequence[Point], split: Split, bits: Sequence[float]) -> MoreText | None:
    """The points and their curve, with that of the whole, which needs so many bits for each held-out document.

    None if there are no points before it.
    """
    if not fractions:
        return None
    scored = scored_documents(split)
    points = [*fractions, (characters(split.train), sum(bits[: len(scored)]) / characters(scored))]
    return MoreText(
        points=points,
        scored_characters=characters(scored),
        curve=fitted_curve("", [n for n, _ in points], [bits for _, bits in points]),
    )


def scored_documents(split: Split) -> Sequence[Document]:
    """The held-out documents that each point is scored on."""
    return first_documents(split.test, SCORED)


def length(document: Document) -> int:
    """The characters of a document."""
    return document.characters


def first_documents(documents: Sequence[Document], most: int) -> Sequence[Document]:
    """The first documents, as many as have at most so many characters together, but at least one.

    >>> [document.name for document in first_documents([Document("a", "moon"), Document("b", "fen")], 6)]
    ['a']
    """
    read = list(accumulate(map(length, documents)))
    return documents[: max(1, sum(end <= most for end in read))]
