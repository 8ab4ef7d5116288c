"""Fit, encode, train and decode in processes that cannot see the held-out text.

Someone else's code runs there. Our own code is only decoded apart. All scores of a model are checked against such a
decoder.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from toolkit import errors
from toolkit.events.coding import check_encoding, expect
from toolkit.events.distribution import Arrays
from toolkit.events.encoding import Tokenizer
from toolkit.inference.combined import LEARNING_RATE, Adapting, Ensemble, Mixture
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.inference.verification import (
    PLACES,
    Decoding,
    Progress,
    Readings,
    Written,
    check_sample,
    check_scores,
    decode,
    read_written,
    verify,
)
from toolkit.network import SHARE
from toolkit.plugins import digests
from toolkit.results.bits import Verified
from toolkit.results.record import grouped
from toolkit.runs.folder import CONFIG, TOKENIZER, load, load_spec, saved_state
from toolkit.runs.process import Aside, Crew, Report, broken
from toolkit.runs.spec import CellSpec, Column
from toolkit.text.corpus import Document, beginning
from toolkit.training.records import DivergedError, Encoded, Position, Store, Trained, TrainingTask

R = TypeVar("R")
State = Mapping[str, Any]  # of a tokenizer, as a run saves it

# decodes all runs of our own: loading TensorFlow takes seconds
_our_process = Crew(1, {}, Path(tempfile.gettempdir()))
atexit.register(_our_process.close)


@contextmanager
def blamed(*columns: Column) -> Iterator[None]:
    """Blame the columns for errors of someone else's code in this block. A full or read-only disk is nobody's fault.

    Raises ContractError if their code fails, and KilledError if there is not enough memory for them.
    """
    try:
        yield
    except (errors.ContractError, DivergedError, errors.KilledError, errors.VerificationError):
        raise
    except (Exception, SystemExit) as error:
        if errors.out_of_memory(error):
            raise errors.KilledError(errors.OUT_OF_MEMORY) from error
        if all(column.ours for column in columns) or any(map(errors.of_the_machine, (error, error.__cause__))):
            raise
        raise (
            errors.ContractError(str(error)) if isinstance(error, errors.InputError) else broken(error)
        ) from error


def call(spec: CellSpec, task: Callable[..., R], *arguments: Any, report: Report = lambda _: None) -> R:
    """Call a task with a cell, the arguments and ``report``: in a new process if the column's code is not ours.

    The new process is not told where the corpus is.
    """
    if spec.column.ours:
        return task(spec, *arguments, report)
    with Aside(code_here(spec)) as process:
        return process.call(task, replace(spec, corpus_path=""), *arguments, report=report)


def code_here(*specs: CellSpec) -> dict[str, str]:
    """Return the files of ``--code`` that cells need, with their paths in this process."""
    needed = {origin.rpartition(" ")[2] for spec in specs for origin in spec.origins.values()}
    paths = {digest: str(path) for path, digest in digests().items() if digest in needed}  # of equal files, one
    return {path: digest for digest, path in paths.items()}


def fit(spec: CellSpec, train: Sequence[Document], valid: Sequence[Document]) -> dict[str, Any]:
    """Fit a column's tokenizer and return its state, as a run saves it.

    Raises ContractError if someone else's code fails, and InputError if ``fit`` refuses the documents.
    """
    return json.loads(call(spec, _fit, train, valid))  # type: ignore[no-any-return]


def _fit(spec: CellSpec, train: Sequence[Document], valid: Sequence[Document], _: Report) -> str:
    return json.dumps(spec.make_tokenizer().fit(train, valid).state())


def encode(spec: CellSpec, state: State, train: Sequence[Document], valid: Sequence[Document]) -> Encoded:
    """Encode what a cell's model is made from, with its tokenizer in a saved state.

    Raises ContractError if someone else's code fails, or returns a malformed encoding.
    """
    if spec.column.is_network:
        most = spec.settings.train.valid_characters
        valid = [Document(document.name, beginning(document.text, most)) for document in valid]
    encodings = call(spec, _encode, state, train, valid)
    if not spec.column.ours:
        vocabulary = spec.make_tokenizer().restore(state).vocabulary
        for document, encoding in zip((*train, *valid), chain(*encodings), strict=True):
            check_encoding(vocabulary, encoding, len(document.text), document.name)
    return encodings


def _encode(
    spec: CellSpec, state: State, train: Sequence[Document], valid: Sequence[Document], _: Report
) -> Encoded:
    tokenizer = spec.make_tokenizer().restore(state)
    return Encoded(list(map(tokenizer.encode, train)), list(map(tokenizer.encode, valid)))


def train(
    spec: CellSpec, tokenizer: Tokenizer, state: State, encodings: Encoded, store: Store, report: Report
) -> tuple[Trained, Arrays]:
    """Train the model of someone else's column in a new process. Return it with its arrays, as training left them."""
    arrays, end = call(spec, _train, state, encodings, store, SHARE.threads, report=report)
    return Trained(spec.kind().restored(tokenizer, spec.settings.network, arrays), end), arrays


