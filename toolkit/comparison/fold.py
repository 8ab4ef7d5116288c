"""One fold of a comparison: its tasks follow each other, from tokenizers to cells, rows and the report.

The report is a function of any cells of one split and of the facts of the corpus.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import TypeVar

from toolkit.comparison.costs import expected_steps
from toolkit.comparison.executors import Tasks
from toolkit.comparison.folder import write_results
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, compute_row, load_row, row_specs
from toolkit.comparison.work import Fitted, Work, compute_in_fold, kept_cell
from toolkit.environment import provenance
from toolkit.errors import InputError
from toolkit.evaluation.compressors import baselines
from toolkit.evaluation.folds import folds_of
from toolkit.evaluation.metrics import by_document, measures
from toolkit.evaluation.metrics.coverage import coverage_of, uncovered
from toolkit.evaluation.passages import AUTHOR_CHARACTERS, AUTHOR_PASSAGES, passages, readings
from toolkit.evaluation.warnings import answered, concluded, language_warnings
from toolkit.inference.scores import bits_by_word, scores_of
from toolkit.results.bits import Passage
from toolkit.results.cell import Baseline, Cell, FailedCell, Row
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import CorpusFacts, FractionFacts, SplitNames
from toolkit.results.record import grouped
from toolkit.runs.folder import RUNS, load, load_cell, load_scores, saved_state
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import characters, utf8_bytes
from toolkit.text.duplicates import overlaps
from toolkit.text.neutral import census

R = TypeVar("R")
STAGES = "Networks were trained in stages, up to {:g} times as long as the settings say."
CorpusReading = tuple[CorpusFacts, list[Baseline]]  # facts of a fold's corpus, and the compressors' bits


class FoldWork:
    """One fold in progress: its cells by the names of their runs, its rows, and its report at the end."""

    def __init__(self, request: Request, folder: Path, reporter: Reporter, fitted: Mapping[str, Fitted]) -> None:
        self.request, self.folder, self.reporter, self.fitted = request, folder, reporter, fitted
        self.specs = request.specs()
        self.rows: dict[RowSpec, Row | Warning | None] = {}  # None while they are computed
        self.corpus: CorpusReading | None = None
        self.held_out: list[Passage] | None = None
        self.comparison: Comparison
        self.cells: dict[str, Cell | FailedCell] = {}
        for spec in self.specs:
            if cell := kept_cell(folder, spec, reporter, verify=request.verify):
                self.cells[spec.name] = cell

    @property
    def missing(self) -> int:
        """The number of cells to compute."""
        return len(self.specs) - len(self.cells)

    def start(self, tasks: Tasks[Work]) -> None:
        """Submit everything that is missing; a comparison that is complete only gets its page again."""
        self.tasks = tasks
        saved = None if self.missing else self.saved()
        if saved and self.is_current(saved):
            self.write(saved)
            return
        for warning in text_warnings(self.request):  # training may take long
            self.reporter.stage(f"Warning: {warning.sentence}")
        missing = [spec for spec in self.specs if spec.name not in self.cells]
        for job, steps in expected_steps(self.request, missing).items():
            self.reporter.plan(job, steps)
        self.submit("the corpus", corpus_facts, partial(self.finish, "corpus"))
        for _, group in groupby(missing, key=lambda spec: (spec.column.name, spec.fraction)):
            self.submit_group(list(group))
        if not missing:
            self.submit_rows()

    def saved(self) -> Comparison | None:
        """Return the saved comparison, or None if it is missing or damaged."""
        file = self.folder / FOUND
        try:
            return Comparison.load(file) if file.exists() else None
        except InputError:
            self.reporter.stage(f"{file} is written again, because it is damaged")
            return None

    def submit(
        self, name: str, task: Callable[[Work], R], then: Callable[[R], None], fraction: float = 1.0
    ) -> None:
        """Submit a task of this fold, whose progress is reported as a job of this name."""

        def end(result: R) -> None:
            self.reporter.end(self.request.job(name, fraction))
            then(result)

        self.tasks.submit(partial(compute_in_fold, self.request.fold.number, task), end)

    def submit_group(self, missing: Sequence[CellSpec]) -> None:
        """Submit the missing cells of a column and fraction with one tokenizer: a finished cell's, or a new one."""

        def submit_cells(fitted: Fitted) -> None:
            for spec in missing:
                self.submit(spec.name, partial(Work.cell, spec=spec, fitted=fitted), partial(self.add_cell, spec))

        first = missing[0]
        column, fraction = first.column.name, first.fraction
        same = (spec for spec in self.specs if (spec.column.name, spec.fraction) == (column, fraction))
        runs = [run for spec in same if load_cell(run := self.folder / RUNS / spec.name)]
        if runs or column in self.fitted:
            self.reporter.end(self.request.job(column, fraction))
            submit_cells(Fitted(saved_state(runs[0])) if runs else self.fitted[column])
        else:
            self.submit(column, partial(Work.fit, spec=first), submit_cells, fraction)

    def add_cell(self, spec: CellSpec, cell: Cell | FailedCell) -> None:
        """Add a computed cell; the last one lets the rows begin."""
        self.cells[spec.name] = cell
        self.reporter.finished(in_comparison(self.request, cell))
        if not self.missing:
            self.submit_rows()

    def load_rows(self) -> None:
        """Load the rows that the folder has."""
        done = [spec for spec in self.specs if isinstance(self.cells[spec.name], Cell)]
        rows = row_specs(done, self.request)
        self.rows = {row: load_row(self.folder, row, verify=self.request.verify) for row in rows}

    def submit_rows(self) -> None:
        """Submit the rows that the folder lacks."""
        self.load_rows()
        for planned in row_specs(self.specs, self.request):
            if self.rows.get(planned, True):  # it is there, or lacks a cell
                self.reporter.end(self.request.job(planned.name))
        for spec, row in self.rows.items():
            if row is None:
                self.submit(spec.name, partial(compute_row, spec=spec), partial(self.add_row, spec))
        self.submit_reading()

    def add_row(self, spec: RowSpec, row: Row | Warning) -> None:
        """Add a computed row, or the reason why it is left out."""
        self.rows[spec] = row
        if isinstance(row, Warning):
            self.reporter.stage(f"Warning: {row.sentence}")
        else:
            total = row.bits_per_character.total
            self.reporter.stage(f"{row.title}: {total:.4f} bits per character on the held-out text")
        self.submit_reading()

    def submit_reading(self) -> None:
        """Submit the reading of the held-out text once all rows are there."""
        if all(self.rows.values()):
            cells = [self.cells[spec.name] for spec in self.specs]
            whole = [cell for cell in cells if isinstance(cell, Cell) and cell.fraction == 1]
            self.submit("the report", partial(read_held_out, cells=whole), partial(self.finish, "held_out"))

    def finish(self, part: str, reading: CorpusReading | list[Passage]) -> None:
        """Add a reading of the corpus or the held-out text. Write the report once both are there."""
        setattr(self, part, reading)
        if self.corpus is not None and self.held_out is not None:
            rows = [row for row in self.rows.values() if row]
            cells = [self.cells[spec.name] for spec in self.specs]
            self.write(assemble(self.request, cells, rows, self.corpus, self.held_out))

    def write(self, comparison: Comparison) -> None:
        """Write the comparison and its page."""
        self.comparison = comparison
        write_results(self.folder, comparison)

    def is_current(self, saved: Comparison) -> bool:
        """Check whether a saved comparison has exactly the cells, rows and sweeps of the plan."""
        self.load_rows()
        cells = [in_comparison(self.request, self.cells[spec.name]) for spec in self.specs]
        planned = cells, list(self.rows.values()), list(self.request.sweeps)
        return (saved.cells, saved.rows, saved.sweeps) == planned


