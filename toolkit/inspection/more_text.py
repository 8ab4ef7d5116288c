"""What more text gives: a column's n-gram, counted on nested fractions of the training documents.

The tokenizer is the one of the whole training text. The curve through the points is tried as an extrapolation: how far
it is off at the whole text when it is fitted to the smaller fractions alone.
"""

from collections.abc import Sequence

from toolkit.errors import InputError
from toolkit.evaluation.power_law import fitted_curve
from toolkit.events.encoding import Encoding
from toolkit.inference.ngram import NGramModel
from toolkit.results.inspection import MoreText
from toolkit.text.corpus import Document, Split
from toolkit.text.fractions import part_of

FRACTIONS = (1 / 16, 1 / 8, 1 / 4)  # beside the whole
SCORED = 100_000  # characters of whole held-out documents, so that a long text takes no longer


def more_text(
    model: NGramModel, split: Split, training: Sequence[Encoding], valid: Sequence[Encoding], test: Sequence[Encoding]
) -> MoreText | None:
    """The points and their curve; ``model`` is the n-gram of the whole training text, whose documents are ``training``.

    None if a sixteenth of the training text is less than a document, or if there is only one.
    """
    try:
        parts = {fraction: part_of(split, fraction).train for fraction in FRACTIONS}
    except InputError:  # too few documents for such fractions: there is nothing to show
        return None
    if len(split.train) == 1:
        return None
    scored = first_documents(split.test)
    characters = sum(len(document.text) for document in split.test[:scored])
    encoded = dict(zip((document.name for document in split.train), training, strict=True))
    points = []
    for documents in (*parts.values(), split.train):
        counted = model
        if documents is not split.train:
            counted = NGramModel.fitted(model.tokenizer, [encoded[document.name] for document in documents], valid)
        bits = sum(of_document.total for of_document in counted.score(test[:scored])) / characters
        points.append((sum(len(document.text) for document in documents), bits))
    return MoreText(
        points=points,
        scored_characters=characters,
        curve=fitted_curve("", [n for n, _ in points], [bits for _, bits in points]),
    )


def first_documents(documents: Sequence[Document]) -> int:
    """How many of the documents come to ``SCORED`` characters, at least one.

    >>> first_documents([Document("a", "x" * 60_000), Document("b", "x" * 30_000), Document("c", "x" * 30_000)])
    2
    """
    read = 0
    for number, document in enumerate(documents):
        read += len(document.text)
        if read > SCORED:
            return max(1, number)
    return len(documents)
