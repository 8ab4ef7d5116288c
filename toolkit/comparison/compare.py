"""The main job: compute the missing cells of a request, and report on all. ``train`` computes one without a report.

All folds share one loop of tasks (executors.py). A fold's cells follow their fitted tokenizer, rows and readings of the
held-out text follow the cells, and its report follows everything (fold.py).
"""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from toolkit.comparison.costs import cell_steps, expected_steps
from toolkit.comparison.executors import Tasks, inline_tasks, processes, threads_each
from toolkit.comparison.fold import FoldWork, all_folds
from toolkit.comparison.folder import (
    clear,
    default_folder,
    fold_folder,
    load_stored,
    plan,
    refuse_changes,
    stored_plan,
    sweep_results,
    write_results,
)
from toolkit.comparison.listing import PLAN, REPORTS, write_list
from toolkit.comparison.matching import match_columns
from toolkit.comparison.options import COLUMNS, CompareOptions, TrainOptions, complete, takes
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work, recover_run, worker_work
from toolkit.config import first_difference
from toolkit.errors import InputError
from toolkit.files import NEW, beside, locked, refuse_foreign
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import RUNS, damaged_files, is_run, load_cell, load_spec, run_state, saved_state
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus


@takes(CompareOptions)
def compare(
    tokenizers: str | Sequence[str] = COLUMNS,
    corpus: str | Path | Corpus = DEFAULT,
    **options: Unpack[CompareOptions],
) -> Comparison:
    """Train a model of each column and compare them by the bits of held-out text.

    The folder gets comparison.json, two tables (.csv), the page (``Comparison.page``) and a run per cell, which
    ``toolkit.load`` reads. The same call again continues an interrupted comparison. A call with more seeds, columns,
    fractions or rows extends the comparison in its folder. A column whose training or code fails is a ``FailedCell``.

    Settings are nested, as in ``{"network": {"units": 128}}``, or named, as in ``{"network.units": 128}``. Code that
    this script registers itself is refused: name its file as ``code``.

    Raises:
        InputError: An option is invalid. Nothing has been computed.
        VerificationError: Coding disagrees with the bits of a built-in column.
    """
    arguments = complete(compare, tokenizers, corpus, **options)
    request = make_request(**arguments)
    folder = default_folder(request) if arguments["out"] is None else Path(arguments["out"])
    with reporting(quiet=arguments["quiet"]) as reporter:
        try:
            return compute(request, folder, reporter, fresh=arguments["fresh"])
        finally:  # also what was interrupted is in it
            write_list(folder)


@takes(TrainOptions)
def train(
    tokenizers: str | Sequence[str], corpus: str | Path | Corpus = DEFAULT, **options: Unpack[TrainOptions]
) -> Cell | FailedCell:
    """Train one column without a comparison, and return its cell, or a ``FailedCell`` with the reason.

    ``Cell.run`` is the path of the run's folder, which ``toolkit.load`` reads. The same call again continues
    interrupted training. ``compare`` explains the values and the errors; another run in the folder is an InputError.
    """
    arguments = complete(train, tokenizers, corpus, **options)
    request = make_request(**arguments)
    if len(request.columns) > 1:
        raise InputError(f"--tokenizers {tokenizers!r} names {len(request.columns)} columns. Give only one.")
    (spec,) = request.specs()
    run = Path(arguments["out"] or REPORTS / f"{request.corpus.name}--{spec.name}")
    with reporting(quiet=arguments["quiet"]) as reporter:
        cell = train_alone(request, run, reporter, fresh=arguments["fresh"])
    return cell.model_copy(update={"run": str(run)})


