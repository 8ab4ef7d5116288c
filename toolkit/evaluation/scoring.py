"""Score texts with a finished run, or prove its likelihood by coding them, beside the sizes of compressors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
from toolkit.runs.spec import own_split
from toolkit.text.corpus import Document, characters, utf8_bytes
from toolkit.text.excerpt import cut, fitting
from toolkit.text.neutral import band, training_counts
from toolkit.text.sources import read_document


@dataclass(frozen=True)
class Proof:
    """The verification of a run, the size of its files, and the sizes of compressors by variant and name.

    ``missing`` is the reason why the run's training text is missing, so that no size is primed.
    """

    verification: Verification
    run_bytes: RunBytes
    compressors: Mapping[str, Mapping[str, int]]
    missing: str | None


def scored(run: Path, documents: Sequence[Document], adapt: float | None) -> list[dict[str, Any]]:
    """Score each document with a run's model: its bits in all, by character, by byte and by part of the ledger.

    The model keeps learning from one document to the next at the rate ``adapt``, if it is given. Raises InputError if
    the run is damaged or the rate is wrong, and VerificationError if a model that learns does not decode the same text
    with the same bits.
    """
    return [
        {
            "name": document.name,
            "characters": document.characters,
            "bits": scores.total,
            "bits_per_character": scores.total / document.characters,
            "bits_per_byte": scores.total / utf8_bytes([document.text]),
            "adapt": adapt,
            "parts": dict(zip(PARTS, scores.parts().tolist(), strict=True)),
        }
        for document, scores in zip(documents, _document_scores(run, documents, adapt), strict=True)
    ]


def scored_words(run: Path, documents: Sequence[Document], adapt: float | None) -> list[dict[str, Any]]:
    """Score each word of the documents (inference/word_costs.py). Raises as ``scored`` does.

    Its band is for the whole training text, even if the run has learned from a fraction, or None if it is missing.
    """
    try:
        counts = training_counts(own_split(replace(load_spec(run), fraction=1.0)).train)
    except InputError:
        counts = None
    words = []
    for document, scores in zip(documents, _document_scores(run, documents, adapt), strict=True):
        for cost in word_costs(document.text, scores):
            place = {"document": document.name, "start": cost.start, "end": cost.end, "word": cost.word}
            words.append({**place, "bits": cost.bits, "band": None if counts is None else band(counts[cost.word])})
    return words


def _document_scores(run: Path, documents: Sequence[Document], adapt: float | None) -> list[DocumentScores]:
    if adapt is None:
        return load(run).score_documents(documents)
    model, decoder = Adapting(load(run), adapt), decoder_of([run], adapt)
    scores, verification = verify_while_scoring(model, decoder, documents, lambda _: None, lambda *_: None)
    if verification.wrong:
        raise VerificationError(verification.wrong)
    return scores


def prove(run: Path, file: Path | None, most: int | None, report: Callable[[int, int], None]) -> Proof:
    """Code and decode a file or the run's own held-out documents, or their first ``most`` characters.

    The coded bits are compared with the scored ones. ``report`` receives the characters done, and all of them. Raises
    InputError if there is no file and the run's own documents are missing.
    """
    spec = load_spec(run)
    split, missing = None, None
    try:
        split = own_split(spec)
    except InputError as error:
        missing = str(error)
        if file is None:
            raise InputError(f"{missing.rstrip('.')}, or give a FILE to verify.") from error
    documents = [read_document(file)] if file else list(split.test if split else ())
    if most is not None:
        documents = cut(documents, most)
    spec.make_tokenizer()  # fails if the run needs code that was not given
    verification = Verification(characters(documents))
    try:
        with blamed(spec.column):
            loaded = load_run(run)
            saved = file is None and most is None  # the run has the scores of all its held-out documents
            scores = scores_of(load_scores(run)) if saved else loaded.model.score_documents(documents)
            bits = [document.total for document in scores]
            verification = verify(loaded.model, decoder_of([run], None), documents, bits, report)
            if not verification.wrong and not spec.column.ours:
                if saved:
                    scores = loaded.model.score_documents(documents)
                check_read(spec, saved_state(run), loaded.model.tokenizer, documents, scores)
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
