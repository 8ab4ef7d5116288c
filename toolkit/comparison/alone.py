"""One run without a comparison: trained, evaluated and saved in a folder of its own."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.comparison.cell import Fitted, Work
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.config import first_difference
from toolkit.errors import InputError
from toolkit.files import too_long
from toolkit.out_folder import locked_beside
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.folder import in_training, is_run, load_cell, load_spec, recover, remove_run, saved_state, sweep
from toolkit.runs.spec import CellSpec
from toolkit.text.sources import read_bytes


def train_alone(request: Request, run: Path, reporter: Reporter, *, fresh: bool = False) -> Cell | FailedCell:
    """The request's one cell, without a comparison: trained, evaluated, and saved as a run in its own folder.

    Interrupted training continues; a finished run stays as it is, and is verified if that is asked for. ``fresh``
    replaces either. Raises InputError if the folder holds anything else or cannot be made.
    """
    (spec,) = request.specs()
    request.check()
    if run.name in ("", "..") or too_long(run.name):
        raise InputError(f"{run} is not a name for a run; name a new folder with --out.")
    known = trained_before(run, spec, fresh=fresh)
    if known and (known.verified or not request.verify):
        reporter.finished(known)
        return known
    with locked_beside(run):
        recover(run)
        known = trained_before(run, spec, fresh=fresh)  # another process may have come first
        sweep(run)
        if fresh and may_be_replaced(run):
            remove_run(run)
        work = Work(request, run.parent, reporter)
        cell = work.cell(spec, Fitted(saved_state(run)) if known else work.fitted(spec.column), run)
    reporter.finished(cell)
    return cell


def may_be_replaced(run: Path) -> bool:
    """Whether the folder has a run, finished or in training, or nothing: all else is not ours to remove."""
    return not run.exists() or in_training(run) or (run.is_dir() and is_run(run))


def trained_before(run: Path, spec: CellSpec, *, fresh: bool) -> Cell | None:
    """The cell of a finished run that was made from the same; None where nothing is, only unfinished training, or what
    ``fresh`` replaces.

    Raises InputError if the folder holds anything else, or a run that is damaged.
    """
    if not run.exists() or in_training(run) or (fresh and may_be_replaced(run)):
        return None
    cell, differs, file = load_cell(run), "", spec.column.file
    if cell:
        difference = first_difference(determined(load_spec(run)), determined(spec.tagged_with(spec.make_tokenizer())))
        if file and saved_state(run).get("tokenizer") != read_bytes(file).decode("utf-8"):
            difference = difference or f"{file} has changed"
        differs = f" and is another run: {difference}" if difference else ""
    if cell is None or differs:
        instead = "replace it with --fresh" if may_be_replaced(run) else "remove it"
        raise InputError(f"{run} already exists{differs}; choose another folder with --out, or {instead}.")
    return cell


def determined(spec: CellSpec) -> dict[str, Any]:
    """What config.toml says, without where the corpus is, and which documents it has: its hash says these."""
    return tomllib.loads(replace(spec, basis=replace(spec.basis, corpus_path="", split={})).to_toml())
