"""The main job: train every column on one split, evaluate it, and say which is better."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from toolkit.baselines.compressors import baselines
from toolkit.columns import Column
from toolkit.config import CompareSettings
from toolkit.corpus import PARTS, Corpus, Split, file_digest, split
from toolkit.environment import machine, versions
from toolkit.errors import InputError, VerificationError
from toolkit.execution import Executor, Here, cores, processes, threads_each
from toolkit.folder import FOUND, PAGE, RUNS, TENSORBOARD, locked, save_metrics, take, without_none
from toolkit.metrics.coverage import corpus_coverage
from toolkit.metrics.neutral import WORD_PATTERN
from toolkit.plugins import load_code
from toolkit.reporter import Progress, Reporter
from toolkit.results import Cell, Comparison, Contrast, CorpusFacts, FailedCell, Passage, Verified, WordBits
from toolkit.results import Split as SplitNames
from toolkit.runs import (
    CHECKPOINT,
    CheckpointFile,
    RunConfig,
    load_cell,
    load_run,
    load_scores,
    recover,
    save_cell,
    save_history,
    save_run,
    save_samples,
    save_scores,
    write_whole,
)
from toolkit.statistics import contrasts
from toolkit.tokenizers import Tokenizer
from toolkit.tokenizers.base import MayRefuse, NeedsInstalled

if TYPE_CHECKING:
    from toolkit.evaluator import Ground
    from toolkit.scoring import DocumentScores


BESIDE_A_CELL = ("tokenizers", "seeds", "columns", "files", "workers")  # what is asked beyond one cell


@dataclass(frozen=True)
class Request:
    """What to compare."""

    corpus: Corpus
    columns: Sequence[Column]
    settings: CompareSettings
    seeds: Sequence[int] = (0,)
    split_seed: int = 0
    spacy_model: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)  # Python files that were run for plug-ins, with their SHA-256
    verify: bool = False
    tensorboard: bool = False
    workers: int = 1  # cells computed at once, each in a process of its own; 1: here
    command: str = ""

    @cached_property
    def split(self) -> Split:
        """The split that all cells share."""
        return split(self.corpus, self.split_seed)

    @property
    def by_clock(self) -> bool:
        """Whether the clock decides when training ends, and with it the numbers."""
        return self.settings.train.budget_seconds is not None

    @property
    def at_once(self) -> int:
        """How many cells are computed at once, at most."""
        return min(self.workers, len(self.columns) * len(self.seeds))

    def asked(self) -> dict[str, Any]:
        """All that decides the numbers, as compare.toml has it.

        How many cells are computed at once decides how far each comes by the clock, and otherwise nothing.
        """
        return {
            "corpus": {
                "name": self.corpus.name,
                "sha256": self.corpus.sha256,
                "language": self.corpus.language,
                "split_seed": self.split_seed,
            },
            "tokenizers": [column.name for column in self.columns],
            "seeds": list(self.seeds),
            "workers": self.at_once if self.by_clock and self.at_once > 1 else None,
            "spacy_model": self.spacy_model,
            "code": sorted(f"{Path(path).name} {digest}" for path, digest in self.code.items()),
            "files": {column.name: file_digest(column.file) for column in self.columns if column.file},
            **self.settings.model_dump(exclude={"columns"}),
            "columns": {column.name: column.table for column in self.columns if column.table},
        }

    def prepared(self) -> list[Tokenizer]:
        """The columns' tokenizers, not fitted. Raises InputError for whatever would only come to light in training."""
        tokenizers = [
            column.make(language=self.corpus.language, spacy_model=self.spacy_model) for column in self.columns
        ]
        for tokenizer in tokenizers:
            if isinstance(tokenizer, NeedsInstalled):
                tokenizer.check()
            if isinstance(tokenizer, MayRefuse):
                tokenizer.check_texts([document for part in PARTS for document in getattr(self.split, part)])
        for part in PARTS:
            if not any(WORD_PATTERN.search(document.text) for document in getattr(self.split, part)):
                raise InputError(f"The {part} part of {self.corpus.name} has no word in it; give a text in words.")
        return tokenizers


def compare(request: Request, out: Path, reporter: Reporter, *, fresh: bool = False) -> Comparison:
    """Compare the columns, in a folder that keeps what is finished; write comparison.json, metrics.csv and the page.

    Raises InputError where the folder holds something else or an option cannot be.
    """
    from toolkit.report import render

    request.prepared()  # before the folder is touched
    with locked(out):
        take(out, request.asked(), fresh=fresh)
        found = finished(out, request) or Work(request, out, reporter).comparison()
        found.save(out / FOUND)
        save_metrics(out, found)
        reporter.stage("writing the report")
        (out / PAGE).write_text(render(found), "utf-8")
    return found


