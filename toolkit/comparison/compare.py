"""The main job: compute the missing cells of a request, and report on all cells.

All folds share one loop of tasks (executors.py). A fold's cells follow their fitted tokenizer, rows and readings of the
held-out text follow the cells, and its report follows everything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from toolkit.comparison.assemble import (
    CorpusReading,
    HeldOutReading,
    all_folds,
    assemble,
    in_comparison,
    read_corpus,
    read_held_out,
    text_warnings,
)
from toolkit.comparison.executors import Folders, Tasks, inline, processes, threads_each
from toolkit.comparison.folder import (
    COMPARISON,
    FOLDS,
    ROWS,
    TENSORBOARD,
    Matching,
    clear,
    load_stored,
    saved_comparison,
    sweep_results,
    write_results,
)
from toolkit.comparison.matching import match_columns
from toolkit.comparison.plan import copy_finished, kept_cell, plan, refuse_changes, stored_plan
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, compute_row, load_row, needs_proof, row_folder, row_specs
from toolkit.comparison.work import Fitted, Work, worker_work
from toolkit.errors import InputError
from toolkit.out_folder import locked, refuse_foreign
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.rows import Row
from toolkit.runs.folder import RUNS, load_cell, recover, saved_state, sweep
from toolkit.runs.spec import CellSpec

R = TypeVar("R")


def compare(
    request: Request, out: Path, reporter: Reporter, *, fresh: bool = False, beside: Iterable[Path] = ()
) -> Comparison:
    """Compute the missing cells in the folder ``out``, and write comparison.json, its tables and the page.

    Args:
        request: The columns, the corpus and the settings.
        out: The folder; later folds have folders of their own in it.
        reporter: Receives the progress.
        fresh: Replace the comparison in the folder.
        beside: Folders of other comparisons, whose finished cells are copied.

    Raises:
        InputError: The request is invalid, or the folder holds something else. Nothing has been computed.
        VerificationError: Coding disagrees with scoring though all code is ours.
    """
    for fold in request.folds():
        fold.check()
    refuse_foreign(out, COMPARISON)
    stored = load_stored(out)
    if stored and stored.joined:
        raise InputError(f"{out} has a comparison that was joined from others. Choose another folder with --out.")
    if fresh and request.more is not None:
        raise InputError("--more continues the comparison in the folder, and --fresh replaces it. Give only one.")
    with locked(out), ExitStack() as stack:
        sweep_results(out)
        request = request if fresh else plan(out, request)
        matching, fitted = Matching(), dict[str, Fitted]()
        if request.match is not None:
            before = None if fresh or stored is None else stored.matched
            matching, fitted = match_columns(request, Work(request, out, reporter), before)
            request = replace(request, matched=matching.settings)
        cluster = stack.enter_context(cluster_of(request, out, reporter))
        if fresh:
            clear(out)
        folds = []
        for one in request.folds():
            folder = fold_folder(out, one)
            if one.fold.number > 1 and (before_fold := load_stored(folder)):
                refuse_changes(folder, one, before_fold)
            stored_plan(one, matching).save(folder)
            folds.append(FoldWork(one, folder, out, reporter, matching, fitted))
            if not fresh:
                folds[-1].copy(other / folder.relative_to(out) for other in beside)
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


def fold_folder(out: Path, request: Request) -> Path:
    """Return the folder of the request's fold in a comparison's folder."""
    return out if request.fold.number == 1 else out / FOLDS / str(request.fold.number)


def cluster_of(request: Request, out: Path, reporter: Reporter) -> "AbstractContextManager[Tasks[Works] | None]":
    """Return the Dask cluster that computes the request's cells, if there is one."""
    if request.where.scheduler is None:
        return nullcontext()
    from toolkit.comparison.cluster import cluster

    return cluster(request, request.where.scheduler, out, reporter)


def local_tasks(
    request: Request, out: Path, reporter: Reporter, missing: int
) -> "AbstractContextManager[Tasks[Works]]":
    """Return the loop that computes tasks here: in this process, or in several if several cells are missing.

    Where the clock ends training, every cell gets the same share of the machine, however few are missing.
    """
    workers = request.where.workers if request.by_clock else min(request.where.workers, missing)
    if workers < 2 or not missing:
        return nullcontext(inline(Works(request, out, reporter)))
    make = partial(Works.in_worker, request, out, threads_each(workers), request.plug_ins)
    return processes(make, workers, reporter)


