"""Training in stages: what ``--more`` asks of a comparison's folder.

``--more 2x`` asks for training that is in all twice as long as what the same command asks for without it. So it can be
repeated: training goes on from where the folder has got, to the same end. compare.toml has the settings of the longest
training and, under ``continued``, the lengths after which it was taken up again.
"""

from itertools import takewhile
from pathlib import Path
from typing import Any

from toolkit.comparison.all_folds import later_folds
from toolkit.comparison.cell import Work
from toolkit.comparison.existing import Existing
from toolkit.comparison.folder import COMPARISON, take
from toolkit.comparison.growing import grown, of_cells_there
from toolkit.comparison.matching import matching_for
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.config import HOW_LONG, TrainSettings, differing, first_difference, flat
from toolkit.errors import InputError
from toolkit.out_folder import as_written, mark
from toolkit.runs.folder import RUNS, load_cell, load_spec, recover


def refuse_nothing(folder: Path, request: Request, *, fresh: bool) -> None:
    """Raises InputError if training is to go on and the folder has none, or is to be replaced."""
    if request.further is None:
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
    refuse_with_folds(together, in_stages=len(existing.lengths) > 1)
    there = in_stages_of(existing, together)
    before = of_cells_there(existing, there)
    if differing(existing.asked, as_written(before)) == ["continued"]:
        raise InputError(
            f"{folder} was trained in stages, and as much training at once gives other numbers; repeat its --more, "
            f"choose another folder with --out, or replace it with --fresh."
        )
    stages = {"continued": existing.settings.continued or None}  # if stages differ, so does a setting
    take(folder, before | stages, fresh=False, given=flat(together.overrides))
    refuse_lengths_of_their_own(together)
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
    asked = {"--more": in_stages or request.further, "--match": request.match}
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
    """The request with the stages of training there, if these begin with the request's own length."""
    own_length = request.settings.train.length
    return request.in_stages(existing.lengths) if existing.lengths[:1] == [own_length] else request


def unit(train: TrainSettings) -> str:
    """What training is counted in, for people."""
    return "seconds" if train.counted_in == "budget_seconds" else train.counted_in


def trained_further(folder: Path, request: Request, there: Request) -> Request:
    """The request with its training as long as asked for: as ``there``, a stage longer, or shorter, if further training
    was begun and no run has come that far.

    Raises InputError if training there is longer, or if there is nothing that could be trained longer.
    """
    length, wanted = there.settings.train.length, request.further or request.settings.train.length
    if wanted < length and not trained_beyond(folder, request, wanted):
        return request.in_stages([*takewhile(lambda stage: stage < wanted, there.continued), wanted])
    if wanted < length:
        trains = [{"train": r.settings.train.model_dump()} for r in (there, request.in_stages([wanted]))]
        raise InputError(
            f"{folder} has been trained further: {first_difference(*trains)}; repeat its --more, choose another folder "
            f"with --out, or replace it with --fresh."
        )
    if wanted == length:
        return there
    if not any(column.is_network for column in request.columns):
        raise InputError("--more trains networks further, but all columns here are counted; leave --more out.")
    return request.in_stages([*there.continued, length, wanted])


def trained_beyond(folder: Path, request: Request, length: float) -> bool:
    """Whether any run of the request that a comparison's folder has was trained longer. Raises InputError if one is
    damaged.
    """
    for spec in request.specs():
        run = folder / RUNS / spec.name
        recover(run)
        cell = load_cell(run)
        if cell and not cell.counted and load_spec(run).basis.settings.train.length > length:
            return True
    return False


def refuse_lengths_of_their_own(request: Request) -> None:
    """Raises InputError if training is to go on, but not all cells are trained equally long."""
    own = not all(HOW_LONG.isdisjoint(column.settings.get("train", {})) for column in request.columns)
    if request.further is not None and (len(request.fractions) > 1 or own):
        raise InputError(
            "--more trains all cells to one length, but with --fractions, or a length or a batch in "
            "columns.NAME.train, each has its own; leave --more out."
        )


def stage_notes(request: Request) -> list[str]:
    """A sentence if the training of networks was taken up again."""
    if not request.continued or not any(column.is_network for column in request.columns):
        return []
    train = request.settings.train
    *before, last = (f"{length:,.10g}" for length in (*request.continued, train.length))
    return [
        f"Networks were trained for {last} {unit(train)} in all, taken up again after {', '.join(before)}: "
        f"{last} at once would give other numbers."
    ]