def _train(
    spec: CellSpec, state: State, encodings: Encoded, store: Store, threads: int | None, report: Report
) -> tuple[Arrays, Position]:
    SHARE.threads, kind, tokenizer = threads, spec.kind(), spec.make_tokenizer().restore(state)
    trained = kind.train(TrainingTask(tokenizer, encodings, spec.training_settings, spec.seed, report, store))
    return dict(kind.arrays(trained.model)), trained.end


def checked_scores(
    model: Model, runs: Sequence[Path], documents: Sequence[Document], report: Progress, seed: int
) -> tuple[list[DocumentScores], Verified | None]:
    """Score documents with the model of runs, and check that a decoder reads them for these bits.

    A coder says what a model that learns or has someone else's code pays, with a ``report`` and a proof. The bits of
    other models are checked at events drawn by ``seed``. Raises ContractError or VerificationError for wrong bits.
    """
    if model.rate or not all(load_spec(run).column.ours for run in runs):
        scores, proof = proven(model, runs, documents, report)
    else:
        scores, proof = model.score_documents(documents), None
        check_sample(model, documents, scores, seed)
    check_read(runs[0], model.tokenizer, documents, scores)
    return scores, proof


def proven(
    model: Model,
    runs: Sequence[Path],
    documents: Sequence[Document],
    report: Progress,
    bits: Sequence[float] | None = None,
) -> tuple[list[DocumentScores], Verified]:
    """Score documents as a coder pays for them with the model of runs, and decode them in another process.

    Raises VerificationError if coding or decoding disagrees with the scores, or with the reported ``bits`` of the
    documents.
    """
    proof = verify(model, decoder_of(runs, model.rate or None), documents, report, bits)
    if proof.wrong:
        raise errors.VerificationError(proof.wrong)
    return proof.scores, Verified(characters=proof.characters, bits=proof.bits, bytes=proof.coded_bytes)


def check_read(
    run: Path, tokenizer: Tokenizer, documents: Sequence[Document], scores: Sequence[DocumentScores]
) -> None:
    """Check that a decoder with a run's saved state alone reads the documents for the spelling bits that were scored.

    The places of events are checked for someone else's tokenizer only. Tests check them for ours.
    Raises ContractError if the text, a place or the bits differ, or if encoding has changed the tokenizer's state.
    """
    spec, state = load_spec(run), saved_state(run)
    expect(json.loads(json.dumps(tokenizer.state())) == state, "encoding has changed the tokenizer's state")
    check_scores(
        tokenizer, documents, scores, partial(call, spec, read_state, state), 0 if spec.column.ours else PLACES
    )


def read_state(spec: CellSpec, state: State, written: Sequence[Written], _: Report) -> Readings:
    """Return ``read_written`` of a decoder with a saved state."""
    return read_written(spec.make_tokenizer().restore(state), written)


def model_of(runs: Sequence[Path], rate: float | None) -> Model:
    """Return the model of a run, the mean of a column's runs or the mixture of columns; it learns at a rate, if any."""
    by_column = grouped(runs, lambda run: load_spec(run).column.name).values()
    models = [list(map(load, of_seeds)) for of_seeds in by_column]
    columns = [Ensemble(of_seeds) if len(of_seeds) > 1 else of_seeds[0] for of_seeds in models]
    if len(columns) > 1:
        return Mixture(columns, rate or LEARNING_RATE)
    return columns[0] if rate is None else Adapting(columns[0], rate)


def decoder_of(runs: Sequence[Path], rate: float | None) -> Decoding:
    """Return a function that decodes documents in another process, which cannot know where the corpus is.

    It raises CodedDataError for wrong data, and ContractError if someone else's code fails.
    """

    def decode_apart(coded: bytes, documents: int, report: Report) -> list[str]:
        specs = [load_spec(run) for run in runs]
        ours = all(spec.column.ours for spec in specs)
        with (
            tempfile.TemporaryDirectory() as name,
            nullcontext(_our_process.current()) if ours else Aside(code_here(*specs), Path(name)) as process,
        ):
            copies = [Path(name, str(number)) for number in range(len(runs))]
            for run, spec, copy in zip(runs, specs, copies, strict=True):
                copy_for_decoding(run, spec, copy)
            return process.call(_decode, copies, rate, coded, documents, report=report)

    return decode_apart


def copy_for_decoding(run: Path, spec: CellSpec, folder: Path) -> None:
    """Copy the files of a run that decoding needs, without the place of the corpus."""
    shutil.copytree(run / TOKENIZER, folder / TOKENIZER)
    shutil.copy(run / spec.kind().file, folder)
    (folder / CONFIG).write_text(replace(spec, corpus_path="").to_toml(), "utf-8")


def _decode(runs: Sequence[Path], rate: float | None, coded: bytes, documents: int, report: Report) -> list[str]:
    model = model_of(runs, rate)
    with blamed(*(load_spec(run).column for run in runs)):
        texts: list[str] = decode(model, coded, documents, report)
    return texts
