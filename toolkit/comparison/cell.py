"""How one cell of a comparison is computed: fit its tokenizer, train its model, evaluate it and verify it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.comparison.folder import TENSORBOARD
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.tagging import tag, tagger_of
from toolkit.environment import COMPILED, machine, versions
from toolkit.environment import cores as all_cores
from toolkit.errors import ContractError, InputError, KilledError, OutOfMemoryError, VerificationError
from toolkit.events.checks import expect
from toolkit.events.protocols import MayRefuse
from toolkit.inference.model import Model
from toolkit.network.share import SHARE
from toolkit.results.cell import Cell, FailedCell, Verified
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.runs.columns import Column
from toolkit.runs.crew import Crew
from toolkit.runs.folder import (
    CELL,
    RUNS,
    fingerprint,
    finished_cell,
    load_run,
    load_scores,
    recover,
    run_bytes,
    save_cell,
    save_history,
    save_run,
    save_samples,
    save_scores,
    saved_state,
    write_whole,
)
from toolkit.runs.isolated import (
    Encoded,
    blamed,
    check_model,
    check_read,
    check_refit,
    decoder_of,
    encoded_apart,
    fitted,
)
from toolkit.runs.process import load_unchanged
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import Tokenizer
from toolkit.training.checkpoint import Further, Store
from toolkit.training.progress import Progress
from toolkit.training.trained import DivergedError, Trained

if TYPE_CHECKING:
    from toolkit.evaluation.evaluator import EvaluationData
    from toolkit.events.encoding import Encoding
    from toolkit.inference.scores import DocumentScores
    from toolkit.inference.verification import Decoding, Verification
    from toolkit.results.words import Passage, Reading


@dataclass(frozen=True)
class Fitted:
    """The state of a column's fitted tokenizer, as a run saves it; or why fitting failed."""

    state: Mapping[str, Any]
    failed: str | None = None


