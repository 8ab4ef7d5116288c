"""The proof of a run's likelihood on demand, and what common compressors need for the same text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import InputError
from toolkit.evaluation.compressors import cold_sizes, primed_sizes
from toolkit.inference.verification import Verification, verify
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split, reported_bits
from toolkit.text.corpus import Split, read_document


@dataclass(frozen=True)
class Proof:
    """What coding and decoding gave, and the bytes of compressors by variant ("cold", "primed") and name.

    Without the run's training text, which ``missing`` explains, no size is primed.
    """

    verification: Verification
    compressors: Mapping[str, Mapping[str, int]]
    missing: str | None


def prove(run: Path, file: Path | None, characters: int | None, report: Callable[[int, int], None]) -> Proof:
    """Code and decode a file, or else the run's own held-out documents; of them, at most so many ``characters``.

    ``report`` is told how many of all characters are done. Raises InputError if there is no text to code.
    """
    loaded = load_run(run)
    parts: Split | None = None
    missing = None
    try:
        parts = own_split(loaded.spec.basis)
    except InputError as error:
        if file is None:
            raise InputError(f"{str(error).rstrip('.')}, or give a FILE to verify.") from error
        missing = str(error)
    own = parts.test if parts else ()
    documents, bits = reported_bits(
        loaded, [read_document(file, str(file))] if file else own, characters, own=file is None
    )
    verification = verify(loaded.model, load_run(run).model, documents, bits, report)
    texts = [document.text for document in documents]
    compressors = {"cold": cold_sizes(texts)}
    if parts:
        train, valid = ([document.text for document in part] for part in (parts.train, parts.valid))
        compressors["primed"] = primed_sizes(train, valid, texts)
    return Proof(verification, compressors, missing)
