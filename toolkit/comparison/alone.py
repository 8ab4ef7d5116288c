"""``toolkit.train``: one cell without a comparison, as a run in a folder of its own."""

import shutil
from pathlib import Path
from typing import Unpack

from toolkit.comparison.folder import REPORTS
from toolkit.comparison.options import TrainOptions, complete, takes
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import call, make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work
from toolkit.errors import InputError, whole_number
from toolkit.files import NEW, beside, locked, too_long
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.folder import has_run, is_run, load_cell, load_spec, recover, saved_state
from toolkit.runs.spec import CellSpec
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus


@takes(TrainOptions)
def train(tokenizer: str, corpus: str | Path | Corpus = DEFAULT, **options: Unpack[TrainOptions]) -> Cell | FailedCell:
    """Train one column without a comparison, and return its cell, or a ``FailedCell`` with the reason.

    ``Cell.run`` is the path of the run's folder, which ``toolkit.load`` reads. The same call again continues
    interrupted training. ``compare`` explains the values and the errors; another run in the folder is an InputError.
    """
    arguments = complete(train, tokenizer, corpus, **options)
    arguments["command"] = arguments["command"] or call(train, arguments)
    seed = whole_number("--seed", arguments.pop("seed"), 0)
    request = make_request(tokenizers=arguments.pop("tokenizer"), first_seed=seed, **arguments)
    if len(request.columns) > 1:
        raise InputError(f"--tokenizer {tokenizer!r} names {len(request.columns)} columns. Give only one.")
    name = f"{request.corpus.name}--{request.columns[0].slug}-seed{seed}"
    run = Path(arguments["out"] or REPORTS / name)
    with reporting(quiet=arguments["quiet"]) as reporter:
        cell = train_alone(request, run, reporter, fresh=arguments["fresh"])
    return cell.model_copy(update={"run": str(run)})


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
        if not isinstance(cell, Cell) or (request.verify and not cell.verified):
            if fresh and run.exists() and is_run(run):
                shutil.rmtree(run.rename(beside(run, NEW)))  # ``recover`` removes it if this process is killed
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
