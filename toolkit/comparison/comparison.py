"""The main job: train every column on one split, evaluate it, and say which is better."""

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from toolkit.comparison.all_folds import in_its_fold, later_folds, with_all_folds
from toolkit.comparison.cell import Fitted, Work, worker_work
from toolkit.comparison.corpus_facts import corpus_facts, text_warnings
from toolkit.comparison.executors import Folders, Tasks, inline, processes, threads_each
from toolkit.comparison.folder import (
    COMPARISON,
    ROWS,
    TENSORBOARD,
    refuse_joined,
    save,
    saved_comparison,
    sweep_results,
    write_page,
)
from toolkit.comparison.held_out import HeldOut
from toolkit.comparison.matching import Matching, matching_for, new_matching
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import LeftOut, RowSpec, compute_row, load_row, needs_proof, row_folder, row_specs
from toolkit.comparison.stages import refuse_nothing, taken
from toolkit.comparison.taking_over import take_over
from toolkit.config import without_none
from toolkit.environment import machine, versions
from toolkit.evaluation.compressors import baselines
from toolkit.evaluation.conclusions import concluded
from toolkit.evaluation.metrics import measures
from toolkit.out_folder import locked, refuse_foreign
from toolkit.report import explorer
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import SENTENCES, Comparison
from toolkit.results.rows import Row
from toolkit.results.sentences import say
from toolkit.runs.folder import RUNS, finished_cell, load_cell, recover, saved_state, sweep
from toolkit.runs.spec import CellSpec
from toolkit.text.excerpt import fitting
from toolkit.text.tagging import Tagger
from toolkit.text.unspaced import segmenters


def compare(
    request: Request,
    out: Path,
    reporter: Reporter,
    *,
    fresh: bool = False,
    beside: Iterable[Path] = (),
) -> Comparison:
    """Compare the columns; write comparison.json, its tables and the page. Finished cells stay in the folder.

    Missing cells are taken over from the comparisons ``beside`` the folder, unless it is ``fresh``. With several folds,
    ``out`` has the first one, and the others are computed in sub-folders of their own.
    Raises InputError if the folder holds something else or an option is invalid.
    """
    for one in (request, *later_folds(request)):
        one.check()  # before the folder is touched
    refuse_foreign(out, COMPARISON)
    refuse_joined(out)
    refuse_nothing(out, request, fresh=fresh)
    with locked(out):
        sweep_results(out)
        if fresh and COMPARISON.is_in(out):
            refuse_impossible(request, out, reporter)
        request = taken(out, request, reporter, fresh=fresh)
        if not fresh:
            take_over(out, beside, request, reporter)
        comparison = in_its_fold(finished(out, request) or compared(out, request, reporter), request)
        write_results(comparison, out, reporter)
        if request.fold.is_first_of_several:

            def fold(one: Request, folder: Path) -> Comparison:
                reporter.stage(f"fold {one.fold}, in {folder}")
                others = [other / folder.relative_to(out) for other in beside]
                return compare(one, folder, reporter, beside=others)

            comparison = with_all_folds(comparison, request, fold, out)
            write_results(comparison, out, reporter)
    comparison.folder = out
    return comparison


def write_results(comparison: Comparison, out: Path, reporter: Reporter) -> None:
    """Write comparison.json, its tables and the page."""
    save(out, comparison)
    reporter.stage("writing the report")
    write_page(out, comparison)


def refuse_impossible(request: Request, out: Path, reporter: Reporter) -> None:
    """Raises InputError for what only ``--match`` or a cluster can refuse, while the folder still has its comparison.

    What is decided here is decided again once the folder is empty, where it can be kept.
    """
    if request.match is not None:
        new_matching(request, request.match, Work(request, out, reporter))
    with elsewhere(request, out, reporter):
        pass


def compared(out: Path, request: Request, reporter: Reporter) -> Comparison:
    """The comparison of the columns, with the settings that ``--match`` gives them."""
    matching = Matching()
    if request.match is not None:
        matching = matching_for(request, request.match, Work(request, out, reporter))
        request = matching.applied(request)
    with elsewhere(request, out, reporter) as cluster:
        return Comparing(request, out, reporter, matching, cluster).comparison()


def elsewhere(request: Request, out: Path, reporter: Reporter) -> "AbstractContextManager[Tasks[Work] | None]":
    """The cluster that computes the request's cells, if there is one."""
    if request.where.scheduler is None:
        return nullcontext()
    from toolkit.comparison.cluster import cluster

    return cluster(request, request.where.scheduler, out, reporter)


