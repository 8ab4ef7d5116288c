"""Training in stages: what ``--more`` asks of a comparison's folder.

``--more 2x`` asks for training that is in all twice as long as what the same command asks for without it. So it can be
repeated: training goes on from where the folder has got, to the same end. compare.toml has the settings of the longest
training and, under ``stages``, the factors of its length after which it was taken up again.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.comparison.all_folds import later_folds
from toolkit.comparison.existing import Existing
from toolkit.comparison.folder import COMPARISON, take
from toolkit.comparison.growing import grown, of_cells_there
from toolkit.comparison.matching import matching_for
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work
from toolkit.config import differing, flat
from toolkit.errors import InputError
from toolkit.out_folder import as_written, mark
from toolkit.runs.folder import RUNS, load_cell, load_spec, recover


def refuse_nothing(folder: Path, request: Request, *, fresh: bool) -> None:
    """Raises InputError if training is to go on and the folder has none, or is to be replaced."""
    if request.more is None:
        return
    if fresh:
        raise InputError("--more goes on from the comparison in the folder, and --fresh replaces it; give only one.")
    if not COMPARISON.is_in(folder):
        raise InputError(f"{folder} has no comparison that could be trained further; give the command without --more.")


def taken(folder: Path, request: Request, reporter: Reporter, *, fresh: bool) -> Request:
    """Make the folder ours, inside its lock, as ``take`` does; the request, with what else a comparison there has:
    other cells, which stay, and the stages of training.

    Raises InputError as ``take`` does, which names the first difference that would give cells there other numbers, and
    if training there is longer than is asked for.
    """
    if fresh or not COMPARISON.is_in(folder):
        take(folder, request.asked(), fresh=fresh)
        return request
    existing = Existing.load(folder)
    together = grown(existing, request)
    refuse_with_folds(together, in_stages=len(existing.stages) > 1)
    there = in_stages_of(existing, together)
    before = of_cells_there(existing, there)
    if differing(existing.asked, as_written(before)) == ["stages"]:
        raise InputError(
            f"{folder} was trained in stages, and as much training at once gives other numbers; repeat its --more, "
            f"choose another folder with --out, or replace it with --fresh."
        )
    stages = {"stages": list(existing.stages) if len(existing.stages) > 1 else None}
    take(folder, before | stages, fresh=False, given=flat(together.overrides))
    wanted = trained_further(folder, together, there)
    if wanted.match is not None and len(wanted.columns) > len(before["tokenizers"]):
        matching_for(wanted, wanted.match, Work(wanted, folder, reporter))
    for one in later_folds(wanted) if wanted.fold != request.fold else ():
        one.check()  # the folds that were asked for have been
    if as_written(wanted.asked()) != existing.asked:
        mark(folder, wanted.asked(), COMPARISON)
    return wanted


def refuse_with_folds(request: Request, *, in_stages: bool = False) -> None:
    """Raises InputError for several folds and what all of them cannot have in common.

    ``in_stages`` says whether a comparison there was trained further.
    """
    if request.fold.of == 1:
        return
    told = {
        "--more": "goes on with one training; train all folds longer from the beginning, with --epochs",
        "--match": "makes other numbers equal in every fold",
    }
    asked = {"--more": in_stages or request.more, "--match": request.match}
    for option, value in asked.items():
        if value:
            raise InputError(
                f"There are {request.fold.of} folds here, and {option} {told[option]}; leave {option} out, or compare "
                f"without --folds in another folder."
            )


def cells_there(existing: Existing, request: Request) -> dict[str, Any]:
    """What the request asks for, as in compare.toml, of the cells that are there.

    Raises InputError as ``grown`` does.
    """
    return of_cells_there(existing, in_stages_of(existing, grown(existing, request)))


def in_stages_of(existing: Existing, request: Request) -> Request:
    """The request with the stages of training there."""
    return replace(request, stages=existing.stages)


def trained_further(folder: Path, request: Request, there: Request) -> Request:
    """The request with its training as long as asked for: as ``there``, a stage longer, or shorter, if further training
    was begun and no run has come that far.

    Raises InputError if training there is longer, or if there is nothing that could be trained longer.
    """
    wanted = request.more or 1.0
    if wanted in there.stages and (wanted == there.stages[-1] or not trained_beyond(folder, request, wanted)):
        return replace(request, stages=there.stages[: there.stages.index(wanted) + 1])
    if wanted < there.stages[-1]:
        raise InputError(
            f"{folder} has been trained further: {there.stages[-1]:g} times as long; repeat its --more, choose another "
            f"folder with --out, or replace it with --fresh."
        )
    if not any(column.is_network for column in request.columns):
        raise InputError("--more trains networks further, but all columns here are counted; leave --more out.")
    return replace(request, stages=(*there.stages, wanted))


def trained_beyond(folder: Path, request: Request, factor: float) -> bool:
    """Whether any run of the request that a comparison's folder has was trained longer. Raises InputError if one is
    damaged.
    """
    for spec in request.specs():
        run = folder / RUNS / spec.name
        recover(run)
        cell = load_cell(run)
        if cell and not cell.counted and load_spec(run).stages[-1] > factor:
            return True
    return False


def stage_notes(request: Request) -> list[str]:
    """A sentence if the training of networks was taken up again."""
    if len(request.stages) < 2 or not any(column.is_network for column in request.columns):
        return []
    *before, last = (f"{factor:g}" for factor in request.stages)
    return [
        f"Networks were trained in stages: {', '.join(before)} and then {last} times as long as the settings say. "
        f"Training for {last} times as long at once gives other numbers."
    ]
