"""Compute what a comparison needs: tags, fitted tokenizers, cells, and the proofs that their bits are right."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from safetensors.numpy import load_file

from toolkit.comparison.folder import fold_folder
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.config import Table, first_difference
from toolkit.environment import COMPILED, cores, machine, versions
from toolkit.errors import PASSING, ContractError, InputError, KilledError, VerificationError
from toolkit.evaluation.evaluator import EvaluationData, evaluate, noise_costs
from toolkit.evaluation.generating import generated
from toolkit.events.encoding import Events, Tokenizer
from toolkit.files import write_whole
from toolkit.inference.scores import score_arrays
from toolkit.inference.verification import Progress
from toolkit.network import SHARE
from toolkit.results.cell import Cell, FailedCell, Row
from toolkit.runs import folder as runs
from toolkit.runs.folder import CheckpointFile
from toolkit.runs.isolated import blamed, checked_scores, encode, fit, model_of, proven, train
from toolkit.runs.process import Crew, load_unchanged
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document, characters
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.cut import SpacyWords
from toolkit.training.records import DivergedError, Encoded, Trained, TrainingTask, final_checkpoint

MIN_CHARACTERS = 200_000  # for a process of their own: tagging them takes as long as loading a tagger
R = TypeVar("R")
C = TypeVar("C", Cell, Row)


@dataclass(frozen=True)
class Fitted:
    """The state of a column's fitted tokenizer, as a run saves it; or why fitting failed."""

    state: Table
    failed: str | None = None


class Work:
    """Computes the cells of a request in the folder ``out``."""

    def __init__(self, request: Request, out: Path, reporter: Reporter) -> None:
        self.request, self.out, self.reporter = request, out, reporter

    @cached_property
    def by_fold(self) -> dict[int, "Work"]:
        """The work of each fold, by its number. All tasks of a command share it."""
        folds = {fold.fold.number: fold for fold in self.request.folds()}
        return {
            number: Work(fold, fold_folder(self.out, number), self.reporter) for number, fold in folds.items()
        }

    @cached_property
    def shared(self) -> EvaluationData:
        """What evaluating any cell needs."""
        request = self.request
        return EvaluationData(
            request.split, request.corpus.language, request.settings.samples, request.spacy_model
        )

    def fit(self, spec: CellSpec) -> Fitted:
        """Fit the column's tokenizer to the training documents. It never gets the held-out documents.

        Another instance is then asked whether it refuses any text. If one of ours does, raises InputError.
        """
        self.check_here(spec)
        split, column = self.request.splits[spec.fraction], spec.column
        try:
            with blamed(column):
                job = self.request.job(column.name, spec.fraction)
                if tagger := tagger_of(self.request.tokenizer(column)):
                    with Crew(SHARE.threads or cores(), {}) as crew:
                        tag(tagger, (*split.train, *split.valid), crew, partial(self.reporter.step, job))
                self.reporter.step(job, "fitting")
                state = fit(spec, split.train, split.valid)
                tokenizer = self.request.tokenizer(column).restore(state)
                if hasattr(tokenizer, "check_texts"):
                    tokenizer.check_texts(split.train, (*split.valid, *split.test))
        except (ContractError, KilledError) as error:
            return Fitted({}, str(error))
        return Fitted(state)

    def check_here(self, spec: CellSpec) -> None:
        """Raise InputError if this machine has other files or plug-ins than the command, so another cell."""
        here = self.request.spec(spec.column, spec.seed, spec.fraction)
        if change := first_difference(spec.decisive, here.decisive):
            raise InputError(f"{spec.name} is another cell on a worker: {change}. Make the machines equal.")

    def encoded(self, spec: CellSpec, state: Table) -> Encoded:
        """Encode the documents that a cell's model is made from, with a tokenizer in this state."""
        split = self.request.splits[spec.fraction]
        return encode(spec, state, split.train, split.valid)

    def cell(self, spec: CellSpec, fitted: Fitted, run: Path | None = None) -> Cell | FailedCell:
        """Return the cell, computed if its folder ``run`` does not have it, and verified if requested.

        A column fails that diverges, for which memory runs out, or whose code raises an error or claims bits that no
        decoder confirms. If all of its code is ours, raises VerificationError for such bits.
        """
        self.check_here(spec)
        run, column = run or self.out / runs.RUNS / spec.name, spec.column
        try:
            with blamed(column):
                cell = self._computed(spec, fitted, run)
                if self.request.verify and cell.verified is None:
                    cell = self.verified(cell, run.name, [run])
                    runs.save_cell(run, cell)
                return cell
        except (DivergedError, ContractError, KilledError, VerificationError) as error:
            if column.ours and isinstance(error, VerificationError):
                raise VerificationError(f"{run.name}: {error}") from error
            runs.save_failure(run, spec.digest, str(error))
            return failed_cell(spec, run.relative_to(self.out), str(error))

    def _computed(self, spec: CellSpec, fitted: Fitted, run: Path) -> Cell:
        """Return the cell of a finished run, or train its model, on from the stage before, and evaluate it."""
        runs.recover(run)
        if cell := runs.finished_cell(run, spec):
            return cell
        kind, state, start, parent = spec.kind(), fitted.state, None, None
        if spec.parent is not None:
            history = self._computed(spec.parent, fitted, run).history
            state, parent = runs.saved_state(run), runs.fingerprint(run)
            start = final_checkpoint(load_file(run / kind.file), history)
        elif fitted.failed:
            raise ContractError(fitted.failed)
        tokenizer = self.request.tokenizer(spec.column).restore(state)
        encoded = self.encoded(spec, state)
        follow = partial(self.reporter.training, self.request.job(run.name))
        store = CheckpointFile(run, spec.key(tokenizer, parent), start)
        if not spec.column.ours:
            trained, arrays = train(spec, tokenizer, state, encoded, store, follow)
        else:
            task = TrainingTask(tokenizer, encoded, spec.training_settings, spec.seed, follow, store)
            trained = kind.train(task)
            arrays = kind.arrays(trained.model)
        host = machine() | {"compiled": sorted(COMPILED)}
        environment = {"versions": versions() | dict(spec.versions), "machine": host}

        def write(folder: Path) -> None:
            runs.save_run(folder, spec, state, arrays, environment)  # before anything held-out is scored
            self._evaluate(spec, run, folder, trained, encoded.training)

        write_whole(run, write)
        cell = runs.finished_cell(run, spec)
        assert cell
        return cell

    def _evaluate(
        self, spec: CellSpec, run: Path, folder: Path, trained: Trained, training: Sequence[Events]
    ) -> None:
        """Evaluate a trained model whose ``run`` is being written in ``folder``, and write its results there."""
        model, shared, request = trained.model, self.shared, self.request
        step = partial(self.reporter.step, request.job(run.name))
        report = self.verifying(run.name)
        score = partial(checked_scores, model, [folder], report=report, seed=spec.seed)
        step("scoring")
        scores, proof = score(request.split.test)
        noise, samples = [], None
        if not spec.quick:
            step("noise")
            noise = noise_costs(shared.noisy, model.tokenizer, scores, lambda documents: score(documents)[0])
        if request.has_samples(spec):
            samples = generated(model, shared.prompts, spec.seed, shared.author, partial(step, "samples"))
        cell = evaluate(
            spec,
            run.relative_to(self.out).as_posix(),
            shared,
            request.splits[spec.fraction],
            trained,
            training,
            scores,
            verified=proof,
            noise=noise,
            generated=samples,
            run_bytes=runs.run_bytes(folder),
        )
        runs.save_results(folder, cell, score_arrays(scores))

    def verified(self, record: C, name: str, folders: Sequence[Path], rate: float | None = None) -> C:
        """Return the record of a cell or row with the proof of its bits. ``folders`` are its runs.

        Raises VerificationError if coding or decoding the held-out documents disagrees with the bits.
        """
        model, bits = model_of(folders, rate), [document.bits for document in record.documents]
        _, proof = proven(model, folders, self.request.split.test, self.verifying(name), bits)
        return record.model_copy(update={"verified": proof})

    def verifying(self, name: str) -> Progress:
        """Return the report of a job's verification."""
        return partial(self.reporter.verifying, self.request.job(name))