def compute(request: Request, out: Path, reporter: Reporter, *, fresh: bool = False) -> Comparison:
    """Compute the missing cells in the folder ``out``, and write comparison.json, its tables and the page.

    Args:
        request: The columns, the corpus and the settings.
        out: The folder; later folds have folders of their own in it.
        reporter: Receives the progress.
        fresh: Replace the comparison in the folder.

    Raises:
        InputError: The request is invalid, or the folder holds something else. Nothing has been computed.
        VerificationError: Coding disagrees with scoring though all code is ours.
    """
    for fold in request.folds():
        fold.check()
    refuse_foreign(out, PLAN)
    stored = None if fresh else load_stored(out)
    if stored is None and request.more is not None:
        raise InputError(f"--more trains a comparison further, but {out} has none, or --fresh replaces it.")
    with locked(out), ExitStack() as stack:
        sweep_results(out)
        request = request if fresh else plan(out, request)
        fitted: dict[str, Fitted] = {}
        if request.match is not None:
            work = Work(request, out, reporter)
            settings = stored.matched if stored else {}
            matched, fitted = match_columns(request, request.match, work, settings)
            request = replace(request, matched=matched)
            if stored:  # more columns may change the settings of others
                refuse_changes(out, request, stored)
        tasks: Tasks[Work] | None = None
        if request.scheduler is not None:
            from toolkit.comparison.cluster import cluster  # Dask is an extra

            tasks = stack.enter_context(cluster(request, request.scheduler, out, reporter))
        if fresh:
            clear(out)
        folds = []
        for fold in request.folds():
            folder = fold_folder(out, fold.fold.number)
            stored_plan(fold, fold.specs()).save(folder)
            folds.append(FoldWork(fold, folder, reporter, fitted))
        write_list(out)  # also if this process is killed
        if tasks is None:
            # by the clock, every cell gets the same share of the machine, however few are missing
            missing = sum(fold.missing for fold in folds)
            workers = request.workers if request.by_clock and missing else min(request.workers, missing)
            if workers > 1:
                make = partial(worker_work, request, out, threads_each(workers))
                tasks = stack.enter_context(processes(make, workers, reporter))
            else:
                tasks = inline_tasks(Work(request, out, reporter), reporter)
        for fold_work in folds:
            fold_work.start(tasks)
        try:
            tasks.run()
        except KeyboardInterrupt as interrupt:
            raise KeyboardInterrupt(kept_work(folds)) from interrupt
        comparison = folds[0].comparison
        if len(folds) > 1:
            comparison = all_folds(folds, out)
            write_results(out, comparison)
    comparison.folder = out
    return comparison


def kept_work(folds: Sequence[FoldWork]) -> str:
    """Return a sentence about what an interrupted command leaves."""
    planned, finished = sum(len(fold.specs) for fold in folds), sum(len(fold.cells) for fold in folds)
    runs = (fold.folder / RUNS / spec.name for fold in folds for spec in fold.specs)
    begun = sum(run_state(run) == "training" for run in runs)
    checkpoints = f" and the checkpoints of {begun} more" if begun else ""
    return f"kept {finished} of {planned} cells{checkpoints}."


def train_alone(request: Request, run: Path, reporter: Reporter, *, fresh: bool = False) -> Cell | FailedCell:
    """Train, evaluate and save the request's one cell as a run in its own folder.

    Interrupted training continues; a finished run stays as it is, and is verified if the request says so. ``fresh``
    replaces either. Raises InputError if the folder holds another run or anything else.
    """
    (spec,) = request.specs()
    request.check()
    old_cell = None if fresh or damaged_files(run) else load_cell(run)
    if not old_cell and run.exists() and not is_run(run):
        raise InputError(f"{run} has other files than a run. Choose another folder with --out, or remove it.")
    if old_cell and (difference := first_difference(load_spec(run).decisive, spec.decisive)):
        raise InputError(
            f"{run} is another run: {difference}. Choose another folder with --out, or give --fresh."
        )
    with locked(run, replaceable=True):
        recover_run(run, reporter)
        if fresh and run.exists():
            shutil.rmtree(run.rename(beside(run, NEW)))  # ``recover`` removes it if this process is killed
        work, fitting, job = (
            Work(request, run.parent, reporter),
            request.job(spec.column.name),
            request.job(run.name),
        )
        if not old_cell:
            reporter.plan(fitting, expected_steps(request, [spec])[fitting])
            reporter.plan(job, cell_steps(request, spec))
        fitted = Fitted(saved_state(run)) if old_cell else work.fit(spec)
        reporter.end(fitting)
        cell = work.cell(spec, fitted, run)
    reporter.end(job)
    reporter.finished(cell)
    return cell
