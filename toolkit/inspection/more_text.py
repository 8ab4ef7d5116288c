"""What more text gives: a column's n-gram, counted on nested fractions of the training documents.

Each fraction has a tokenizer of its own, which knows nothing of the rest. The curve through the points is tried as an
extrapolation: how far it is off at the whole text when it is fitted to the smaller fractions alone.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

from toolkit.errors import InputError
from toolkit.evaluation.power_law import fitted_curve
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.ngram import NGramModel
from toolkit.results.inspection import MoreText
from toolkit.text.corpus import Document, Split
from toolkit.text.fractions import part_of

FRACTIONS = (1 / 16, 1 / 8, 1 / 4)  # beside the whole
SCORED = 100_000  # characters of whole held-out documents, so that a long text takes no longer
CHOSEN_ON = 25_000  # and of whole validation documents, on which each fraction's order and speller are chosen


def more_text(
    make: Callable[[], Tokenizer], model: NGramModel, split: Split, test: Sequence[Encoding]
) -> MoreText | None:
    """The points and their curve; ``model`` is the n-gram of the whole training text, ``test`` what it is scored on.

    ``make`` gives the column's tokenizer before it is fitted. None if a sixteenth of the training text is less than a
    document, or if there is only one.
    """
    try:
        parts = [part_of(split, fraction) for fraction in FRACTIONS]
    except InputError:  # too few documents for such fractions: there is nothing to show
        return None
    if len(split.train) == 1:
        return None
    scored, valid = first_documents(split.test, SCORED), first_documents(split.valid, CHOSEN_ON)
    characters = sum(len(document.text) for document in scored)

    def bits(counted: NGramModel, encodings: Sequence[Encoding]) -> float:
        return sum(of_document.total for of_document in counted.score(encodings)) / characters

    points = []
    for part in parts:
        tokenizer = make().fit(part.train, valid)
        train, chosen_on, held_out = (list(map(tokenizer.encode, of)) for of in (part.train, valid, scored))
        points.append((size(part.train), bits(NGramModel.fitted(tokenizer, train, chosen_on), held_out)))
    points.append((size(split.train), bits(model, test[: len(scored)])))
    return MoreText(
        points=points,
        scored_characters=characters,
        curve=fitted_curve("", [n for n, _ in points], [bits for _, bits in points]),
    )


def size(documents: Sequence[Document]) -> int:
    """The characters of documents."""
    return sum(len(document.text) for document in documents)


def first_documents(documents: Sequence[Document], most: int) -> Sequence[Document]:
    """The first documents, as many as have at most so many characters together, but at least one.

    >>> [document.name for document in first_documents([Document("a", "moon"), Document("b", "fen")], 6)]
    ['a']
    """
    read = list(accumulate(len(document.text) for document in documents))
    return documents[: max(1, sum(end <= most for end in read))]
