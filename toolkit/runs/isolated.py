"""What is done where nothing is known but what it may know: fitting, encoding and reading back what was written.

Someone else's code does it in a process of its own. Code that a script or a notebook has registered itself is known to
no other process: it is fitted and read back in this one, which has the held-out documents, and cannot be verified.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from toolkit.errors import (
    OUT_OF_MEMORY,
    ContractError,
    InputError,
    KilledError,
    OutOfMemoryError,
    VerificationError,
    of_the_machine,
    out_of_memory,
)
from toolkit.events.checks import ReadBack, Written, check_encoding, check_vocabulary, described, read_back
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.checking import check_places, check_sample, check_scores
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.inference.verification import Report
from toolkit.plugins import digests
from toolkit.runs.columns import Column
from toolkit.runs.folder import Run, saved_state
from toolkit.runs.process import Aside, broken
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document
from toolkit.training.records import DivergedError
from toolkit.training.stream import checked, encoded

R = TypeVar("R")


@contextmanager
def blamed(*columns: Column) -> Iterator[None]:
    """Raise ContractError for whatever someone else's code raises in this block: that column fails, not the work.

    So it does with OutOfMemoryError where memory runs out, whose code it may be. A disk that is full or cannot be
    written is nobody's fault.
    """
    try:
        yield
    except (ContractError, DivergedError, KilledError, VerificationError):
        raise
    except (Exception, SystemExit) as error:
        if out_of_memory(error):
            raise OutOfMemoryError(OUT_OF_MEMORY) from error
        ours = all(column.ours for column in columns)
        if ours or of_the_machine(error) or of_the_machine(error.__cause__):
            raise
        raise (ContractError(str(error)) if isinstance(error, InputError) else broken(error)) from error


def fitted(spec: CellSpec, train: Sequence[Document], valid: Sequence[Document]) -> dict[str, Any]:
    """The state of a column's tokenizer after fitting, as a run saves it; the held-out documents are out of reach.

    Raises ContractError if someone else's code fails, and InputError as ``fit`` does.
    """
    return json.loads(computed(spec, fitted_state, train, valid))  # type: ignore[no-any-return]


def fitted_state(tokenizer: Tokenizer, train: Sequence[Document], valid: Sequence[Document]) -> str:
    """The state of the tokenizer, once it is fitted, as JSON."""
    return json.dumps(tokenizer.fit(train, valid).state())


@dataclass(frozen=True)
class Encoded:
    """What a model is made from: encodings of the training documents, and of what it is selected on."""

    training: Sequence[Encoding]
    selecting: Sequence[Encoding]


def encoded_apart(
    spec: CellSpec,
    tokenizer: Tokenizer,
    training: Sequence[Document],
    selecting: Sequence[Document],
    made_from: Mapping[str, Any],
) -> Encoded:
    """The encodings of documents, of training ones by ``stream.encoded``; the held-out ones are out of reach.

    A network of someone else's column learns from nothing that its tokenizer has seen of other documents.
    Raises ContractError if one is malformed or someone else's code fails.
    """
    column = spec.column
    if column.only_here:  # nothing says whether its code is still what it was
        return Encoded(*([checked(tokenizer, document) for document in part] for part in (training, selecting)))
    if column.ours:
        return Encoded(encoded(tokenizer, training, made_from), [checked(tokenizer, each) for each in selecting])
    found = computed(spec, encoded_by, json.dumps(tokenizer.state()), training, selecting, made_from)
    for documents, encodings in ((training, found.training), (selecting, found.selecting)):
        for document, encoding in zip(documents, encodings, strict=True):
            check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
    return found


def encoded_by(
    tokenizer: Tokenizer,
    state: str,
    training: Sequence[Document],
    selecting: Sequence[Document],
    made_from: Mapping[str, Any],
) -> Encoded:
    """The encodings by a tokenizer with a saved state."""
    tokenizer = tokenizer.restore(json.loads(state))
    return Encoded(encoded(tokenizer, training, made_from), [checked(tokenizer, each) for each in selecting])


def check_read(
    spec: CellSpec,
    state: Mapping[str, Any],
    tokenizer: Tokenizer,
    documents: Sequence[Document],
    scores: Sequence[DocumentScores],
) -> None:
    """Raise ContractError unless a decoder with the saved state alone gives the documents for the bits scored.

    Where events stand is checked of someone else's tokenizer only; tests of their own do that for ours.
    """
    reader = partial(computed, spec, read_state, json.dumps(state))
    check_scores(tokenizer, documents, scores, reader)
    if not spec.column.ours:
        check_places(tokenizer, documents, scores, reader)


def read_state(
    tokenizer: Tokenizer, state: str, written: Sequence[Written]
) -> tuple[dict[str, object], list[ReadBack]]:
    """The vocabulary of a decoder with a saved state, and what it reads of each document that was written.

    Raises ContractError if it reads more or less, or cannot use a distribution.
    """
    tokenizer = tokenizer.restore(json.loads(state))
    check_vocabulary(tokenizer.vocabulary)
    return described(tokenizer.vocabulary), [read_back(tokenizer, document) for document in written]


def check_model(
    spec: CellSpec,
    state: Mapping[str, Any],
    model: Model,
    documents: Sequence[Document],
    scores: Sequence[DocumentScores],
) -> None:
    """Raise ContractError unless a model's distributions pay what was scored, at a sample of events.

    Someone else's model is asked as its arrays give it again, where nothing has been scored: the one that scored the
    documents may have kept them.
    """
    if spec.column.model_is_ours:
        check_sample(model, documents, scores, spec.seed)
    else:
        arrays = dict(spec.kind().arrays(model))
        computed(spec, check_restored, spec, json.dumps(state), arrays, documents, scores)


def check_restored(
    tokenizer: Tokenizer,
    spec: CellSpec,
    state: str,
    arrays: Mapping[str, Any],
    documents: Sequence[Document],
    scores: Sequence[DocumentScores],
) -> None:
    """Raise ContractError unless the model that these arrays give pays what was scored."""
    restored = tokenizer.restore(json.loads(state))
    model = spec.kind().restored(restored, spec.settings.network, arrays)
    check_sample(model, documents, scores, spec.seed)


def computed(spec: CellSpec, task: Callable[..., R], *arguments: Any) -> R:
    """The result of a task, which gets a column's tokenizer, neither fitted nor restored, and the arguments.

    It is computed in a process of its own if the column is someone else's code.
    """
    column = spec.column
    defaults = {"language": spec.language, "spacy_model": spec.spacy_model}
    if column.ours or column.only_here:
        return task(column.make(**defaults), *arguments)
    with Aside(code_here(spec)) as process:
        result: R = process.call(with_tokenizer, column, defaults, task, arguments)
        return result


def with_tokenizer(
    column: Column,
    defaults: Mapping[str, Any],
    task: Callable[..., R],
    arguments: Sequence[Any],
    report: Report,  # noqa: ARG001 - as all that another process is called with
) -> R:
    """Run the task with the column's tokenizer and the arguments."""
    return task(column.make(**defaults), *arguments)


def code_here(*specs: CellSpec) -> dict[str, str]:
    """The files of ``--code`` as they were run in this process, wherever they lay when the runs were made."""
    needed = {digest for spec in specs for digest in spec.code.values()}
    return {str(path): digest for path, digest in digests().items() if digest in needed}


def check_refit(run: Run, train: Sequence[Document], valid: Sequence[Document]) -> None:
    """Raise ContractError unless fitting a run's tokenizer again gives its saved state; only for someone else's code.

    It is fitted again in a new process, where no document is held out: whatever the state had from the run's held-out
    documents is missing from it.
    """
    spec = run.spec
    if spec.column.ours:
        return
    if fitted(spec, train, valid) != saved_state(run.folder):
        raise ContractError(
            "fitted again, in a process that has no held-out document, the tokenizer has another state than the run's"
        )