def corpus_facts(work: Work) -> CorpusReading:
    """Return the facts of the corpus: coverage, near-duplicates and compressors."""
    request = work.request
    work.reporter.step(request.job("the corpus"), "coverage and compressors")
    corpus, split = request.corpus, request.split
    train = census(split.train)
    facts = CorpusFacts(
        name=corpus.name,
        sha256=corpus.sha256,
        language=corpus.language,
        documents=len(split.documents),
        characters=characters(split.documents),
        test_characters=characters(split.test),
        test_bytes=utf8_bytes(document.text for document in split.test),
        train_characters=characters(split.train),
        train_documents=len(split.train),
        unit=split.unit,
        split=SplitNames(
            **{part: [document.name for document in documents] for part, documents in split.parts.items()}
        ),
        coverage=coverage_of(train, census(split.test)),
        uncovered=uncovered(split.test, train.counts),
        fractions=[
            FractionFacts(fraction=fraction, documents=len(part.train), characters=characters(part.train))
            for fraction, part in request.splits.items()
            if len(request.splits) > 1
        ],
        notes=[STAGES.format(request.stages[-1])] if len(request.stages) > 1 else [],
        overlaps=overlaps(split),
    )
    return facts, baselines(*([document.text for document in documents] for documents in split.parts.values()))


