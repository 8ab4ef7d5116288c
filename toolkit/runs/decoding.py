"""What decodes: the model of one run or of several, and a process that has copies of them and what was coded."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from toolkit.errors import ContractError, InputError
from toolkit.inference.adapting import Adapting
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.mixture import Mixture
from toolkit.inference.model import Model
from toolkit.inference.verification import Decoding, Report, decode
from toolkit.results.grouping import grouped
from toolkit.runs.folder import CONFIG, TOKENIZER, load_run, load_spec
from toolkit.runs.isolated import blamed, code_here
from toolkit.runs.process import Aside
from toolkit.runs.spec import CellSpec


def model_of(runs: Sequence[Path], rate: float | None) -> Model:
    """The model of a run, or the mean of several, or the mixture of several columns; with a rate it keeps learning."""
    by_column = grouped(map(load_run, runs), lambda run: run.spec.column.name)
    columns = [
        first.model if not others else Ensemble([first.model, *(other.model for other in others)])
        for first, *others in by_column.values()
    ]
    if len(columns) > 1:
        return Mixture(columns, rate or 0.0)
    return columns[0] if rate is None else Adapting(columns[0], rate)


def decoder_of(runs: Sequence[Path], rate: float | None) -> Decoding:
    """A function that decodes documents in a new process, from copies of the runs that do not say where a corpus is.

    It raises CodedDataError for data that cannot be decoded, ContractError if someone else's code fails, and InputError
    where the runs cannot be copied or loaded, which says nothing of the data.
    """

    def decode_apart(coded: bytes, documents: int, report: Report) -> list[str]:
        specs = [load_spec(run) for run in runs]
        if here := [spec.column.name for spec in specs if spec.column.only_here]:
            raise ContractError(
                f"no other process can decode, because the column {here[0]!r} was registered by the script that "
                f"runs; write its code to a file and give that with code= or --code"
            )
        with tempfile.TemporaryDirectory() as name, decoding_process(specs, place := Path(name)) as process:
            try:
                copies = [
                    copied(run, spec, place / str(i)) for i, (run, spec) in enumerate(zip(runs, specs, strict=True))
                ]
            except OSError as error:
                raise InputError(
                    f"Runs cannot be copied to {tempfile.gettempdir()} for another process to decode: "
                    f"{error.strerror}; set TMPDIR to a folder with room."
                ) from error
            return process.call(decoded, copies, rate, coded, documents, report=report)

    return decode_apart


@contextmanager
def decoding_process(specs: Sequence[CellSpec], folder: Path) -> Iterator[Aside]:
    """A process that decodes: a new one if any code is someone else's, and one and the same for all runs of our own."""
    if all(spec.column.ours for spec in specs):
        if not our_process().alive:
            our_process.cache_clear()
        yield our_process()
    else:
        with Aside(code_here(*specs), folder) as process:
            yield process


@cache
def our_process() -> Aside:
    """The process that decodes our own runs: to load TensorFlow takes seconds, so it is started once."""
    process = Aside({}, Path(tempfile.gettempdir()))
    atexit.register(process.close)
    return process


def copied(run: Path, spec: CellSpec, folder: Path) -> Path:
    """A copy of what decoding needs of a run, without the corpus's place."""
    shutil.copytree(run / TOKENIZER, folder / TOKENIZER)
    shutil.copy(run / spec.kind().file, folder)
    without_place = replace(spec, corpus_path="")
    (folder / CONFIG).write_text(without_place.to_toml(), "utf-8")
    return folder


def decoded(runs: Sequence[Path], rate: float | None, coded: bytes, documents: int, report: Report) -> list[str]:
    """The texts of so many coded documents. Whatever someone else's code raises as it decodes is its own fault."""
    model = model_of(runs, rate)
    with blamed(*(load_spec(run).column for run in runs)):
        texts: list[str] = decode(model, coded, documents, report)
    return texts