class Works:
    """What tasks are called with: the work of each fold, made when it is first needed."""

    def __init__(self, request: Request, out: Path, reporter: Reporter) -> None:
        self.requests = {one.fold.number: one for one in request.folds()}
        self.make: Callable[[Request, Path], Work] = lambda one, folder: Work(one, folder, reporter)
        self.out = out
        self.works: dict[int, Work] = {}

    @classmethod
    def in_worker(
        cls, request: Request, out: Path, threads: int, plug_ins: Mapping[str, str], reporter: Reporter
    ) -> "Works":
        """Return the works of a worker process, which loads the same plug-ins and computes with ``threads`` threads."""
        works = cls(request, out, reporter)
        works.make = lambda one, folder: worker_work(one, folder, threads, plug_ins, reporter)
        return works

    def of(self, fold: int) -> Work:
        """Return the work of a fold."""
        if fold not in self.works:
            one = self.requests[fold]
            self.works[fold] = self.make(one, fold_folder(self.out, one))
        return self.works[fold]


def in_fold(fold: int, task: Callable[[Work], R], works: Works) -> R:
    """Compute a task with the work of a fold."""
    return task(works.of(fold))


class FoldWork:
    """One fold in progress: its cells by the names of their runs, its rows, and its report at the end."""

    def __init__(
        self,
        request: Request,
        folder: Path,
        out: Path,
        reporter: Reporter,
        matching: Matching,
        fitted: Mapping[str, Fitted],
    ) -> None:
        self.request, self.folder, self.out, self.reporter = request, folder, out, reporter
        self.matching, self.fitted = matching, fitted
        self.specs = request.specs()
        self.cells: dict[str, Cell | FailedCell] = {}
        self.rows: dict[str, Row | Warning | None] = {}  # by the names of their folders; None while they are computed
        self.corpus: CorpusReading | None = None
        self.held_out: HeldOutReading | None = None
        self.comparison: Comparison
        self.load_cells()

    def load_cells(self) -> None:
        """Load the cells that the folder has."""
        for spec in self.specs:
            if cell := kept_cell(self.folder / RUNS / spec.name, spec, verify=self.request.verify):
                self.cells[spec.name] = cell

    def copy(self, others: Iterable[Path]) -> None:
        """Copy missing cells from other comparisons' folders."""
        if self.missing and self.request.match is None:
            if names := copy_finished(self.folder, others, self.request):
                self.reporter.stage(f"copied finished cells of other comparisons: {', '.join(names)}")
            self.load_cells()

    @property
    def missing(self) -> int:
        """The number of cells to compute."""
        return len(self.specs) - len(self.cells)

    @property
    def done(self) -> list[Cell]:
        """The cells with a result and all training documents, in order."""
        cells = (self.cells[spec.name] for spec in self.specs if spec.name in self.cells)
        return [cell for cell in cells if isinstance(cell, Cell) and cell.fraction == 1]

    def start(self, tasks: Tasks[Works]) -> None:
        """Submit everything that is missing; a comparison that is complete only gets its page again."""
        self.tasks = tasks
        saved = saved_comparison(self.folder)
        if saved and not self.missing and self.is_current(saved):
            self.write(saved)
            return
        for warning in text_warnings(self.request):  # training may take long
            self.warn(warning)
        self.submit(partial(read_corpus, matching=self.matching), self.add_corpus)
        left = [spec for spec in self.specs if spec.name not in self.cells]
        for _, group in groupby(left, key=lambda spec: (spec.column.name, spec.fraction)):
            self.submit_group(list(group))
        if not left:
            self.submit_rows()

    def submit(self, task: Callable[[Work], R], then: Callable[[R], None], folders: Folders | None = None) -> None:
        """Submit a task of this fold; ``folders`` are relative to its folder."""
        prefix = self.folder.relative_to(self.out).as_posix()
        read, written = (
            tuple(name if prefix == "." else f"{prefix}/{name}" for name in names)
            for names in ((folders.read, folders.written) if folders else ((), ()))
        )
        self.tasks.submit(partial(in_fold, self.request.fold.number, task), then, Folders(read, written))

    def submit_group(self, specs: Sequence[CellSpec]) -> None:
        """Submit the cells of a column and fraction, whose tokenizer is fitted once.

        If the folder has one of them, of whatever seed, the others get its tokenizer.
        """

        def submit_cells(fitted: Fitted) -> None:
            for spec in specs:
                names = [f"{RUNS}/{spec.name}", *([f"{TENSORBOARD}/{spec.name}"] if self.request.tensorboard else [])]
                task = partial(Work.cell, spec=spec, fitted=fitted)
                self.submit(task, partial(self.add_cell, spec), Folders(written=tuple(names)))

        first = specs[0]
        alike = [s for s in self.specs if (s.column.name, s.fraction) == (first.column.name, first.fraction)]
        if runs := [run for spec in alike if load_cell(run := self.folder / RUNS / spec.name)]:
            submit_cells(Fitted(saved_state(runs[0])))
        elif first.column.name in self.fitted:
            submit_cells(self.fitted[first.column.name])
        else:
            self.submit(partial(Work.fitted, spec=first), submit_cells)

    def add_corpus(self, corpus: CorpusReading) -> None:
        """Add the facts of the corpus."""
        self.corpus = corpus
        self.finish()

    def add_cell(self, spec: CellSpec, cell: Cell | FailedCell) -> None:
        """Add a computed cell; the last one lets the rows begin."""
        self.cells[spec.name] = cell
        self.reporter.finished(cell)
        if not self.missing:
            self.submit_rows()

    def submit_rows(self) -> None:
        """Submit the rows that the folder lacks."""
        self.row_specs = row_specs(self.done, self.request.adapt)
        self.rows = {spec.name: self.kept_row(spec) for spec in self.row_specs}
        for spec in self.row_specs:
            if self.rows[spec.name] is None:
                folders = Folders(read=spec.runs, written=(f"{ROWS}/{spec.name}",))
                self.submit(partial(compute_row, spec=spec), partial(self.add_row, spec), folders)
        self.submit_reading()

    def kept_row(self, spec: RowSpec) -> Row | None:
        """Return the finished row, or None if it is missing or still has to be verified."""
        folder = row_folder(self.folder, spec)
        recover(folder)
        sweep(folder)
        row = load_row(self.folder, spec)
        return row if row and (row.verified or not needs_proof(spec, verify=self.request.verify)) else None

    def add_row(self, spec: RowSpec, row: Row | Warning) -> None:
        """Add a computed row, or the reason why it is left out; the last one lets the reading begin."""
        self.rows[spec.name] = row
        if isinstance(row, Warning):
            self.warn(row)
        else:
            total = row.bits_per_character.total
            self.reporter.stage(f"{spec.title}: {total:.4f} bits per character on the held-out text")
        self.submit_reading()

    def submit_reading(self) -> None:
        """Submit the reading of the held-out text once all rows are there."""
        if all(self.rows.values()):
            runs = tuple(cell.run for cell in self.done)
            self.submit(partial(read_held_out, cells=self.done), self.add_reading, Folders(read=runs))

    def add_reading(self, reading: HeldOutReading) -> None:
        """Add what the columns read in the held-out text."""
        self.held_out = reading
        self.finish()

    def finish(self) -> None:
        """Write the report once everything is there."""
        if self.corpus and self.held_out:
            rows = [row for spec in self.row_specs if (row := self.rows[spec.name])]
            cells = [self.cells[spec.name] for spec in self.specs]
            self.write(assemble(self.request, cells, rows, self.corpus, self.held_out))

    def write(self, comparison: Comparison) -> None:
        """Write the comparison and its page."""
        self.comparison = comparison
        self.reporter.stage("writing the report")
        write_results(self.folder, comparison)

    def is_current(self, saved: Comparison) -> bool:
        """Check whether a saved comparison has exactly the cells, rows and sweeps of the plan."""
        specs = row_specs(self.done, self.request.adapt)
        rows = [self.kept_row(spec) for spec in specs]
        cells = [in_comparison(self.request, self.cells[spec.name]) for spec in self.specs]
        stored, planned = (
            [(sweep.column, sweep.key, sweep.values) for sweep in sweeps]
            for sweeps in (saved.sweeps, self.request.sweeps)
        )
        return saved.cells == cells and saved.rows == rows and stored == planned

    def warn(self, warning: Warning) -> None:
        """Report a warning."""
        self.reporter.stage(f"Warning: {warning.sentence}")
