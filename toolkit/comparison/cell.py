"""How one cell of a comparison is computed: fit its tokenizer, train its model, evaluate it and verify it."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.comparison.folder import RUNS, TENSORBOARD
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.environment import machine, versions
from toolkit.errors import InputError, VerificationError
from toolkit.inference.model import Model
from toolkit.plugins import load_code
from toolkit.results import Cell, FailedCell, Verified
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.runs.columns import Column
from toolkit.runs.folder import (
    fingerprint,
    finished_cell,
    load_run,
    recover,
    save_cell,
    save_history,
    save_run,
    save_samples,
    save_scores,
    write_whole,
)
from toolkit.runs.spec import CellSpec
from toolkit.tokenizers import Tokenizer
from toolkit.training.checkpoint import Further, Store
from toolkit.training.progress import Progress
from toolkit.training.trained import DivergedError, Trained

if TYPE_CHECKING:
    from toolkit.evaluation.evaluator import EvaluationData


class Work:
    """Computes the cells of a request, in the folder ``out``."""

    def __init__(self, request: Request, out: Path, reporter: Reporter) -> None:
        self.request, self.out, self.reporter = request, out, reporter
        self.split = request.split

    @cached_property
    def shared(self) -> "EvaluationData":
        """What evaluating any cell needs."""
        from toolkit.evaluation.evaluator import EvaluationData

        return EvaluationData(self.split, self.request.corpus.language, self.request.spacy_model)

    def run(self, spec: CellSpec) -> Path:
        """The run folder of a cell."""
        return self.out / RUNS / spec.name

    def tokenizer(self, column: Column) -> Tokenizer:
        """The column's tokenizer, not yet fitted."""
        return column.make(language=self.request.corpus.language, spacy_model=self.request.spacy_model)

    def fitted(self, column: Column) -> dict[str, Any]:
        """The state of the column's tokenizer after fitting it to the training documents."""
        self.reporter.stage(f"{column.name}: reading {len(self.split.train)} training documents")
        return self.tokenizer(column).fit(self.split.train, self.split.valid).state()

    def cell(self, spec: CellSpec, fitted: Mapping[str, Any]) -> Cell | FailedCell:
        """The cell, verified if requested. ``fitted`` is what its tokenizer learned; only a new cell needs it."""
        run = self.run(spec)
        cell = self.trained(spec, fitted)
        if isinstance(cell, Cell) and not cell.is_current:
            cell = self.evaluated_again(spec, cell, run)
        if self.request.verify and isinstance(cell, Cell) and cell.verified is None:
            cell = self.verified(cell, run)
        return cell

    def evaluated_again(self, spec: CellSpec, cell: Cell, run: Path) -> Cell:
        """The cell of an older version with all that is measured now, from its run: nothing is trained."""
        from toolkit.evaluation.evaluator import evaluate
        from toolkit.inference.scores import score_arrays

        self.reporter.stage(f"{run.name}: scoring the held-out documents again, for what the older version left out")
        model = load_run(run).model
        training = [model.tokenizer.encode(document) for document in self.split.train]
        trained = Trained(model, cell.history, cell.updates, cell.characters_seen, cell.train_seconds)
        evaluation = evaluate(spec, cell.run, self.shared, trained, training)
        save_scores(run, score_arrays(evaluation.scores))
        save_samples(run, evaluation.cell.generated.samples)
        save_cell(run, evaluation.cell)  # last: until then, it is evaluated again
        return evaluation.cell

    def trained(self, spec: CellSpec, fitted: Mapping[str, Any]) -> Cell | FailedCell:
        """The cell as its run has it, or trained: from the start, or from where the stage before has ended."""
        run = self.run(spec)
        if cell := finished_cell(run, spec):
            return cell
        if spec.earlier is None:
            return self.new_cell(spec, self.tokenizer(spec.column).restore(fitted), run)
        before = self.trained(spec.earlier, fitted)
        return self.longer_cell(spec, run, before) if isinstance(before, Cell) else before

    def longer_cell(self, spec: CellSpec, run: Path, before: Cell) -> Cell | FailedCell:
        """Train on from the weights of the run, whose cell is ``before``, with its own tokenizer; and evaluate."""
        model = load_run(run).model
        made_from = spec.key(model.tokenizer) | {"run": fingerprint(run).hex()}
        store = Further(CheckpointFile(run, made_from), spec.kind().arrays(model), before.history)
        return self.new_cell(spec, model.tokenizer, run, store)

    def new_cell(
        self, spec: CellSpec, tokenizer: Tokenizer, run: Path, store: Store | None = None
    ) -> Cell | FailedCell:
        """Train and evaluate; the run's folder appears when it is complete."""
        from toolkit.evaluation.evaluator import evaluate
        from toolkit.inference.scores import score_arrays

        run_path = run.relative_to(self.out).as_posix()
        recover(run)
        encodings = [tokenizer.encode(document) for document in self.split.train]
        try:
            trained = spec.kind().train(
                tokenizer,
                encodings,
                self.split.valid,
                spec.basis.settings,
                spec.seed,
                lambda progress: self.follow(run.name, progress),
                store or CheckpointFile(run, spec.key(tokenizer)),
            )
        except DivergedError as error:
            column = spec.column
            return FailedCell(
                column=column.name, tokenizer=column.tokenizer, strategy=column.strategy, model=spec.model,
                seed=spec.seed, fraction=spec.fraction, run=run_path, reason=str(error),
            )  # fmt: skip
        self.reporter.stage(f"{run.name}: scoring the held-out documents and generating")
        evaluation = evaluate(spec, run_path, self.shared, trained, encodings)

        def write(folder: Path) -> None:
            save_run(folder, spec, trained.model, {"versions": versions(), "machine": machine()})
            if trained.history:
                save_history(folder, trained.history)
            save_scores(folder, score_arrays(evaluation.scores))
            save_samples(folder, evaluation.cell.generated.samples)
            save_cell(folder, evaluation.cell)

        write_whole(run, write)
        return evaluation.cell

    def follow(self, name: str, progress: Progress) -> None:
        """Report the progress of a run's training."""
        self.reporter.training(name, progress)
        if self.request.tensorboard and progress.at_a_check:
            from toolkit.training.tensorboard import write_logs

            write_logs(self.out / TENSORBOARD / name, progress.history)

    def verified(self, cell: Cell, run: Path) -> Cell:
        """The cell with its proof. Raises VerificationError if coding disagrees with scoring."""
        bits = [document.bits for document in cell.documents]
        proof = self.proof(run.name, load_run(run).model, load_run(run).model, bits)
        cell = cell.model_copy(update={"verified": proof})
        save_cell(run, cell)
        return cell

    def proof(self, name: str, encoding: Model, decoding: Model, bits: list[float]) -> Verified:
        """The proof: code the held-out documents with a model and decode them with the same model, loaded again.

        Raises VerificationError if coding disagrees with scoring.
        """
        from toolkit.inference.verification import verify

        self.reporter.stage(f"{name}: compressing and decompressing the held-out documents")
        verification = verify(
            encoding,
            decoding,
            self.split.test,
            bits,
            lambda done, characters: self.reporter.verifying(name, done, characters),
        )
        if verification.wrong:
            raise VerificationError(f"{name}: {verification.wrong}")
        return Verified(characters=verification.characters, bits=verification.bits, bytes=verification.coded_bytes)


def worker_work(request: Request, out: Path, threads: int, reporter: Reporter) -> Work:
    """The work of a new worker process: loads the same plug-ins and computes with ``threads`` threads.

    Raises InputError if a plug-in file has changed since the comparison started.
    """
    from toolkit.network.backend import share_machine

    for path, digest in request.code.items():
        if load_code(Path(path)) != digest:
            raise InputError(f"The code {path} has changed since it was run; repeat the command.")
    share_machine(threads)
    return Work(request, out, reporter)