def train_alone(request: Request, run: Path, reporter: Reporter) -> Cell | FailedCell:
    """The request's one cell, without a comparison: trained, evaluated, and saved as a run in a folder of its own.

    Training that was interrupted goes on. Raises InputError where the folder holds anything else or cannot be.
    """
    (column,), (seed,), (tokenizer,) = request.columns, request.seeds, request.prepared()
    recover(run)
    if run.exists() and (not run.is_dir() or any(path.name != CHECKPOINT for path in run.iterdir())):
        raise InputError(f"{run} is there already; choose another folder with --out, or remove it.")
    with locked(run / CHECKPOINT):
        work = Work(request, run.parent, reporter)
        reporter.stage(f"{column.name}: reading {len(work.split.train)} training documents")
        tokenizer.fit(work.split.train, work.split.valid)
        cell = work.new_cell(column, tokenizer, seed, run)
        if request.verify and isinstance(cell, Cell):
            cell = work.verified(cell, run)
    reporter.finished(cell)
    return cell


def finished(out: Path, request: Request) -> Comparison | None:
    """What the folder has found already, where nothing is left to do but to make the page again."""
    try:
        found = Comparison.load(out / FOUND)
    except (FileNotFoundError, ValidationError):
        return None
    whole = len(found.done) == len(request.columns) * len(request.seeds)
    kept = all(load_cell(out / cell.run) is not None for cell in found.done)
    proven = not request.verify or all(cell.verified for cell in found.done)
    return found if whole and kept and proven else None


@dataclass(frozen=True)
class Place:
    """Where a cell stands: its column and seed, and its run's folder."""

    column: Column
    seed: int
    run: Path


class InOrder:
    """Cells that come in any order, each told as finished when all before it have come."""

    def __init__(self, places: Sequence[Place], reporter: Reporter) -> None:
        self.places, self.reporter = places, reporter
        self.untold = deque(place.run for place in places)
        self.come: dict[Path, Cell | FailedCell] = {}

    def add(self, run: Path, cell: Cell | FailedCell) -> None:
        """A cell has come."""
        self.come[run] = cell
        while self.untold and self.untold[0] in self.come:
            self.reporter.finished(self.come[self.untold.popleft()])

    def all(self) -> list[Cell | FailedCell]:
        """The cells in their order, when all have come."""
        return [self.come[place.run] for place in self.places]


