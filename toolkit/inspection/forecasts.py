"""Three forecasts of the share of held-out tokens that training does not have, from the training documents alone.

*Good–Turing*: V1/N, the probability that a next token of the same text is new (Good 1953). A new document has names
and subjects of its own, so it is usually too low.

*Leaving one document out*: of each training document the tokens that the others do not have, over all tokens.

*Growth*: the vocabulary's growth at the end of the training text, continued. log V is not a straight line of log n, so
the slope at the end is that of a parabola: with the exponent b there, b · V(N) / N new types per token. Each new type
comes several times in its document; how often, the training documents say. The first thousand tokens, where any
curve is steeper, are left out of the fit. Over eight splits each of the bundled tales, Lovecraft and tinyshakespeare:

    new types per token, %       the parabola's slope 6.6, 2.6, 3.7    Heaps' line 7.9, 4.7, 4.8    really 6.4, 2.5, 3.0
    unseen tokens, %             growth 8.3, 4.1, 4.5                  Good–Turing 6.0, 2.3, 3.3    really 8.4, 4.1, 3.8
"""

from collections.abc import Sequence

from toolkit.results.corpus import Coverage
from toolkit.results.inspection import Forecasts, Heaps
from toolkit.text.census import Census, census
from toolkit.text.corpus import Document, Split, whole_documents
from toolkit.text.splits import blocks

ONE_DOCUMENT = "the training text is one document, so there is no other to compare it with"
BLOCKS = "the corpus is one document, and its blocks are no documents"
TOO_SHORT = "the training text is too short to fit its growth"
NO_GROWTH = "at its end the training text's vocabulary does not grow as vocabularies do, with a power between 0 and 1"
NOTHING_NEW = "no part of the training text has a token that the others lack"
NO_TOKENS = "the training text has no tokens"


def forecasts(split: Split, train: Census, coverage: Coverage, heaps: Heaps | None, *, whole: bool) -> Forecasts:
    """The forecasts beside the real share, from the census of the training documents.

    ``whole`` says whether the split's documents are whole documents, or parts of long ones.
    """
    repeats = repeats_of_new(split.train, train)
    grows = heaps is not None and 0 < heaps.end_exponent < 1
    rate = heaps.end_exponent * coverage.types / coverage.tokens if heaps is not None and grows else None
    missing = {}
    if not coverage.tokens:
        missing["good_turing"] = NO_TOKENS
    if not whole or whole_documents(split.train) < 2:
        missing["leave_one_out"] = BLOCKS if not whole else ONE_DOCUMENT
    if rate is None or repeats is None:
        missing["growth"] = NOTHING_NEW if rate is not None else NO_GROWTH if heaps is not None else TOO_SHORT
    return Forecasts(
        unseen=coverage.unseen_token_share,
        good_turing=None if "good_turing" in missing else coverage.good_turing,
        leave_one_out=None if "leave_one_out" in missing else coverage.leave_one_out,
        growth=None if rate is None or repeats is None else rate * repeats,
        new_type_rate=rate,
        repeats=repeats,
        missing=missing,
    )


def repeats_of_new(documents: Sequence[Document], train: Census) -> float | None:
    """How often a document has a type that no other has, on average; None if there is no such type.

    ``train`` is the census of the documents; a single one is cut into blocks for this.
    """
    own = (train if len(documents) > 1 else census(blocks(documents[0]))).in_one_document
    return sum(own) / len(own) if own else None
