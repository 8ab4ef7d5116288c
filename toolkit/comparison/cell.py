"""How one cell of a comparison is computed: its tokenizer fitted, its network trained, evaluated and proven."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.comparison.folder import TENSORBOARD
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.environment import machine, versions
from toolkit.errors import InputError, VerificationError
from toolkit.plugins import load_code
from toolkit.results import Cell, FailedCell, Verified
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.runs.columns import Column
from toolkit.runs.folder import (
    load_cell,
    load_run,
    recover,
    save_cell,
    save_history,
    save_run,
    save_samples,
    save_scores,
    write_whole,
)
from toolkit.runs.spec import RunConfig
from toolkit.tokenizers import Tokenizer
from toolkit.training.progress import Progress

if TYPE_CHECKING:
    from toolkit.evaluation.evaluator import Ground

BESIDE_A_CELL = ("tokenizers", "seeds", "columns", "files", "workers")  # what is asked beyond one cell


@dataclass(frozen=True)
class Place:
    """Where a cell stands: its column and seed, and its run's folder."""

    column: Column
    seed: int
    run: Path


class Work:
    """What computes the cells of a request, below the folder ``out``."""

    def __init__(self, request: Request, out: Path, reporter: Reporter) -> None:
        self.request, self.out, self.reporter = request, out, reporter
        self.split = request.split

    @cached_property
    def ground(self) -> "Ground":
        """What the cells share."""
        from toolkit.evaluation.evaluator import Ground

        return Ground(self.split, self.request.corpus.language, self.request.spacy_model)

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
        from toolkit.evaluation.evaluator import evaluate
        from toolkit.inference.scoring import score_arrays
        from toolkit.training.trainer import DivergedError, train

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
            from toolkit.training.tensorboard import write_logs

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
            split=request.split_names(),
            characters_per_token=characters_per_token,
            network=request.settings.network,
            train=request.settings.train,
            samples=request.settings.samples,
        )

    def verified(self, cell: Cell, folder: Path) -> Cell:
        """The cell with its proof. Raises VerificationError where coding disagrees with scoring."""
        from toolkit.inference.verification import verify

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


def work_in_a_worker(request: Request, out: Path, threads: int, reporter: Reporter) -> Work:
    """A work in a process that begins with nothing: with the same plug-ins, and with so many threads.

    Raises InputError where a file of plug-ins has changed since the comparison began.
    """
    from toolkit.network.backend import share_machine

    for path, digest in request.code.items():
        if load_code(Path(path)) != digest:
            raise InputError(f"The code {path} has changed since it was run; give the same command again.")
    share_machine(threads)
    return Work(request, out, reporter)