class Work:
    """The cells of a comparison, and what stands between them."""

    def __init__(self, request: Request, out: Path, reporter: Reporter) -> None:
        self.request, self.out, self.reporter = request, out, reporter
        self.split = request.split

    @cached_property
    def places(self) -> list[Place]:
        """Of all cells, in the order of the columns, then of the seeds."""
        return [
            Place(column, seed, self.out / RUNS / f"{column.slug}-seed{seed}")
            for column in self.request.columns
            for seed in self.request.seeds
        ]

    @cached_property
    def ground(self) -> "Ground":
        """What the cells share."""
        from toolkit.evaluator import Ground

        return Ground(self.split, self.request.corpus.language, self.request.spacy_model)

    def comparison(self) -> Comparison:
        """All cells and what stands between them."""
        self.reporter.stage("reading the corpus: coverage and compressors")
        facts = self.facts()
        compressed = baselines(*([document.text for document in getattr(self.split, part)] for part in PARTS))
        cells = self.cells()
        done = [cell for cell in cells if isinstance(cell, Cell)]
        scores = self.first_scores(done)
        return Comparison(
            command=self.request.command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions(),
            machine=machine() | {"cells_at_once": self.request.at_once},
            settings=without_none(self.request.asked()),
            corpus=facts,
            cells=cells,
            baselines=compressed,
            contrasts=self.contrasts(done),
            passages=self.passages(scores),
            words=self.words(scores),
        )

    def facts(self) -> CorpusFacts:
        """The corpus as the report describes it."""
        corpus = self.request.corpus
        return CorpusFacts(
            name=corpus.name,
            sha256=corpus.sha256,
            language=corpus.language,
            documents=sum(len(getattr(self.split, part)) for part in PARTS),
            characters=sum(len(document.text) for part in PARTS for document in getattr(self.split, part)),
            test_characters=sum(len(document.text) for document in self.split.test),
            split=SplitNames(**self.split_names()),
            coverage=corpus_coverage(self.split),
            notes=[*self.split.notes, *self.clock_notes()],
        )

    def clock_notes(self) -> list[str]:
        """A sentence where the clock ended training."""
        budget = self.request.settings.train.budget_seconds
        if budget is None:
            return []
        at_once = self.request.at_once
        beside = f", {at_once} cells at once on {cores()} cores" if at_once > 1 else ""
        return [
            f"Each cell was trained for at most {budget:g} seconds by the clock{beside}: "
            f"another time the numbers will differ."
        ]

    def split_names(self) -> dict[str, list[str]]:
        """The documents' names by part."""
        return {part: [document.name for document in getattr(self.split, part)] for part in PARTS}

    def cells(self) -> list[Cell | FailedCell]:
        """All cells in their order: those that the folder has, and the others as they are computed."""
        found = InOrder(self.places, self.reporter)
        left = []
        for place in self.places:
            if cell := self.kept(place.run):
                found.add(place.run, cell)
            else:
                left.append(place)
        with self.executor(len(left)) as executor:
            for _, places in groupby(left, key=lambda place: place.column.name):
                self.submit(executor, list(places), found)
            executor.run()
        return found.all()

    def kept(self, run: Path) -> Cell | None:
        """The cell of a run that is finished, and proven where that is asked for."""
        cell = load_cell(run)
        return cell if cell and (cell.verified or not self.request.verify) else None

    def executor(self, cells: int) -> "AbstractContextManager[Executor[Work]]":
        """What computes so many cells: here, or several at once, each with its share of the cores.

        By the clock the share is the same when few cells are left, so that all have had the same.
        """
        request = self.request
        at_once = request.at_once if request.by_clock else min(request.at_once, cells)
        if at_once < 2:
            return nullcontext(Here(self))
        make = partial(work_in_a_worker, request, self.out, threads_each(at_once))
        return processes(make, at_once, self.reporter)

    def submit(self, executor: "Executor[Work]", places: Sequence[Place], found: InOrder) -> None:
        """Have cells of one column computed, after its tokenizer, which is fitted once, and only if one is to train."""

        def submit_cells(fitted: Mapping[str, Any]) -> None:
            for place in places:
                executor.submit(partial(Work.cell, place=place, fitted=fitted), partial(found.add, place.run))

        if all(load_cell(place.run) for place in places):
            submit_cells({})
        else:
            executor.submit(partial(Work.fitted, column=places[0].column), submit_cells)

    def tokenizer(self, column: Column) -> Tokenizer:
        """The column's tokenizer, not fitted."""
        return column.make(language=self.request.corpus.language, spacy_model=self.request.spacy_model)

    def fitted(self, column: Column) -> dict[str, Any]:
        """What the column's tokenizer learns from the training documents."""
        self.reporter.stage(f"{column.name}: reading {len(self.split.train)} training documents")
        return self.tokenizer(column).fit(self.split.train, self.split.valid).state()

    def cell(self, place: Place, fitted: Mapping[str, Any]) -> Cell | FailedCell:
        """The cell, proven where that is asked for; what its column's tokenizer learnt is needed for a new one."""
        cell: Cell | FailedCell | None = load_cell(place.run)
        if cell is None:
            cell = self.new_cell(place.column, self.tokenizer(place.column).restore(fitted), place.seed, place.run)
        if self.request.verify and isinstance(cell, Cell) and cell.verified is None:
            cell = self.verified(cell, place.run)
        return cell

    def new_cell(self, column: Column, tokenizer: Tokenizer, seed: int, run: Path) -> Cell | FailedCell:
        """Train and evaluate; the run's folder appears when it is whole."""
        from toolkit.evaluator import evaluate, score_arrays
        from toolkit.trainer import DivergedError, train

        settings = self.request.settings
        name = run.name
        place = run.relative_to(self.out).as_posix()
        recover(run)
        try:
            trained = train(
                tokenizer,
                self.split.train,
                self.split.valid,
                settings.network,
                settings.train,
                seed,
                lambda progress: self.follow(name, progress),
                CheckpointFile(run, self.made_from(column, tokenizer, seed)),
            )
        except DivergedError as error:
            return FailedCell(
                column=column.name, tokenizer=column.tokenizer, strategy=column.strategy,
                seed=seed, fraction=1.0, run=place, reason=str(error),
            )  # fmt: skip
        self.reporter.stage(f"{name}: scoring the held-out documents and generating")
        evaluation = evaluate(column, seed, place, self.ground, tokenizer, trained, settings)

        def write(folder: Path) -> None:
            config = self.run_config(column, tokenizer, seed, evaluation.cell.coverage.characters_per_token)
            environment = {"versions": versions(), "machine": machine()}
            save_run(folder, config, tokenizer, trained.network.arrays(), environment)
            save_history(folder, trained.history)
            save_scores(folder, score_arrays(evaluation.scores))
            save_samples(folder, evaluation.cell.generated.samples)
            save_cell(folder, evaluation.cell)

        write_whole(run, write)
        return evaluation.cell

    def follow(self, name: str, progress: Progress) -> None:
        """Tell how the training of a run goes on."""
        self.reporter.training(name, progress)
        if self.request.tensorboard and progress.at_a_check:
            from toolkit.tensorboard import write_logs

            write_logs(self.out / TENSORBOARD / name, progress.history)

    def made_from(self, column: Column, tokenizer: Tokenizer, seed: int) -> dict[str, Any]:
        """All that decides a cell's training; without which other cells there are."""
        shared = {name: value for name, value in self.request.asked().items() if name not in BESIDE_A_CELL}
        fitted = hashlib.sha256(json.dumps(tokenizer.state(), sort_keys=True).encode()).hexdigest()
        return {**shared, "column": column.name, "options": column.table, "seed": seed, "tokenizer": fitted}

    def run_config(self, column: Column, tokenizer: Tokenizer, seed: int, characters_per_token: float) -> RunConfig:
        """The run's config.toml; it names the tagger's model even where that is the default."""
        request = self.request
        return RunConfig(
            column=column.name,
            tokenizer=column.tokenizer,
            strategy=column.strategy,
            options=dict(column.options),
            seed=seed,
            language=request.corpus.language,
            spacy_model=getattr(tokenizer, "spacy_model", None),
            code=dict(request.code),
            corpus=request.corpus.name,
            corpus_path=str(Path(request.corpus.path).resolve()),
            corpus_sha256=request.corpus.sha256,
            split_seed=request.split_seed,
            split=self.split_names(),
            characters_per_token=characters_per_token,
            network=request.settings.network,
            train=request.settings.train,
            samples=request.settings.samples,
        )

    def verified(self, cell: Cell, folder: Path) -> Cell:
        """The cell with its proof. Raises VerificationError where coding disagrees with scoring."""
        from toolkit.coding import verify

        self.reporter.stage(f"{folder.name}: compressing and decompressing the held-out documents")
        result = verify(
            load_run(folder),
            load_run(folder),
            self.split.test,
            [document.bits for document in cell.documents],
            lambda done, characters: self.reporter.verifying(folder.name, done, characters),
        )
        if result.wrong:
            raise VerificationError(f"{folder.name}: {result.wrong}")
        proof = Verified(characters=result.characters, bits=result.bits, bytes=result.coded_bytes)
        cell = cell.model_copy(update={"verified": proof})
        save_cell(folder, cell)
        return cell

    def by_column(self, done: Sequence[Cell], of: Callable[[Cell], Any]) -> Mapping[str, list[Any]]:
        """A value of each finished cell, by column."""
        found: dict[str, list[Any]] = {}
        for cell in done:
            found.setdefault(cell.column, []).append(of(cell))
        return found

    def contrasts(self, done: Sequence[Cell]) -> list[Contrast]:
        """All pairs of finished columns, over the held-out documents and each column's finished seeds."""
        from toolkit.evaluator import scores_of, statistical_units

        units = self.by_column(done, lambda cell: statistical_units(scores_of(load_scores(self.out / cell.run))))
        if len(units) < 2:
            return []
        characters = np.array(next(iter(units.values()))[0][1], float)
        bits = {column: np.array([bits for bits, _ in found]) for column, found in units.items()}
        return contrasts(bits, characters, self.split.unit)

    def first_scores(self, done: Sequence[Cell]) -> "Mapping[str, Sequence[DocumentScores]]":
        """Each column's scores of the held-out documents, of its first seed that has a result."""
        from toolkit.evaluator import scores_of

        runs = {column: found[0] for column, found in self.by_column(done, lambda cell: cell.run).items()}
        return {column: scores_of(load_scores(self.out / run)) for column, run in runs.items()}

    def passages(self, scores: "Mapping[str, Sequence[DocumentScores]]") -> list[Passage]:
        """A held-out passage under each column."""
        from toolkit.evaluator import passage

        return [passage(self.split.test, scores)] if scores else []

    def words(self, scores: "Mapping[str, Sequence[DocumentScores]]") -> WordBits:
        """The held-out words that the columns differ over most."""
        from toolkit.evaluator import words_apart

        return words_apart(self.split.test, scores, self.ground.counts)


def work_in_a_worker(request: Request, out: Path, threads: int, reporter: Reporter) -> Work:
    """A work in a process that begins with nothing: with the same plug-ins, and with so many threads.

    Raises InputError where a file of plug-ins has changed since the comparison began.
    """
    from toolkit.backend import share_machine

    for path, digest in request.code.items():
        if load_code(Path(path)) != digest:
            raise InputError(f"The code {path} has changed since it was run; give the same command again.")
    share_machine(threads)
    return Work(request, out, reporter)
