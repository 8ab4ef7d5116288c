"""The proof of a run's likelihood on demand, and what common compressors need for the same text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ContractError, InputError
from toolkit.evaluation.compressors import cold_sizes, primed_sizes
from toolkit.inference.scores import scores_of
from toolkit.inference.verification import Verification, verify
from toolkit.results.cell import RunBytes
from toolkit.runs.decoding import decoder_of
from toolkit.runs.folder import load_run, load_scores, load_spec, run_bytes, saved_state
from toolkit.runs.isolated import blamed, check_read, check_refit
from toolkit.runs.own_split import cut, own_split
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Split
from toolkit.text.excerpt import fitting
from toolkit.text.sources import read_document


@dataclass(frozen=True)
class Proof:
    """What coding and decoding gave, what the run brings along, and the bytes of compressors for the same text.

    These are by variant ("cold", "primed") and name. Without the run's training text, which ``missing`` explains, no
    size is primed, and someone else's tokenizer is not fitted again.
    """

    verification: Verification
    run_bytes: RunBytes
    compressors: Mapping[str, Mapping[str, int]]
    missing: str | None


def prove(run: Path, file: Path | None, characters: int | None, report: Callable[[int, int], None]) -> Proof:
    """Code and decode a file, or else the run's own held-out documents; of them, at most so many ``characters``.

    The bits that coding has to meet are those that the run saved, if all of its own documents are coded, else what is
    scored now. ``report`` is told how many of all characters are done. Raises InputError if there is no text to code.
    """
    spec = load_spec(run)
    parts, missing = split_of(spec, needed=file is None)
    own = parts.test if parts else ()
    documents = [read_document(file)] if file else list(own)
    if characters is not None:
        documents = cut(documents, characters)
    spec.make_tokenizer()  # refuses a run whose code was not given
    verification = Verification(sum(len(document.text) for document in documents))
    try:
        with blamed(spec.column):
            loaded = load_run(run)
            whole = file is None and characters is None
            scores = None if whole else loaded.model.score_documents(documents)
            reported = scores_of(load_scores(run)) if scores is None else scores
            bits = [of_document.total for of_document in reported]
            verification = verify(loaded.model, decoder_of([run], None), documents, bits, report)
            if not verification.wrong and not spec.column.ours:
                tokenizer = loaded.model.tokenizer
                scores = loaded.model.score_documents(documents) if scores is None else scores
                check_read(spec.basis, spec.column, saved_state(run), tokenizer, documents, scores)
            if parts and not verification.wrong:
                check_refit(loaded, parts.train, parts.valid)
    except ContractError as error:
        verification.wrong = str(error)
    return Proof(verification, run_bytes(run), sizes(parts, [document.text for document in documents]), missing)


def split_of(spec: CellSpec, *, needed: bool) -> tuple[Split | None, str | None]:
    """The run's own split, or why there is none. Raises InputError for that if the split is needed."""
    try:
        return own_split(spec), None
    except InputError as error:
        if needed:
            raise InputError(f"{str(error).rstrip('.')}, or give a FILE to verify.") from error
        return None, str(error)


def sizes(parts: Split | None, texts: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """The bytes of compressors for these texts: cold, and primed with the run's training text where it is there."""
    compressors = {"cold": cold_sizes(texts)}
    if parts:
        train, valid = ([document.text for document in fitting(part)] for part in (parts.train, parts.valid))
        compressors["primed"] = primed_sizes(train, valid, texts)
    return compressors
