"""The model of one run or several, and a process that decodes with copies of them."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from toolkit.errors import ContractError
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

_our_processes: list[Aside] = []


def model_of(runs: Sequence[Path], rate: float | None) -> Model:
    """Return the model of a run, the mean of a column's runs or the mixture of columns; it learns at a rate, if any."""
    columns = [
        first.model if not more else Ensemble([first.model, *(run.model for run in more)])
        for first, *more in grouped(map(load_run, runs), lambda run: run.spec.column.name).values()
    ]
    if len(columns) > 1:
        return Mixture(columns, rate or 0.0)
    return columns[0] if rate is None else Adapting(columns[0], rate)


def decoder_of(runs: Sequence[Path], rate: float | None) -> Decoding:
    """Return a function that decodes documents in another process, which cannot know where the corpus is.

    It raises CodedDataError for wrong data, and ContractError if someone else's code fails.
    """

    def decode_apart(coded: bytes, documents: int, report: Report) -> list[str]:
        specs = [load_spec(run) for run in runs]
        if names := [spec.column.name for spec in specs if spec.column.only_here]:
            raise ContractError(
                f"no other process can decode the column {names[0]!r}, whose code a script registered; write it to a "
                f"file and give that with code= or --code"
            )
        ours = all(spec.column.ours for spec in specs)
        with (
            tempfile.TemporaryDirectory() as name,
            nullcontext(_our_process()) if ours else Aside(code_here(*specs), Path(name)) as process,
        ):
            copies = [Path(name, str(number)) for number in range(len(runs))]
            for run, spec, copy in zip(runs, specs, copies, strict=True):
                copy_for_decoding(run, spec, copy)
            return process.call(_decoded, copies, rate, coded, documents, report=report)

    return decode_apart


def copy_for_decoding(run: Path, spec: CellSpec, folder: Path) -> None:
    """Copy the files of a run that decoding needs, without the place of the corpus."""
    shutil.copytree(run / TOKENIZER, folder / TOKENIZER)
    shutil.copy(run / spec.kind().file, folder)
    (folder / CONFIG).write_text(replace(spec, corpus_path="").to_toml(), "utf-8")


def _our_process() -> Aside:
    """Return the process that decodes all runs of our own: loading TensorFlow takes seconds."""
    if not (_our_processes and _our_processes[-1].alive):
        _our_processes.append(Aside({}, Path(tempfile.gettempdir())))
        atexit.register(_our_processes[-1].close)
    return _our_processes[-1]


def _decoded(runs: Sequence[Path], rate: float | None, coded: bytes, documents: int, report: Report) -> list[str]:
    model = model_of(runs, rate)
    with blamed(*(load_spec(run).column for run in runs)):
        texts: list[str] = decode(model, coded, documents, report)
    return texts