def text_warnings(request: Request) -> list[Warning]:
    """Return warnings about the text: its tagger, and its language."""
    return [*language_warnings(request.split.train, request.corpus.language), *request.warnings]


def read_held_out(work: Work, cells: Sequence[Cell]) -> list[Passage]:
    """Return passages of the held-out text as they were read by each column's first seed among finished cells.

    The passages are chosen by the best column and the next.
    """
    work.reporter.step(work.request.job("the report"), "reading passages")
    test = work.request.split.test
    texts = [document.text for document in test]
    columns = grouped(cells, lambda cell: cell.column)
    runs = {name: work.out / some[0].run for name, some in columns.items()}
    scores = {name: scores_of(load_scores(run)) for name, run in runs.items()}
    bits = {
        name: [bits_by_word(*pair)[0] for pair in zip(texts, some, strict=True)] for name, some in scores.items()
    }
    if not runs:
        return []
    totals = {name: fmean(cell.bits_per_character.total for cell in some) for name, some in columns.items()}
    ranked = sorted(totals, key=lambda name: totals[name])
    excerpts = passages(test, {name: bits[name] for name in ranked})
    names = [document.name for document in test]
    read = {name: readings(load(run), scores[name], names, excerpts) for name, run in runs.items()}
    return [
        passage.model_copy(update={"readings": {name: of_column[i] for name, of_column in read.items()}})
        for i, passage in enumerate(excerpts)
    ]


def assemble(
    request: Request,
    cells: Sequence[Cell | FailedCell],
    rows: Sequence[Row | Warning],
    corpus: CorpusReading,
    held_out: list[Passage],
) -> Comparison:
    """Return the comparison of cells of one split, with its conclusions."""
    facts, compressors = corpus
    texts = [document.text for document in request.split.test]
    comparison = Comparison(
        command=request.command,
        **provenance(request.versions, cells_at_once=request.cells_at_once),
        settings=request.record(),
        corpus=facts,
        warnings=[*text_warnings(request), *(row for row in rows if isinstance(row, Warning))],
        cells=[in_comparison(request, cell) for cell in cells],
        rows=[row for row in rows if isinstance(row, Row)],
        baselines=compressors,
        sweeps=list(request.sweeps),
        measures={name: measure.facts() for name, measure in measures().items()},
        passages=held_out,
        author_passages=by_document(texts, AUTHOR_PASSAGES, AUTHOR_CHARACTERS),
    )
    return concluded(comparison)


def in_comparison(request: Request, cell: Cell | FailedCell) -> Cell | FailedCell:
    """Return a cell with its fold, if there are several, and with the resource that ``--match`` made equal."""
    if isinstance(cell, FailedCell):
        return cell
    matched = request.match if cell.column in request.matched else None
    return cell.model_copy(
        update={"matched": matched, "fold": request.fold.number if request.fold.of > 1 else None}
    )


def all_folds(folds: Sequence[FoldWork], out: Path) -> Comparison:
    """Return the first fold's comparison with the conclusions over all folds, whose folders are in ``out``."""
    comparisons = [fold.comparison for fold in folds]
    conclusions = folds_of(comparisons, [str(fold.folder.relative_to(out)) for fold in folds])
    corpus = comparisons[0].corpus.model_copy(update={"splits": [whole.corpus.split for whole in comparisons]})
    return answered(comparisons[0].model_copy(update={"folds": conclusions, "corpus": corpus}))
