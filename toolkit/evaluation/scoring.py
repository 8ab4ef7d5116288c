"""Score texts with a finished run, or prove its likelihood by coding them, beside the sizes of compressors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.errors import ContractError, InputError, VerificationError
from toolkit.evaluation.compressors import cold_sizes, primed_sizes
from toolkit.inference.adapting import Adapting
from toolkit.inference.scores import DocumentScores, scores_of
from toolkit.inference.verification import Verification, verify, verify_while_scoring
from toolkit.inference.word_costs import word_costs
from toolkit.results.bits import PARTS
from toolkit.results.cell import RunBytes
from toolkit.runs.decoding import decoder_of
from toolkit.runs.folder import load, load_run, load_scores, load_spec, run_bytes, saved_state
from toolkit.runs.isolated import blamed, check_read, check_refit
from toolkit.runs.own_split import cut, own_split
from toolkit.text.corpus import Document, utf8_bytes
from toolkit.text.excerpt import fitting
from toolkit.text.neutral import band, training_counts
from toolkit.text.sources import read_document


@dataclass(frozen=True)
class Scored:
    """The bits of one document, in all and by part of the ledger. ``adapt`` is the rate of a model that learns."""

    name: str
    characters: int
    bits: float
    bits_per_character: float
    bits_per_byte: float
    adapt: float | None
    parts: Mapping[str, float]


@dataclass(frozen=True)
class ScoredWord:
    """The cost of a word of a document (inference/word_costs.py).

    ``band`` is for the whole training text, even if the run has learned from a fraction, or None if it is missing.
    """

    document: str
    start: int
    end: int
    word: str
    bits: float
    band: str | None


@dataclass(frozen=True)
class Proof:
    """The verification of a run, the size of its files, and the sizes of compressors by variant and name.

    ``missing`` is the reason why the run's training text is missing, so that no size is primed.
    """

    verification: Verification
    run_bytes: RunBytes
    compressors: Mapping[str, Mapping[str, int]]
    missing: str | None


def scored(run: Path, documents: Sequence[Document], adapt: float | None) -> list[Scored]:
    """Score each document with a run's model, which keeps learning from one to the next at the rate ``adapt``.

    Raises InputError if the run is damaged or the rate is wrong, and VerificationError if a model that learns does not
    decode the same text with the same bits.
    """
    return [
        Scored(
            name=document.name,
            characters=len(document.text),
            bits=scores.total,
            bits_per_character=scores.total / len(document.text),
            bits_per_byte=scores.total / utf8_bytes([document.text]),
            adapt=adapt,
            parts=dict(zip(PARTS, scores.parts().tolist(), strict=True)),
        )
        for document, scores in zip(documents, document_scores(run, documents, adapt), strict=True)
    ]


def scored_words(run: Path, documents: Sequence[Document], adapt: float | None) -> list[ScoredWord]:
    """Score each word of the documents. Raises as ``scored`` does."""
    try:
        counts = training_counts(own_split(replace(load_spec(run), fraction=1.0)).train)
    except InputError:
        counts = None
    words: list[ScoredWord] = []
    for document, scores in zip(documents, document_scores(run, documents, adapt), strict=True):
        for cost in word_costs(document.text, scores):
            frequency = None if counts is None else band(counts[cost.word])
            words.append(ScoredWord(document.name, cost.start, cost.end, cost.word, cost.bits, frequency))
    return words


def document_scores(run: Path, documents: Sequence[Document], adapt: float | None) -> list[DocumentScores]:
    """Return the scores of each document. Raises as ``scored`` does."""
    if adapt is None:
        return load(run).score_documents(documents)
    model, decoder = Adapting(load(run), adapt), decoder_of([run], adapt)
    scores, verification = verify_while_scoring(model, decoder, documents, lambda _: None, lambda *_: None)
    if verification.wrong:
        raise VerificationError(verification.wrong)
    return scores


def prove(run: Path, file: Path | None, characters: int | None, report: Callable[[int, int], None]) -> Proof:
    """Code and decode at most ``characters`` of a file, or of the run's own held-out documents.

    The coded bits are compared with the scored ones. ``report`` receives the characters done, and all of them. Raises
    InputError if there is no file and the run's own documents are missing.
    """
    spec = load_spec(run)
    split, missing = None, None
    try:
        split = own_split(spec)
    except InputError as error:
        if file is None:
            raise InputError(f"{str(error).rstrip('.')}, or give a FILE to verify.") from error
        missing = str(error)
    documents = [read_document(file)] if file else list(split.test if split else ())
    if characters is not None:
        documents = cut(documents, characters)
    spec.make_tokenizer()  # fails if the run needs code that was not given
    verification = Verification(sum(len(document.text) for document in documents))
    try:
        with blamed(spec.column):
            loaded = load_run(run)
            saved = file is None and characters is None  # the run has the scores of all its held-out documents
            scores = None if saved else loaded.model.score_documents(documents)
            bits = [document.total for document in (scores_of(load_scores(run)) if scores is None else scores)]
            verification = verify(loaded.model, decoder_of([run], None), documents, bits, report)
            if not verification.wrong and not spec.column.ours:
                scores = loaded.model.score_documents(documents) if scores is None else scores
                check_read(spec.basis, spec.column, saved_state(run), loaded.model.tokenizer, documents, scores)
            if split and not verification.wrong:
                check_refit(loaded, split.train, split.valid)
    except ContractError as error:
        verification.wrong = str(error)
    texts = [document.text for document in documents]
    sizes = {"cold": cold_sizes(texts)}
    if split:
        train, valid = ([document.text for document in fitting(part)] for part in (split.train, split.valid))
        sizes["primed"] = primed_sizes(train, valid, texts)
    return Proof(verification, run_bytes(run), sizes, missing)