def finished(out: Path, request: Request) -> Comparison | None:
    """The folder's comparison, if nothing is left to do except rewrite the page; otherwise None."""
    saved = saved_comparison(out)
    if saved is None:
        return None
    wanted = [(spec.column.name, spec.fraction, spec.seed) for spec in request.specs()]
    over = [cell for cell in saved.cells if isinstance(cell, Cell) or not cell.may_succeed]
    complete = [(cell.column, cell.fraction, cell.seed) for cell in over] == wanted
    as_long = saved.settings.get("stages", [1.0]) == list(request.stages)
    kept = all(load_cell(out / done.run) for done in saved.done)
    proven = not request.verify or (all(c.verified for c in saved.done) and all(r.verified for r in saved.rows))
    swept = [[(one.column, one.key, one.values) for one in sweeps] for sweeps in (saved.sweeps, request.sweeps)]
    whole = complete and as_long and kept and proven and swept[0] == swept[1]
    rows = whole and all(load_row(out, spec) in saved.rows for spec in row_specs(saved.full, request.adapt))
    return saved if whole and rows else None


class CellsInOrder:
    """Cells that finish in any order and are reported in theirs: each once all before it have finished."""

    def __init__(self, names: Sequence[str], reporter: Reporter) -> None:
        self.names, self.reporter = names, reporter
        self.unreported = deque(names)
        self.by_name: dict[str, Cell | FailedCell] = {}

    def add(self, name: str, cell: Cell | FailedCell) -> None:
        """Add a finished cell."""
        self.by_name[name] = cell
        while self.unreported and self.unreported[0] in self.by_name:
            self.reporter.finished(self.by_name[self.unreported.popleft()])

    def all(self) -> list[Cell | FailedCell]:
        """The cells in order, once all have finished."""
        return [self.by_name[name] for name in self.names]


