"""An inspection: what a corpus says before anything is trained, in seconds.

Columns are fitted and compressors run in processes of their own while this one counts; then each network's updates are
timed, one after another, while nothing else is computed.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit import out_folder
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.tagging import tag, tagger_of
from toolkit.config import without_none
from toolkit.environment import cores, machine, versions
from toolkit.errors import ContractError
from toolkit.evaluation.language import language_warnings
from toolkit.evaluation.metrics.coverage import coverage_of
from toolkit.files import write_file
from toolkit.inspection.advice import advice
from toolkit.inspection.columns import (
    FittedColumn,
    counted,
    counted_after_fractions,
    counted_notes,
    fits_counted,
    fitted_column,
)
from toolkit.inspection.cost import Size, counting_cost, counting_size, measure, prepare
from toolkit.inspection.curves import byte_pair_curve, character_curve, word_curve
from toolkit.inspection.floor import compressor_floors
from toolkit.inspection.forecasts import forecasts
from toolkit.inspection.growth import heaps, zipf
from toolkit.inspection.more_text import Point, more_text
from toolkit.inspection.uncovered import uncovered, why_untagged
from toolkit.results.corpus import SplitNames
from toolkit.results.inspection import INSPECTION, InspectedColumn, Inspection, TextCounts, TrainingCost
from toolkit.results.record import PAGE
from toolkit.results.rows import Baseline
from toolkit.results.sentences import say
from toolkit.results.text import plural
from toolkit.runs.columns import Column
from toolkit.runs.crew import Apart, Crew, Here
from toolkit.runs.isolated import code_here
from toolkit.text.census import Census, census
from toolkit.text.corpus import Corpus, Document, whole_documents
from toolkit.text.duplicates import Alike
from toolkit.text.excerpt import excerpt_note, fitting
from toolkit.text.tagging import Tagger
from toolkit.text.unspaced import segmenters
from toolkit.training.kinds import Counted

FOLDER = out_folder.FolderKind("result of toolkit inspect", INSPECTION)


def inspect(request: Request, out: Path, reporter: Reporter) -> Inspection:
    """Inspect the corpus and the columns; write inspect.json and the page, over those of an earlier inspection.

    Raises InputError if the folder holds something else or an option is invalid, and ContractError if someone else's
    code fails.
    """
    from toolkit.report.inspection import render

    start = time.perf_counter()
    request.check()  # before the folder is touched
    out_folder.refuse_foreign(out, FOLDER)
    with out_folder.locked(out):
        inspection = Inspecting(request, reporter).inspection(start)
        inspection.save(out / INSPECTION)
        write_file(out / PAGE, render(inspection))
    inspection.folder = out
    return inspection


@dataclass(frozen=True)
class Waiting:
    """A fitted column whose network is not made yet: ``trainer`` gives the process that trains it."""

    column: Column
    fitted: FittedColumn
    trainer: Callable[[], Apart | Here]

    def ready(self, request: Request) -> "Ready":
        """Made ready to be trained, in a process that has loaded nothing else."""
        trainer = self.trainer()
        alone = isinstance(trainer, Apart)
        size = trainer.compute(prepare, request, self.column, self.fitted, alone)
        return Ready(self.column, self.fitted, size, trainer)


@dataclass(frozen=True)
class Ready:
    """A fitted column and, if it is a network, the process that is ready to train it."""

    column: Column
    fitted: FittedColumn
    size: Size
    trainer: Apart | Here | None

    def cost(self) -> TrainingCost:
        """What training takes; the clock needs the machine for itself, and the memory is given back."""
        if self.trainer is None:
            return counting_cost(self.fitted)
        try:
            return self.trainer.compute(measure, self.column.name)
        finally:
            self.trainer.close()


class Inspecting:
    """An inspection in progress."""

    def __init__(self, request: Request, reporter: Reporter) -> None:
        self.request, self.reporter, self.split = request, reporter, request.split
        self.tagger = Tagger(request.spacy_model, request.corpus.language)

    def inspection(self, start: float) -> Inspection:
        """The inspection, with its advice; ``start`` is when it began (``time.perf_counter``)."""
        request = self.request
        with Crew(cores(), code_here(request.basis)) as crew:
            self.tag(crew)
            self.reporter.stage(f"reading {plural(len(self.request.columns), 'column')}; compressors; near-duplicates")
            columns = [crew.submit(self.ready, crew, column) for column in self.request.columns]
            fractions = [crew.submit(self.fractions, crew, column) for column in self.request.columns]
            floors = crew.submit(compressor_floors, self.split)
            byte_pairs = crew.submit(byte_pair_curve, self.split)
            parts = {part: census(documents) for part, documents in self.split.parts.items()}
            facts = self.facts(parts)
            curves = [word_curve(parts["train"], parts["test"]), byte_pairs.result(), character_curve(self.split)]
            inspected = self.inspected(columns, fractions, floors)
        whole = Inspection(**facts, curves=curves, **inspected, seconds=0.0, advice=[])
        return whole.model_copy(update={"advice": advice(whole), "seconds": time.perf_counter() - start})

    def tag(self, crew: Crew) -> None:
        """Tag what has not been tagged before.

        Unseen words are tagged as a column of words tags them, so that no text is tagged twice.
        """
        train, valid, test = self.split.train, self.split.valid, self.split.test
        needed: dict[tuple[str, bool, bool], tuple[Tagger, tuple[Document, ...]]] = {}
        if why_untagged(self.tagger) is None:
            self.tagger.see_dashes(document.text for document in train)
            needed[depends(self.tagger)] = self.tagger, test
        for column in self.request.columns:
            if tagger := tagger_of(self.request.tokenizer(column), train):
                needed[depends(tagger)] = tagger, (*train, *valid, *test)
        for tagger, documents in needed.values():
            tag(tagger, documents, crew, self.reporter)

    def facts(self, parts: Mapping[str, Census]) -> dict[str, Any]:
        """What is known of the corpus without any column, from the census of each part."""
        request, split, corpus = self.request, self.split, self.request.corpus
        train = parts["train"]
        coverage = coverage_of(train, parts["test"])
        growth = heaps(train)
        alike = Alike(split)
        return {
            "command": request.command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": versions() | self.tagger.versions | segmenters(document.text for document in split.documents),
            "machine": machine() | {"cores_used": cores()},
            "settings": without_none(request.told()),
            "name": corpus.name,
            "sha256": corpus.sha256,
            "language": corpus.language,
            "unit": split.unit,
            "notes": [
                *(say("sentences.j2", "warning", warning) for warning in request.warnings),
                *split.notes,
                *(say("sentences.j2", "warning", one) for one in language_warnings(split.train, corpus.language)),
                *request.excerpt_notes(),
                *counted_notes(split),
                *excerpt_note("Compressors and byte pairs are measured", split.train, fitting(split.train)),
                *alike.notes,
            ],
            "split": SplitNames(**request.split_names()),
            "text": {"corpus": text_counts(whole_census(corpus, parts))}
            | {part: text_counts(of_part) for part, of_part in parts.items()},
            "coverage": coverage,
            "heaps": growth,
            "zipf": zipf(train.counts),
            "forecasts": forecasts(
                split, train, coverage, growth, whole=corpus.given is not None or whole_documents(corpus.documents) > 1
            ),
            "uncovered": uncovered(split.test, train.counts, self.tagger),
            "overlaps": [*alike.across, *alike.within],
        }

    def inspected(
        self,
        columns: "Sequence[Future[Waiting | Ready]]",
        fractions: "Sequence[Future[list[Point]]]",
        floors: "Future[list[Baseline]]",
    ) -> dict[str, Any]:
        """What the columns and compressors come to; networks are timed last, when all else is done."""
        baselines, ready = floors.result(), [column.result() for column in columns]
        points = [of_column.result() for of_column in fractions]
        if any(column.is_network for column in self.request.columns):
            self.reporter.stage("training each network for a second")
        records = [self.record(column, of_column) for column, of_column in zip(ready, points, strict=True)]
        return {"baselines": baselines, "columns": records}

    def ready(self, crew: Crew, column: Column) -> Waiting | Ready:
        """A column, fitted in one process and prepared for training in another, which has loaded nothing else.

        Of much text it is only fitted: what else is computed takes the memory of networks that wait.
        """
        request = self.request
        with naming(column):
            here = Here() if column.only_here else None
            fitted = (here.compute if here else crew.alone)(fitted_column, request, column)
            if isinstance(request.spec(column, 0).kind(), Counted):
                return Ready(column, fitted, counting_size(fitted), None)
            waiting = Waiting(column, fitted, (lambda: here) if here else crew.process)
            return waiting.ready(request) if fits_counted(self.split) else waiting

    def fractions(self, crew: Crew, column: Column) -> list[Point]:
        """What the column's n-gram needs after fractions of the training text."""
        with naming(column):
            compute = Here().compute if column.only_here else crew.alone
            return compute(counted_after_fractions, self.request, column)

    def record(self, waiting: Waiting | Ready, fractions: Sequence[Point]) -> InspectedColumn:
        """The record of a column, with the cost of its training measured now."""
        with naming(waiting.column):
            ready = waiting.ready(self.request) if isinstance(waiting, Waiting) else waiting
        column, fitted, size = ready.column, ready.fitted, ready.size
        return InspectedColumn(
            column=column.name,
            tokenizer=column.tokenizer,
            strategy=column.strategy,
            model=self.request.spec(column, self.request.seeds[0]).model,
            train_tokens=fitted.train_tokens,
            covered_tokens=fitted.covered_tokens,
            test_tokens=fitted.test_tokens,
            vocabulary_size=fitted.vocabulary_size,
            one_hot=fitted.one_hot,
            coverage=fitted.coverage,
            parameters=size.parameters,
            embedding_parameters=size.embedding_parameters,
            output_parameters=size.output_parameters,
            multiply_adds_per_character=size.multiply_adds,
            training=ready.cost(),
            ngram=fitted.ngram,
            more_text=more_text(fractions, counted(self.split), fitted.ngram_bits),
        )


def depends(tagger: Tagger) -> tuple[str, bool, bool]:
    """What the tagger's tokens of a text depend on."""
    return tagger.model, tagger.tags, tagger.cuts_dashes


@contextmanager
def naming(column: Column) -> Iterator[None]:
    """Say which column it is whose code fails."""
    try:
        yield
    except ContractError as error:
        raise ContractError(f"the column {column.name!r} cannot be inspected: {error}") from error


def whole_census(corpus: Corpus, parts: Mapping[str, Census]) -> Census:
    """The census of the whole corpus: that of its parts, unless these are blocks of its documents."""
    whole = sum(parts.values(), Census())
    return whole if whole.documents == len(corpus.documents) else census(corpus.documents)


def text_counts(counted: Census) -> TextCounts:
    """How much text there is, its types and hapaxes."""
    tokens, types, hapaxes = counted.tokens, counted.types, counted.hapaxes
    return TextCounts(
        documents=counted.documents,
        characters=counted.characters,
        words=counted.words.total(),
        tokens=tokens,
        types=types,
        hapaxes=hapaxes,
        hapax_type_share=hapaxes / types if types else None,
        hapax_token_share=hapaxes / tokens if tokens else None,
    )
