"""One fold of a comparison in progress: its tasks follow each other, from tokenizers to the report."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from toolkit.comparison.assemble import (
    CorpusReading,
    HeldOutReading,
    assemble,
    in_comparison,
    read_corpus,
    read_held_out,
    text_warnings,
)
from toolkit.comparison.executors import Names, Tasks
from toolkit.comparison.folder import ROWS, Matching, write_results
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, compute_row, load_row, needs_proof, row_folder, row_specs
from toolkit.comparison.work import Fitted, Work, compute_in_fold, kept_cell
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.rows import Row
from toolkit.runs.folder import RUNS, load_cell, recover, saved_state
from toolkit.runs.spec import CellSpec

R = TypeVar("R")


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
        for spec in self.specs:
            if cell := kept_cell(folder, spec, verify=request.verify):
                self.cells[spec.name] = cell

    @property
    def missing(self) -> int:
        """The number of cells to compute."""
        return len(self.specs) - len(self.cells)

    @property
    def done(self) -> list[Cell]:
        """The cells with a result and all training documents, in order."""
        cells = (self.cells[spec.name] for spec in self.specs if spec.name in self.cells)
        return [cell for cell in cells if isinstance(cell, Cell) and cell.fraction == 1]

    def start(self, tasks: Tasks[Work]) -> None:
        """Submit everything that is missing; a comparison that is complete only gets its page again."""
        self.tasks = tasks
        if not self.missing and (self.folder / FOUND).exists():
            saved = Comparison.load(self.folder / FOUND)
            if self.is_current(saved):
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

    def submit(
        self, task: Callable[[Work], R], then: Callable[[R], None], reads: Names = (), writes: Names = ()
    ) -> None:
        """Submit a task of this fold; the names are of folders in the fold's."""
        place = self.folder.relative_to(self.out)
        read, written = ([(place / name).as_posix() for name in names] for names in (reads, writes))
        self.tasks.submit(partial(compute_in_fold, self.request.fold.number, task), then, read, written)

    def submit_group(self, specs: Sequence[CellSpec]) -> None:
        """Submit the cells of a column and fraction, whose tokenizer is fitted once.

        If the folder has one of them, of whatever seed, the others get its tokenizer.
        """

        def submit_cells(fitted: Fitted) -> None:
            for spec in specs:
                task = partial(Work.cell, spec=spec, fitted=fitted)
                self.submit(task, partial(self.add_cell, spec), writes=[f"{RUNS}/{spec.name}"])

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
        self.reporter.finished(in_comparison(self.request, cell))
        if not self.missing:
            self.submit_rows()

    def submit_rows(self) -> None:
        """Submit the rows that the folder lacks."""
        self.row_specs = row_specs(self.done, self.request.adapt)
        self.rows = {spec.name: self.kept_row(spec) for spec in self.row_specs}
        for spec in self.row_specs:
            if self.rows[spec.name] is None:
                then = partial(self.add_row, spec)
                self.submit(partial(compute_row, spec=spec), then, spec.runs, [f"{ROWS}/{spec.name}"])
        self.submit_reading()

    def kept_row(self, spec: RowSpec) -> Row | None:
        """Return the finished row, or None if it is missing or still has to be verified."""
        folder = row_folder(self.folder, spec)
        recover(folder)
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
            runs = [cell.run for cell in self.done]
            self.submit(partial(read_held_out, cells=self.done), self.add_reading, runs)

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