class Comparing:
    """A comparison in progress: its cells, the rows made of them, and the contrasts between them.

    ``matching`` is what was decided for ``--match``; the request has its settings already. ``cluster`` computes the
    cells where it is given.
    """

    def __init__(
        self,
        request: Request,
        out: Path,
        reporter: Reporter,
        matching: Matching,
        cluster: "Tasks[Work] | None",
    ) -> None:
        self.request, self.out, self.reporter, self.cluster = request, out, reporter, cluster
        self.matching = matching
        self.split = request.split
        self.work = Work(request, out, reporter)
        self.specs = request.specs()
        self.left_out: list[LeftOut] = []  # of the rows

    def comparison(self) -> Comparison:
        """All cells, rows and contrasts."""
        about_text = text_warnings(self.request)
        for warning in about_text:  # now, too: training may take long
            self.reporter.stage(f"Warning: {say(SENTENCES, 'warning', warning)}")
        self.reporter.stage("reading the corpus: coverage, near-duplicates and compressors")
        facts = corpus_facts(self.request, self.matching.note)
        parts = map(fitting, self.split.parts.values())
        compressed = baselines(*([document.text for document in documents] for documents in parts))
        cells = [self.marked(cell) for cell in self.cells()]
        done = [cell for cell in cells if isinstance(cell, Cell) and cell.fraction == 1]
        specs = row_specs(done, self.request.adapt)
        rows = self.rows(specs)
        self.reporter.stage("reading passages of the held-out text with every column")
        held_out = HeldOut(self.work, done)
        tagger = Tagger(self.request.spacy_model, self.request.corpus.language)
        comparison = Comparison(
            command=self.request.command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions() | tagger.versions | segmenters(document.text for document in self.split.documents),
            machine=machine() | {"cells_at_once": self.request.at_once},
            settings=without_none(self.request.told()),
            corpus=facts,
            warnings=[*about_text, *(row.warning() for row in self.left_out)],
            cells=cells,
            rows=rows,
            baselines=compressed,
            sweeps=list(self.request.sweeps),
            measures={name: measure.facts() for name, measure in measures().items()},
            passages=held_out.passages(),
            author_passages=explorer.spread_passages(
                [document.text for document in self.split.test], explorer.AUTHOR_PASSAGES
            ),
            words=held_out.words(),
        )
        return concluded(comparison)

    def marked(self, cell: Cell | FailedCell) -> Cell | FailedCell:
        """The cell, saying what was made equal in it."""
        if isinstance(cell, FailedCell) or cell.column not in self.matching.settings:
            return cell
        return cell.model_copy(update={"matched": self.request.match})

    def cells(self) -> list[Cell | FailedCell]:
        """All cells in order: those that the folder has, and the others as they are computed."""
        cells = CellsInOrder([spec.name for spec in self.specs], self.reporter)
        left = []
        for spec in self.specs:
            if cell := self.kept(spec):
                cells.add(spec.name, cell)
            else:
                left.append(spec)
        with self.executor(len(left)) as executor:
            for _, specs in groupby(left, key=lambda spec: (spec.column.name, spec.fraction)):
                self.submit(executor, list(specs), cells)
            executor.run()
        return cells.all()

    def kept(self, spec: CellSpec) -> Cell | None:
        """The finished cell, or None if there is none or it still has to be trained further or verified."""
        run = self.work.run(spec)
        recover(run)
        sweep(run)
        cell = finished_cell(run, spec)
        return cell if cell and (cell.verified or not self.request.verify) else None

    def rows(self, specs: Sequence[RowSpec]) -> list[Row]:
        """All rows in order, but those left out: those that the folder has, and the others as they are computed."""
        rows = {spec.name: row for spec in specs if (row := self.kept_row(spec))}
        left = [spec for spec in specs if spec.name not in rows]
        with self.executor(len(left)) as executor:
            for spec in left:
                folders = Folders(read=spec.runs, written=(f"{ROWS}/{spec.name}",))
                executor.submit(partial(compute_row, spec=spec), partial(self.add_row, rows, spec), folders)
            executor.run()
        return [rows[spec.name] for spec in specs if spec.name in rows]

    def add_row(self, rows: dict[str, Row], spec: RowSpec, row: Row | LeftOut) -> None:
        """Add a computed row, or what is left out, and report it."""
        if isinstance(row, LeftOut):
            self.left_out.append(row)
            self.reporter.stage(f"Warning: {say(SENTENCES, 'warning', row.warning())}")
            return
        rows[spec.name] = row
        total = row.bits_per_character.total
        self.reporter.stage(f"{spec.title}: {total:.4f} bits per character on the held-out text")

    def kept_row(self, spec: RowSpec) -> Row | None:
        """The finished row, or None if there is none or it still has to be verified."""
        folder = row_folder(self.out, spec)
        recover(folder)
        sweep(folder)
        row = load_row(self.out, spec)
        return row if row and (row.verified or not needs_proof(spec, verify=self.request.verify)) else None

    def executor(self, cells: int) -> "AbstractContextManager[Tasks[Work]]":
        """What computes this many cells: a cluster, this process, or several, each with its share of the cores.

        With a time budget the share stays the same when few cells are left, so that all cells get the same.
        """
        request = self.request
        if self.cluster is not None:
            return nullcontext(self.cluster)
        at_once = request.at_once if request.by_clock else min(request.at_once, cells)
        if at_once < 2 or not cells:
            return nullcontext(inline(self.work))
        make = partial(worker_work, request, self.out, threads_each(at_once), request.plug_ins)
        return processes(make, at_once, self.reporter)

    def submit(self, executor: "Tasks[Work]", specs: Sequence[CellSpec], cells: CellsInOrder) -> None:
        """Submit the cells of a column and fraction, after fitting the tokenizer once.

        If the folder has one of them, of whatever seed, the others get its tokenizer.
        """

        def submit_cells(fitted: Fitted) -> None:
            for spec in specs:
                written = (f"{RUNS}/{spec.name}", *([f"{TENSORBOARD}/{spec.name}"] if self.request.tensorboard else []))
                task, then = partial(Work.cell, spec=spec, fitted=fitted), partial(cells.add, spec.name)
                executor.submit(task, then, Folders(written=written))

        spec = specs[0]
        column, fraction = spec.column, spec.fraction
        alike = [spec for spec in self.specs if (spec.column.name, spec.fraction) == (column.name, fraction)]
        if runs := [run for spec in alike if load_cell(run := self.work.run(spec))]:
            submit_cells(Fitted(saved_state(runs[0])))
        elif column.name in self.matching.fitted:
            submit_cells(self.matching.fitted[column.name])
        else:
            executor.submit(partial(Work.fitted, spec=spec), submit_cells)
