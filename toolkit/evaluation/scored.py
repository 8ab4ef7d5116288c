"""What texts pay, each scored as one document; a model that learns from what it reads is proven by coding."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.errors import InputError, VerificationError
from toolkit.inference.adapting import Adapting
from toolkit.inference.scores import DocumentScores
from toolkit.inference.verification import verify_while_scoring
from toolkit.inference.word_costs import word_costs
from toolkit.results.bits import PARTS
from toolkit.runs.decoding import decoder_of
from toolkit.runs.folder import load, load_spec
from toolkit.runs.own_split import own_split
from toolkit.text.corpus import Document, utf8_bytes
from toolkit.text.neutral import band, training_counts


@dataclass(frozen=True)
class Scored:
    """The bits of one document, and by part of the ledger; ``adapt`` is the rate of a model that keeps learning."""

    name: str
    characters: int
    bits: float
    bits_per_character: float
    bits_per_byte: float
    adapt: float | None
    parts: Mapping[str, float]


@dataclass(frozen=True)
class ScoredWord:
    """What a word of a document costs (inference/word_costs.py).

    ``band`` is that of its frequency in the training text, all of it where the run has learned from a fraction: so it
    is on the page, where the words of a band are the same for all cells. None if that text is not at hand.
    """

    document: str
    start: int
    end: int
    word: str
    bits: float
    band: str | None


def scored(run: Path, documents: Sequence[Document], adapt: float | None) -> list[Scored]:
    """What each document pays under a run's model, which keeps learning from one to the next if there is a rate.

    Raises InputError and VerificationError as ``document_scores`` does.
    """
    return [
        Scored(
            document.name,
            len(document.text),
            of_document.total,
            of_document.total / len(document.text),
            of_document.total / utf8_bytes([document.text]),
            adapt,
            dict(zip(PARTS, of_document.parts().tolist(), strict=True)),
        )
        for document, of_document in zip(documents, document_scores(run, documents, adapt), strict=True)
    ]


def scored_words(run: Path, documents: Sequence[Document], adapt: float | None) -> list[ScoredWord]:
    """What each word of the documents costs, in their order. Raises as ``scored`` does."""
    counts = training_words(run)
    return [
        ScoredWord(
            document.name, cost.start, cost.end, cost.word, cost.bits,
            None if counts is None else band(counts[cost.word]),
        )
        for document, of_document in zip(documents, document_scores(run, documents, adapt), strict=True)
        for cost in word_costs(document.text, of_document)
    ]  # fmt: skip


def training_words(run: Path) -> Counter[str] | None:
    """The neutral words of all training documents, counted; None if the run does not lead to them."""
    try:
        return training_counts(own_split(replace(load_spec(run), fraction=1.0)).train)
    except InputError:
        return None


def document_scores(run: Path, documents: Sequence[Document], adapt: float | None) -> list[DocumentScores]:
    """The scores of each document.

    Raises InputError for a damaged run or a wrong rate, and VerificationError if coding and decoding with a model that
    keeps learning does not give the same bits and text.
    """
    if adapt is None:
        return load(run).score_documents(documents)
    learning = Adapting(load(run), adapt)
    scores, result = verify_while_scoring(
        learning, decoder_of([run], adapt), documents, lambda _: None, lambda *_: None
    )
    if result.wrong:
        raise VerificationError(result.wrong)
    return scores
