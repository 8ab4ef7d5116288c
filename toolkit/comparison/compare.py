"""The main job: compute the missing cells of a request, and report on all cells.

All folds share one loop of tasks (executors.py). A fold's cells follow their fitted tokenizer, rows and readings of the
held-out text follow the cells, and its report follows everything (fold.py).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from toolkit.comparison.assemble import all_folds
from toolkit.comparison.executors import InlineTasks, Tasks, processes, threads_each
from toolkit.comparison.fold import FoldWork
from toolkit.comparison.folder import (
    COMPARISON,
    Matching,
    clear,
    fold_folder,
    load_stored,
    sweep_results,
    write_results,
)
from toolkit.comparison.joining import list_among_reports
from toolkit.comparison.matching import match_columns
from toolkit.comparison.options import COLUMNS, CompareOptions, complete, takes
from toolkit.comparison.plan import default_folder, plan, refuse_changes, stored_plan
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import call, make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work, Works, worker_works
from toolkit.errors import InputError
from toolkit.files import locked, refuse_foreign
from toolkit.results.comparison import Comparison
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus


@takes(CompareOptions)
def compare(
    tokenizers: str | Sequence[str] = COLUMNS,
    corpus: str | Path | Corpus = DEFAULT,
    **options: Unpack[CompareOptions],
) -> Comparison:
    """Train a model of each column and compare them by the bits of held-out text.

    The folder gets comparison.json, metrics.csv, the page (``Comparison.page``) and a run per cell, which
    ``toolkit.load`` reads. The same call again continues an interrupted comparison. A call with more seeds, columns,
    fractions or rows extends the comparison in its folder. A column whose training or code fails is a ``FailedCell``.

    Settings are nested, as in ``{"network": {"units": 128}}``, or named, as in ``{"network.units": 128}``. Code that
    only this script has registered is unknown to other workers and cannot be verified: name its file as ``code``.

    Raises:
        InputError: An option is invalid. Nothing has been computed.
        VerificationError: Coding disagrees with the bits of a built-in column.
    """
    arguments = complete(compare, tokenizers, corpus, **options)
    arguments["command"] = arguments["command"] or call(compare, arguments)
    request = make_request(**arguments)
    folder = default_folder(request) if arguments["out"] is None else Path(arguments["out"])
    with reporting(quiet=arguments["quiet"]) as reporter:
        comparison = compute(request, folder, reporter, fresh=arguments["fresh"])
    list_among_reports(folder)
    return comparison


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
    refuse_foreign(out, COMPARISON)
    stored = None if fresh else load_stored(out)
    if stored and stored.joined:
        raise InputError(f"{out} has a comparison that was joined from others. Choose another folder with --out.")
    if fresh and request.more is not None:
        raise InputError("--more continues the comparison in the folder, and --fresh replaces it. Give only one.")
    if stored is None and not fresh:
        plan(out, request)  # refuses --more before the folder is made
    with locked(out), ExitStack() as stack:
        sweep_results(out)
        request = request if fresh else plan(out, request)
        matching, fitted = Matching(), dict[str, Fitted]()
        if request.match is not None:
            before = stored.matched if stored else None
            matching, fitted = match_columns(request, Work(request, out, reporter), before)
            request = replace(request, matched=matching.settings)
        cluster = stack.enter_context(cluster_of(request, out, reporter))
        if fresh:
            clear(out)
        folds = []
        for one in request.folds():
            folder = fold_folder(out, one.fold.number)
            if one.fold.number > 1 and (before_fold := load_stored(folder)):
                refuse_changes(folder, one, before_fold)
            stored_plan(one, matching).save(folder)
            folds.append(FoldWork(one, folder, out, reporter, matching, fitted))
        tasks = cluster or stack.enter_context(local_tasks(request, out, reporter, sum(f.missing for f in folds)))
        for fold_work in folds:
            fold_work.start(tasks)
        tasks.run()
        comparisons = [fold_work.comparison for fold_work in folds]
        comparison = comparisons[0]
        if len(comparisons) > 1:
            comparison = all_folds(comparisons, [str(f.folder.relative_to(out)) for f in folds])
            write_results(out, comparison)
    comparison.folder = out
    return comparison


def cluster_of(request: Request, out: Path, reporter: Reporter) -> "AbstractContextManager[Tasks[Works] | None]":
    """Return the Dask cluster that computes the request's cells, if there is one."""
    if request.scheduler is None:
        return nullcontext()
    from toolkit.comparison.cluster import cluster

    return cluster(request, request.scheduler, out, reporter)


def local_tasks(
    request: Request, out: Path, reporter: Reporter, missing: int
) -> "AbstractContextManager[Tasks[Works]]":
    """Return the loop that computes tasks here: in this process, or in several if several cells are missing.

    Where the clock ends training, every cell gets the same share of the machine, however few are missing.
    """
    workers = request.workers if request.by_clock else min(request.workers, missing)
    if workers < 2 or not missing:
        return nullcontext(InlineTasks(Works(request, out, reporter), reporter))
    make = partial(worker_works, request, out, threads_each(workers), request.plug_ins)
    return processes(make, workers, reporter)