class Work:
    """Computes the cells of a request, in the folder ``out``, on as many ``cores``; by default on all there are."""

    def __init__(self, request: Request, out: Path, reporter: Reporter, cores: int | None = None) -> None:
        self.request, self.out, self.reporter, self.cores = request, out, reporter, cores or all_cores()
        self.split = request.split

    @cached_property
    def shared(self) -> "Mapping[float, EvaluationData]":
        """What evaluating any cell of a fraction needs."""
        from toolkit.evaluation.evaluator import EvaluationData

        corpus, model = self.request.corpus, self.request.spacy_model
        whole = EvaluationData(self.split, corpus.language, model)
        return {fraction: whole.of_part(split) for fraction, split in self.request.splits.items()}

    def run(self, spec: CellSpec) -> Path:
        """The run folder of a cell."""
        return self.out / RUNS / spec.name

    def fitted(self, column: Column, fraction: float = 1.0) -> Fitted:
        """What the column's tokenizer learns from these training documents; it is told nothing of the held-out ones.

        A tokenizer that may refuse texts is asked afterwards, as another instance: an InputError of our own is raised.
        """
        split = self.request.splits[fraction]
        try:
            with blamed(column):
                if tagger := tagger_of(self.request.tokenizer(column), split.train):
                    with Crew(self.cores, {}) as crew:
                        tag(tagger, (*split.train, *split.valid), crew, self.reporter)
                self.reporter.stage(f"{column.name}: reading {len(split.train):,} training documents")
                state = fitted(self.request.basis, column, split.train, split.valid)
                asked = self.request.tokenizer(column).restore(state)
                if isinstance(asked, MayRefuse):
                    asked.check_texts(split.train, (*split.valid, *split.test))
        except (ContractError, KilledError, OutOfMemoryError) as error:
            return Fitted({}, str(error))
        return Fitted(state)

    def cell(self, spec: CellSpec, fitted: Fitted, run: Path | None = None) -> Cell | FailedCell:
        """The cell, verified if requested; its run is saved in the folder ``run``, or among the comparison's.

        ``fitted`` is what its tokenizer learned; only a new cell needs it. A column fails that diverges, for which
        memory runs out, whose code raises an error, or whose bits are not those that a decoder would pay. Raises
        VerificationError if coding disagrees with scoring though all of the column is built in.
        """
        run, column = run or self.run(spec), spec.column
        try:
            with blamed(column):
                cell = self.trained(spec, fitted, run)
                if not cell.is_current:
                    cell = self.evaluated_again(spec, cell, run)
                return self.verified(cell, run) if self.request.verify and cell.verified is None else cell
        except (DivergedError, ContractError, KilledError, OutOfMemoryError) as error:
            reason = str(error)
        except VerificationError as error:
            if column.ours:
                raise
            reason = f"not verified: {error}"
        return FailedCell(
            column=column.name, tokenizer=column.tokenizer, strategy=column.strategy, model=spec.model,
            seed=spec.seed, fraction=spec.fraction, run=run.relative_to(self.out).as_posix(), reason=reason,
        )  # fmt: skip

    def trained(self, spec: CellSpec, fitted: Fitted, run: Path) -> Cell:
        """The cell as its run has it, or trained: from the start, or from where the stage before has ended."""
        if cell := finished_cell(run, spec):
            return cell
        if spec.earlier is not None:
            return self.longer_cell(spec, run, self.trained(spec.earlier, fitted, run))
        if fitted.failed:
            raise ContractError(fitted.failed)
        return self.new_cell(spec, fitted.state, run)

    def longer_cell(self, spec: CellSpec, run: Path, before: Cell) -> Cell:
        """Train on from the weights of the run, whose cell is ``before``, with its own tokenizer; and evaluate."""
        model = load_run(run).model
        made_from = spec.key(model.tokenizer) | {"run": fingerprint(run).hex()}
        store = Further(CheckpointFile(run, made_from), spec.kind().arrays(model), before.history)
        return self.new_cell(spec, saved_state(run), run, store)

    def evaluated_again(self, spec: CellSpec, cell: Cell, run: Path) -> Cell:
        """The cell of an older version with all that is measured now, from its run: nothing is trained.

        It has to be verified again, since what is coded is compared with what is scored now.
        """
        from toolkit.inference.scores import score_arrays

        self.reporter.stage(f"{run.name}: scoring the held-out documents again, for what the older version left out")
        model = load_run(run).model
        trained = Trained(model, cell.history, cell.updates, cell.characters_seen, cell.train_seconds)
        training = self.encoded(spec, model.tokenizer).training
        again, scores = self.evaluated(spec, saved_state(run), run, trained, training)
        again = again.model_copy(update={"run_bytes": run_bytes(run)})
        save_scores(run, score_arrays(scores))
        save_samples(run, again.generated.samples)
        save_cell(run, again)  # last: until then, it is evaluated again
        return again

    def evaluated(
        self, spec: CellSpec, state: Mapping[str, Any], run: Path, trained: Trained, training: "Sequence[Encoding]"
    ) -> "tuple[Cell, list[DocumentScores]]":
        """The cell of a trained model, and its scores of the held-out documents, once its bits are checked.

        ``training`` is its encodings of the training documents, ``state`` that of its tokenizer before it read others.
        Raises ContractError if its bits are no proof.
        """
        from toolkit.evaluation.evaluator import evaluate
        from toolkit.evaluation.noise import noise_costs

        self.reporter.stage(f"{run.name}: scoring the held-out documents, also with noise, and generating")
        model, test = trained.model, self.split.test
        score = partial(self.scored, spec, state, model)
        scores = score(test, [model.tokenizer.encode(document) for document in test])
        shared = self.shared[spec.fraction]
        noise = noise_costs(shared.noisy, model.tokenizer, scores, score)
        name = run.relative_to(self.out).as_posix()
        return evaluate(spec, name, shared, trained, training, scores, noise), scores

    def scored(
        self,
        spec: CellSpec,
        state: Mapping[str, Any],
        model: Model,
        documents: Sequence[Document],
        encodings: "Sequence[Encoding]",
    ) -> "list[DocumentScores]":
        """What documents pay, once it is checked. Raises ContractError if their bits are no proof."""
        scores = model.score(encodings)
        self.check(spec, state, model.tokenizer, documents, scores)
        check_model(spec, state, model, documents, scores)
        return scores

    def new_cell(self, spec: CellSpec, state: Mapping[str, Any], run: Path, store: Store | None = None) -> Cell:
        """Train and evaluate; the run's folder appears when it is complete.

        ``state`` is that of its fitted tokenizer. Raises DivergedError if training fails, and ContractError if the
        tokenizer does, or its bits are no proof.
        """
        from toolkit.inference.scores import score_arrays

        recover(run)
        tokenizer = self.request.tokenizer(spec.column).restore(state)
        encoded = self.encoded(spec, tokenizer)
        if self.request.where.distribute:
            from toolkit.network.distribution import devices

            devices().of_first(lambda: (spec, state))  # the other processes follow
        trained = spec.kind().train(
            tokenizer,
            encoded.training,
            encoded.selecting,
            spec.basis.settings,
            spec.seed,
            lambda progress: self.follow(run.name, progress),
            store or CheckpointFile(run, spec.key(tokenizer)),
        )
        cell, scores = self.evaluated(spec, state, run, trained, encoded.training)

        def write(folder: Path) -> None:
            computed = machine() | {"compiled": sorted(COMPILED)}
            tagger = getattr(tokenizer, "tagger", None)
            made_by = versions() | (tagger.versions if isinstance(tagger, Tagger) else {})
            save_run(folder, spec, trained.model, {"versions": made_by, "machine": computed})
            if trained.history:
                save_history(folder, trained.history)
            save_scores(folder, score_arrays(scores))
            save_samples(folder, cell.generated.samples)
            save_cell(folder, cell.model_copy(update={"run_bytes": run_bytes(folder)}))

        write_whole(run, write)
        return cell.model_copy(update={"run_bytes": run_bytes(run)})

    def encoded(self, spec: CellSpec, tokenizer: Tokenizer) -> Encoded:
        """The documents that a cell's model is made from, encoded. Raises ContractError if one is malformed."""
        split = self.request.splits[spec.fraction]
        selecting = spec.kind().selected_on(split.valid, spec.basis.settings)
        made_from = spec.encoded_from(tokenizer)
        return encoded_apart(spec.basis, spec.column, tokenizer, split.train, selecting, made_from)

    def check(
        self,
        spec: CellSpec,
        state: Mapping[str, Any],
        tokenizer: Tokenizer,
        documents: Sequence[Document],
        scores: "Sequence[DocumentScores]",
    ) -> None:
        """Raise ContractError unless a decoder with the saved state alone gives the documents for these bits."""
        expect(json.loads(json.dumps(tokenizer.state())) == state, "encoding has changed the tokenizer's state")
        check_read(spec.basis, spec.column, state, tokenizer, documents, scores)

    def readings(self, run: Path, passages: "Sequence[Passage]") -> "list[Reading]":
        """What the model of a run read in passages of the held-out documents."""
        from toolkit.evaluation.reading import readings
        from toolkit.inference.scores import scores_of

        names = [document.name for document in self.split.test]
        return readings(load_run(run).model, scores_of(load_scores(run)), names, passages)

    def follow(self, name: str, progress: Progress) -> None:
        """Report the progress of a run's training."""
        self.reporter.training(name, progress)
        if self.request.tensorboard and progress.at_a_check:
            from toolkit.training.tensorboard import write_logs

            write_logs(self.out / TENSORBOARD / name, progress.history)

    def verified(self, cell: Cell, run: Path) -> Cell:
        """The cell with its proof. Raises VerificationError if coding disagrees with scoring.

        Someone else's tokenizer is also fitted again; raises ContractError if its state is another then.
        """
        bits = [document.bits for document in cell.documents]
        loaded = load_run(run)
        split = self.request.splits[loaded.spec.fraction]
        try:
            proof = self.proof(run.name, loaded.model, decoder_of([run], None), bits)
            check_refit(loaded, split.train, split.valid)
        except (VerificationError, ContractError):
            if not loaded.spec.column.ours:  # what has been refuted is no result for whoever asks for no proof
                (run / CELL).unlink()
            raise
        cell = cell.model_copy(update={"verified": proof})
        save_cell(run, cell)
        return cell

    def proof(self, name: str, model: Model, decoder: "Decoding", bits: list[float]) -> Verified:
        """The proof: code the held-out documents with a model, and decode them in another process.

        Raises VerificationError if coding disagrees with scoring.
        """
        from toolkit.inference.verification import verify

        self.reporter.stage(f"{name}: compressing and decompressing the held-out documents")
        return confirmed(name, verify(model, decoder, self.split.test, bits, partial(self.reporter.verifying, name)))

    def scored_with_proof(
        self, name: str, model: Model, decoder: "Decoding", check: Callable[["list[DocumentScores]"], None]
    ) -> "tuple[list[DocumentScores], Verified]":
        """What the held-out documents pay of a model that learns from them, once it is checked, and the proof.

        Raises VerificationError if coding disagrees with scoring, or what is scored is no proof.
        """
        from toolkit.inference.verification import verify_while_scoring

        self.reporter.stage(f"{name}: scoring, compressing and decompressing the held-out documents")
        report = partial(self.reporter.verifying, name)
        scores, verification = verify_while_scoring(model, decoder, self.split.test, check, report)
        return scores, confirmed(name, verification)


def confirmed(name: str, verification: "Verification") -> Verified:
    """The proof that verification is. Raises VerificationError if coding disagrees with scoring."""
    if verification.wrong:
        raise VerificationError(f"{name}: {verification.wrong}")
    return Verified(characters=verification.characters, bits=verification.bits, bytes=verification.coded_bytes)


def worker_work(request: Request, out: Path, threads: int, plug_ins: Mapping[str, str], reporter: Reporter) -> Work:
    """The work of a new worker process: loads the same plug-ins and computes with ``threads`` threads.

    Raises InputError if a plug-in's file, or one of the installed ``plug_ins``, has changed since the comparison
    started.
    """
    SHARE.threads = threads
    for path, digest in request.code.items():
        load_unchanged(path, digest)
    if request.plug_ins != plug_ins:
        raise InputError("An installed plug-in has changed since the comparison started; repeat the command.")
    return Work(request, out, reporter, threads)
