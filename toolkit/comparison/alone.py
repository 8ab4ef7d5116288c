"""``toolkit train``: one cell without a comparison, as a run in a folder of its own."""

import shutil
from pathlib import Path

from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work
from toolkit.errors import InputError
from toolkit.files import NEW, beside, too_long
from toolkit.out_folder import locked
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.folder import has_run, is_run, load_cell, load_spec, recover, saved_state, sweep
from toolkit.runs.spec import CellSpec


def train_alone(request: Request, run: Path, reporter: Reporter, *, fresh: bool = False) -> Cell | FailedCell:
    """Train, evaluate and save the request's one cell as a run in its own folder.

    Interrupted training continues; a finished run stays as it is, and is verified if the request says so. ``fresh``
    replaces either.

    Raises:
        InputError: The folder holds anything else, or cannot be made.
    """
    (spec,) = request.specs()
    request.check()
    if run.name in ("", "..") or too_long(run.name):
        raise InputError(f"{run} is not a name for a run. Name a new folder with --out.")
    finished_run(run, spec, fresh=fresh)  # refuses it before its lock is written
    with locked(run, replaceable=True):
        recover(run)
        cell: Cell | FailedCell | None = finished_run(run, spec, fresh=fresh)
        sweep(run)
        if not isinstance(cell, Cell) or (request.verify and not cell.verified):
            if fresh and run.exists() and is_run(run):
                shutil.rmtree(run.rename(beside(run, NEW)))  # ``sweep`` removes it if this process is killed
            work = Work(request, run.parent, reporter)
            cell = work.cell(spec, Fitted(saved_state(run)) if cell else work.fitted(spec), run)
    reporter.finished(cell)
    return cell


def finished_run(run: Path, spec: CellSpec, *, fresh: bool) -> Cell | None:
    """Return the cell of a finished run of the spec; None without one, or if ``fresh`` replaces it.

    Raises:
        InputError: The folder holds a run of another spec, a damaged one, or anything else.
    """
    if not run.exists() or (is_run(run) and (fresh or not has_run(run))):
        return None
    cell = load_cell(run)
    difference = "" if cell is None else spec.difference(load_spec(run))
    if cell is None or difference:
        reason = f" and is another run: {difference}" if difference else ""
        instead = "replace it with --fresh" if is_run(run) else "remove it"
        raise InputError(f"{run} already exists{reason}. Choose another folder with --out, or {instead}.")
    return cell
