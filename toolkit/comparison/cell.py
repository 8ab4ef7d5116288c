"""What is computed for a comparison: what its tokenizers learn, its cells, and the proofs that they are right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.comparison.cell_work import CellWork
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.tagging import tag, tagger_of
from toolkit.environment import cores as all_cores
from toolkit.errors import ContractError, InputError, KilledError, OutOfMemoryError, VerificationError
from toolkit.events.protocols import MayRefuse
from toolkit.inference.model import Model
from toolkit.network.share import SHARE
from toolkit.results.bits import Verified
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.crew import Crew
from toolkit.runs.folder import RUNS, load_run, load_scores
from toolkit.runs.isolated import Encoded, blamed, encoded_apart, fitted
from toolkit.runs.process import load_unchanged
from toolkit.runs.spec import CellSpec
from toolkit.text.sources import have_texts
from toolkit.tokenizers import Tokenizer
from toolkit.training.trained import DivergedError

if TYPE_CHECKING:
    from toolkit.evaluation.evaluator import EvaluationData
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
    def shared(self) -> "EvaluationData":
        """What evaluating any cell needs."""
        from toolkit.evaluation.evaluator import EvaluationData

        request = self.request
        return EvaluationData(self.split, request.corpus.language, request.settings.samples, request.spacy_model)

    def run(self, spec: CellSpec) -> Path:
        """The run folder of a cell."""
        return self.out / RUNS / spec.name

    def fitted(self, spec: CellSpec) -> Fitted:
        """What the column's tokenizer learns from these training documents; it is told nothing of the held-out ones.

        A tokenizer that may refuse texts is asked afterwards, as another instance: an InputError of our own is raised.
        """
        split, column = self.request.splits[spec.fraction], spec.column
        try:
            with blamed(column):
                if tagger := tagger_of(self.request.tokenizer(column), split.train):
                    with Crew(self.cores, {}) as crew:
                        tag(tagger, (*split.train, *split.valid), crew, self.reporter)
                self.reporter.stage(f"{column.name}: reading {len(split.train):,} training documents")
                state = fitted(spec, split.train, split.valid)
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
                return CellWork(self, spec, run).finished(fitted)
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

    def encoded(self, spec: CellSpec, tokenizer: Tokenizer) -> Encoded:
        """The documents that a cell's model is made from, encoded. Raises ContractError if one is malformed."""
        split = self.request.splits[spec.fraction]
        selecting = spec.kind().selected_on(split.valid, spec.settings)
        made_from = spec.encoded_from(tokenizer)
        return encoded_apart(spec, tokenizer, split.train, selecting, made_from)

    def readings(self, run: Path, passages: "Sequence[Passage]") -> "list[Reading]":
        """What the model of a run read in passages of the held-out documents."""
        from toolkit.evaluation.passages import readings
        from toolkit.inference.scores import scores_of

        names = [document.name for document in self.split.test]
        return readings(load_run(run).model, scores_of(load_scores(run)), names, passages)

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
    have_texts(request.corpus)
    for path, digest in request.code.items():
        load_unchanged(path, digest)
    if request.plug_ins != plug_ins:
        raise InputError("An installed plug-in has changed since the comparison started; repeat the command.")
    return Work(request, out, reporter, threads)