def recover_run(run: Path, reporter: Reporter) -> None:
    """Recover a run's folder, and remove a finished run of which a file is damaged.

    The caller holds the lock.
    """
    runs.recover(run)
    if damaged := runs.damaged_files(run):
        reporter.stage(f"{run} is computed again, because it has damaged files: {', '.join(damaged)}")
        shutil.rmtree(run)


def kept_cell(out: Path, spec: CellSpec, reporter: Reporter, *, verify: bool) -> Cell | FailedCell | None:
    """Return the cell that a comparison's folder has, or None if it is missing or still has to be verified.

    A failed cell is kept unless it may succeed the next time. The caller holds the folder's lock.
    """
    run = Path(runs.RUNS, spec.name)
    recover_run(out / run, reporter)
    if cell := runs.finished_cell(out / run, spec):
        return cell if cell.verified or not (verify or not spec.column.ours) else None
    reason = runs.load_failure(out / run, spec.digest)
    return None if reason is None or reason in PASSING else failed_cell(spec, run, reason)


def failed_cell(spec: CellSpec, run: Path, reason: str) -> FailedCell:
    """Return the record of a cell that failed. ``run`` is its folder within the comparison."""
    return FailedCell(**spec.identity(run.as_posix()), reason=reason)


def compute_in_fold(fold: int, task: Callable[[Work], R], work: Work) -> R:
    """Compute a task with the work of a fold."""
    return task(work.by_fold[fold])


def worker_work(request: Request, out: Path, threads: int, reporter: Reporter) -> Work:
    """Return the work of a new worker process, with a number of ``threads``.

    Raises InputError if a file of ``--code`` has changed since the comparison started.
    """
    SHARE.threads = threads
    for path, digest in request.code.items():
        load_unchanged(path, digest)
    return Work(request, out, reporter)


def tagger_of(tokenizer: Tokenizer) -> Tagger | None:
    """Return the tagger of a tokenizer; None if it has none."""
    return tokenizer.tagger if isinstance(tokenizer, SpacyWords) else None


def tag(
    tagger: Tagger,
    documents: Sequence[Document],
    crew: Crew,
    step: Callable[[str], None],
    least: int = MIN_CHARACTERS,
) -> None:
    """Tag the documents that have never been tagged: in the crew's processes if they have ``least`` characters."""
    if not (new := [document for document in documents if not tagger.cached(document.text)]):
        return
    step("tagging" if tagger.tags else "cutting into words")
    if characters(new) < least:
        _tag_texts(tagger, new)
        return
    by_length = sorted(new, key=lambda document: document.characters, reverse=True)
    shares = [by_length[i :: crew.size] for i in range(crew.size)]
    for outcome in [crew.submit(crew.alone, _tag_texts, tagger, share) for share in shares]:
        outcome.result()


def _tag_texts(tagger: Tagger, documents: Sequence[Document]) -> None:
    for document in documents:
        tagger.tag(document.text)
