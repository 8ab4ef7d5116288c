"""Score texts with a finished run, or prove its likelihood by coding them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import ContractError, InputError
from toolkit.events.coding import expect
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, scores_of, word_costs
from toolkit.inference.verification import Verification, verify
from toolkit.results.bits import PARTS
from toolkit.results.cell import RunBytes
from toolkit.runs.folder import load, load_cell, load_scores, load_spec, only_run, run_bytes, saved_state
from toolkit.runs.isolated import blamed, check_read, decoder_of, fit, model_of, proven
from toolkit.runs.spec import own_split
from toolkit.text.corpus import Document, characters, utf8_bytes
from toolkit.text.neutral import band, training_counts
from toolkit.text.sources import read_document


@dataclass(frozen=True)
class Proof:
    """The verification of a run, the size of its files, and whether the verified bits are the run's saved bits."""

    verification: Verification
    run_bytes: RunBytes
    run_verified: bool


def scored(run: Path, documents: Sequence[Document], adapt: float | None) -> list[dict[str, Any]]:
    """Score each document with a run's model: its bits in all, by character, by byte and by part of the ledger.

    The model keeps learning from one document to the next at the rate ``adapt``, if it is given. Raises InputError
    if the run is damaged or loses some of the text, or if the rate is wrong. Raises VerificationError if a model that
    learns does not decode the same text with the same bits.
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
        for document, scores in _document_scores(run, documents, adapt)
    ]


def scored_words(run: Path, documents: Sequence[Document], adapt: float | None) -> list[dict[str, Any]]:
    """Score each word of the documents (inference/scores.py). Raises as ``scored`` does.

    Its band is for the whole training text, even if the run has learned from a fraction, or None if it is missing.
    """
    run = only_run(run)
    try:
        counts = training_counts(own_split(replace(load_spec(run), fraction=1.0)).train)
    except InputError:
        counts = None
    return [
        {"document": document.name, **vars(cost), "band": None if counts is None else band(counts[cost.word])}
        for document, scores in _document_scores(run, documents, adapt)
        for cost in word_costs(document.text, scores)
    ]


def _document_scores(
    run: Path, documents: Sequence[Document], adapt: float | None
) -> Iterable[tuple[Document, DocumentScores]]:
    run = only_run(run)
    try:
        with blamed(load_spec(run).column):
            model = model_of([run], adapt)
            if adapt is None:
                scores = model.score_documents(documents)
            else:
                scores, _ = proven(model, [run], documents, lambda *_: None)
            check_read(run, model.tokenizer, documents, scores)
            return zip(documents, scores, strict=True)
    except ContractError as error:
        raise InputError(f"The run {run.name} cannot score this text: {error}.") from error


def prove(run: Path, file: Path | None, most: int | None, report: Callable[[int, int], None]) -> Proof:
    """Code and decode a file or the run's own held-out documents, or their first ``most`` characters.

    The coded bits are compared with the run's saved bits of its own documents, and with scored bits of a file.
    ``report`` receives the characters done, and all of them. Raises InputError if there is no file and the run's own
    documents are missing.
    """
    run = only_run(run)
    spec = load_spec(run)
    split = None
    try:
        split = own_split(spec)
    except InputError:
        if file is None:
            raise
    test = split.test if split else ()
    documents = [read_document(file)] if file else list(test)
    if most is not None:
        documents = cut(documents, most)
    spec.make_tokenizer()  # fails if the run needs code that was not given
    verification, compared = Verification(characters(documents)), False
    try:
        with blamed(spec.column):
            model = load(run)
            if file:
                bits = [scores.total for scores in model.score_documents(documents)]
            else:
                bits, compared = _saved_bits(run, model, documents, test)
            verification = verify(model, decoder_of([run], None), documents, report, bits)
            if not verification.wrong and not spec.column.ours:
                check_read(run, model.tokenizer, documents, verification.scores)
                same = not split or fit(spec, split.train, split.valid) == saved_state(run)
                expect(same, "fitted again without any held-out document, the tokenizer has another state")
    except ContractError as error:
        verification.wrong = str(error)
    return Proof(verification, run_bytes(run), compared and not verification.wrong)


def cut(documents: Sequence[Document], characters: int) -> list[Document]:
    """Return the first ``characters`` of documents. The last document is cut there."""
    beginning: list[Document] = []
    for document in documents:
        if characters > 0:
            beginning.append(Document(document.name, document.text[:characters]))
            characters -= len(document.text)
    return beginning


def _saved_bits(
    run: Path, model: Model, documents: Sequence[Document], test: Sequence[Document]
) -> tuple[list[float], bool]:
    """Return a run's saved bits of documents that begin its held-out text, and whether it has saved bits of each.

    The last document may be cut. Its encoding begins as the encoding of the whole document does. Those events have
    their saved bits, and the events behind them are scored.
    """
    saved, cell = scores_of(load_scores(run)), load_cell(run)
    same = cell is None or [document.bits for document in cell.documents] == [scores.total for scores in saved]
    expect(same, "the bits of documents differ between cell.json and scores.npz")
    bits, compared = [], True
    for document, whole, of_whole in zip(documents, test, saved, strict=False):
        if document == whole:
            bits.append(of_whole.total)
            continue
        (scores,) = model.score_documents([document])
        part, longer = scores.encoding, of_whole.encoding
        n = min(len(part.ids), len(longer.ids))
        same_event = (part.ids[:n] == longer.ids[:n]) & (part.ends[:n] == longer.ends[:n])
        shared = int(np.argmin(np.append(same_event, False)))
        bits.append(float(of_whole.bits[:shared].sum() + scores.bits[shared:].sum()))
        compared = shared > 0
    return bits, compared
