"""How one cell is computed once its tokenizer is fitted: train its model, evaluate it and verify it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.comparison.folder import TENSORBOARD
from toolkit.environment import COMPILED, machine, versions
from toolkit.errors import ContractError, VerificationError
from toolkit.events.checks import expect
from toolkit.inference.model import Model
from toolkit.results.cell import Cell
from toolkit.runs.decoding import decoder_of
from toolkit.runs.folder import (
    CELL,
    CheckpointFile,
    fingerprint,
    finished_cell,
    load_run,
    recover,
    run_bytes,
    save_cell,
    save_results,
    save_run,
    saved_state,
    write_whole,
)
from toolkit.runs.isolated import check_model, check_read, check_refit
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import Tokenizer
from toolkit.training.records import Further, Progress, Store, Trained

if TYPE_CHECKING:
    from toolkit.comparison.cell import Fitted, Work
    from toolkit.events.encoding import Encoding
    from toolkit.inference.scores import DocumentScores


@dataclass(frozen=True)
class CellWork:
    """The work on one cell, whose run is saved in the folder ``run``."""

    work: "Work"
    spec: CellSpec
    run: Path

    def finished(self, fitted: "Fitted") -> Cell:
        """The cell, verified if requested; ``fitted`` is for a new one."""
        cell = self.trained(fitted)
        return self.verified(cell) if self.work.request.verify and cell.verified is None else cell

    def trained(self, fitted: "Fitted") -> Cell:
        """The cell as its run has it, or trained: from the start, or from where the stage before has ended."""
        if cell := finished_cell(self.run, self.spec):
            return cell
        if self.spec.parent is not None:
            return self.longer(replace(self, spec=self.spec.parent).trained(fitted))
        if fitted.failed:
            raise ContractError(fitted.failed)
        return self.new(fitted.state)

    def longer(self, before: Cell) -> Cell:
        """Train on from the weights of the run, whose cell is ``before``, with its own tokenizer; and evaluate."""
        model = load_run(self.run).model
        made_from = self.spec.key(model.tokenizer, fingerprint(self.run))
        store = Further(CheckpointFile(self.run, made_from), self.spec.kind().arrays(model), before.history)
        return self.new(saved_state(self.run), store)

    def evaluated(
        self, state: Mapping[str, Any], trained: Trained, training: "Sequence[Encoding]"
    ) -> "tuple[Cell, list[DocumentScores]]":
        """The cell of a trained model, and its scores of the held-out documents, once its bits are checked.

        ``training`` is its encodings of the training documents, ``state`` that of its tokenizer before it read others.
        Raises ContractError if its bits are no proof.
        """
        from toolkit.evaluation.evaluator import evaluate, noise_costs

        work, model, test = self.work, trained.model, self.work.split.test
        has_samples = work.request.has_samples(self.spec)
        generating = ", and generating" if has_samples else ""
        work.reporter.stage(f"{self.run.name}: scoring the held-out documents, also with noise{generating}")
        score = partial(self.scored, state, model)
        scores = score(test, [model.tokenizer.encode(document) for document in test])
        shared, part = work.shared, work.request.splits[self.spec.fraction]
        noise = noise_costs(shared.noisy, model.tokenizer, scores, score)
        name = self.run.relative_to(work.out).as_posix()
        cell = evaluate(self.spec, name, shared, part, trained, training, scores, noise, has_samples=has_samples)
        return cell, scores

    def scored(
        self,
        state: Mapping[str, Any],
        model: Model,
        documents: Sequence[Document],
        encodings: "Sequence[Encoding]",
    ) -> "list[DocumentScores]":
        """What documents pay, once it is checked. Raises ContractError if their bits are no proof."""
        scores = model.score(encodings)
        check_decoder(self.spec, state, model.tokenizer, documents, scores)
        check_model(self.spec, state, model, documents, scores)
        return scores

    def new(self, state: Mapping[str, Any], store: Store | None = None) -> Cell:
        """Train and evaluate; the run's folder appears when it is complete.

        ``state`` is that of its fitted tokenizer. Raises DivergedError if training fails, and ContractError if the
        tokenizer does, or its bits are no proof.
        """
        work, spec, run = self.work, self.spec, self.run
        recover(run)
        tokenizer = work.request.tokenizer(spec.column).restore(state)
        encoded = work.encoded(spec, tokenizer)
        trained = spec.kind().train(
            tokenizer,
            encoded.training,
            encoded.selecting,
            spec.training_settings,
            spec.seed,
            self.follow,
            store or CheckpointFile(run, spec.key(tokenizer)),
        )
        cell, scores = self.evaluated(state, trained, encoded.training)
        write_whole(run, lambda folder: self.write(folder, trained.model, cell, scores))
        return cell.model_copy(update={"run_bytes": run_bytes(run)})

    def write(self, folder: Path, model: Model, cell: Cell, scores: "list[DocumentScores]") -> None:
        """Write all files of its run."""
        from toolkit.inference.scores import score_arrays

        computed = machine() | {"compiled": sorted(COMPILED)}
        tagger = getattr(model.tokenizer, "tagger", None)
        made_by = versions() | (tagger.versions if isinstance(tagger, Tagger) else {})
        save_run(folder, self.spec, model, {"versions": made_by, "machine": computed})
        save_results(folder, cell.model_copy(update={"run_bytes": run_bytes(folder)}), score_arrays(scores))

    def follow(self, progress: Progress) -> None:
        """Report the progress of its training."""
        self.work.reporter.training(self.run.name, progress)
        if self.work.request.tensorboard and progress.at_a_check:
            from toolkit.training.tensorboard import write_logs

            write_logs(self.work.out / TENSORBOARD / self.run.name, progress.history)

    def verified(self, cell: Cell) -> Cell:
        """The cell with its proof. Raises VerificationError if coding disagrees with scoring.

        Someone else's tokenizer is also fitted again; raises ContractError if its state is another then.
        """
        run, bits = self.run, [document.bits for document in cell.documents]
        loaded = load_run(run)
        split = self.work.request.splits[self.spec.fraction]
        try:
            proof = self.work.proof(run.name, loaded.model, decoder_of([run], None), bits)
            check_refit(loaded, split.train, split.valid)
        except (VerificationError, ContractError):
            if not self.spec.column.ours:  # what has been refuted is no result for whoever asks for no proof
                (run / CELL).unlink()
            raise
        cell = cell.model_copy(update={"verified": proof})
        save_cell(run, cell)
        return cell


def check_decoder(
    spec: CellSpec,
    state: Mapping[str, Any],
    tokenizer: Tokenizer,
    documents: Sequence[Document],
    scores: "Sequence[DocumentScores]",
) -> None:
    """Raise ContractError unless a decoder with the saved state alone gives the documents for these bits."""
    expect(json.loads(json.dumps(tokenizer.state())) == state, "encoding has changed the tokenizer's state")
    check_read(spec, state, tokenizer, documents, scores)
