"""Finished cells of other comparisons with the same settings, which a comparison need not compute again."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from toolkit.comparison.existing import Existing
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.stages import cells_there
from toolkit.errors import InputError
from toolkit.out_folder import refuse_others
from toolkit.runs.folder import CHECKPOINT, RUNS, finished_cell, recover, write_whole


def take_over(folder: Path, others: Iterable[Path], request: Request, reporter: Reporter) -> None:
    """Copy requested cells that are missing here from other comparisons' folders. The caller holds this folder's lock.

    The other folders may be in use: a finished run is never changed in place, so it is copied without a lock. What
    ``--match`` gives a column depends on the other columns, so such cells are not copied.
    """
    for run in (runs := [folder / RUNS / spec.name for spec in request.specs()]):
        recover(run)
    if request.match is not None or all(run.exists() for run in runs):
        return
    for other in others:
        if other != folder and COMPARISON.is_in(other):
            with suppress(InputError):  # it is damaged, or has other settings
                existing = Existing.load(other)
                refuse_others(other, cells_there(existing, request), COMPARISON)
                copy_finished(folder, other, request, reporter)


def copy_finished(folder: Path, other: Path, request: Request, reporter: Reporter) -> None:
    """Copy the finished cells that the folder lacks.

    Cells that are damaged, were replaced meanwhile, or have no samples where the request needs them stay behind.
    """
    names = []
    for spec in request.specs():
        run, theirs = folder / RUNS / spec.name, other / RUNS / spec.name
        with suppress(InputError, OSError):
            cell = None if run.exists() else finished_cell(theirs, spec)
            if cell and (cell.generated or not request.has_samples(spec)):
                copied = partial(shutil.copytree, theirs, dirs_exist_ok=True, ignore=shutil.ignore_patterns(CHECKPOINT))
                write_whole(run, copied)
                names.append(spec.name)
    if names:
        reporter.stage(f"taken over from {other}, where they are finished: {', '.join(names)}")
