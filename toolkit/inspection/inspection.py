"""An inspection: what a corpus says before anything is trained, in seconds.

Columns are fitted and compressors run in processes of their own while this one counts; then each network's updates are
timed, one after another, while nothing else is computed.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit import out_folder
from toolkit.comparison.completing import completed
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.config import without_none
from toolkit.environment import cores, machine, versions
from toolkit.errors import ContractError
from toolkit.evaluation.language import language_warnings
from toolkit.evaluation.metrics.coverage import corpus_coverage
from toolkit.files import write_file
from toolkit.inspection.advice import advice
from toolkit.inspection.columns import FittedColumn, counted_after_fractions, fitted_column, made
from toolkit.inspection.cost import Size, counting_cost, counting_size, measure, prepare
from toolkit.inspection.crew import Apart, Crew, Here
from toolkit.inspection.curves import byte_pair_curve, character_curve, word_curve
from toolkit.inspection.floor import compressor_floors
from toolkit.inspection.forecasts import forecasts
from toolkit.inspection.growth import heaps, type_counts, zipf
from toolkit.inspection.more_text import Point, more_text
from toolkit.inspection.prediction import predicted, saved_fit
from toolkit.inspection.uncovered import uncovered, why_untagged
from toolkit.results.corpus import SplitNames
from toolkit.results.inspection import INSPECTION, PAGE, Curve, InspectedColumn, Inspection, TextCounts, TrainingCost
from toolkit.results.prediction import Prediction
from toolkit.results.rows import Baseline
from toolkit.runs.columns import Column
from toolkit.runs.isolated import code_here
from toolkit.text import duplicates
from toolkit.text.corpus import SPLIT_PARTS, Document
from toolkit.text.neutral import tokens, words
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.words import Words
from toolkit.training.kinds import Counted

MUCH_TEXT = 200_000  # characters: tagging them takes as long as a process needs to load a tagger
FOLDER = out_folder.Kind(
    "result of toolkit inspect",
    INSPECTION,
    if_damaged="choose another folder with --out",
    if_other="choose another folder with --out",
)


def inspect(request: Request, out: Path, reporter: Reporter) -> Inspection:
    """Inspect the corpus and the columns; write inspect.json and the page, over those of an earlier inspection.

    Raises InputError if the folder holds something else or an option is invalid, and ContractError if someone else's
    code fails.
    """
    from toolkit.report.inspection import render

    start = time.perf_counter()
    request.prepared()  # before the folder is touched
    out_folder.refuse_foreign(out, FOLDER)
    with out_folder.locked(out):
        inspection = Inspecting(request, reporter).inspection(start)
        inspection.save(out / INSPECTION)
        write_file(out / PAGE, render(inspection))
    inspection.folder = out
    return inspection


@dataclass(frozen=True)
class Ready:
    """A fitted column and, if it is a network, the process that is ready to train it."""

    column: Column
    fitted: FittedColumn
    size: Size
    trainer: Apart | Here | None

    def cost(self) -> TrainingCost:
        """What training takes; the clock needs the machine for itself."""
        return counting_cost(self.fitted) if self.trainer is None else self.trainer.compute(measure, self.column.name)


class Inspecting:
    """An inspection in progress."""

    def __init__(self, request: Request, reporter: Reporter) -> None:
        self.request, self.reporter, self.split = request, reporter, request.split
        self.tagger = Tagger(request.spacy_model, request.corpus.language)

    def inspection(self, start: float) -> Inspection:
        """The inspection, with its advice; ``start`` is when it began (``time.perf_counter``)."""
        with Crew(cores(), code_here(self.request.basis)) as crew:
            self.tag(crew)
            self.reporter.stage(f"reading {len(self.request.columns)} columns; compressors; near-duplicates")
            columns = [crew.submit(self.ready, crew, column) for column in self.request.columns]
            fractions = [crew.submit(self.fractions, crew, column) for column in self.request.columns]
            floors = crew.submit(compressor_floors, self.split)
            byte_pairs = crew.submit(byte_pair_curve, self.split)
            facts = self.facts()
            inspected = self.inspected(columns, fractions, floors, byte_pairs)
        whole = Inspection(**facts, **inspected, seconds=0.0, advice=[])
        whole = whole.model_copy(update={"advice": advice(whole), "prediction": self.prediction(whole)})
        return whole.model_copy(update={"seconds": time.perf_counter() - start})

    def prediction(self, inspection: Inspection) -> Prediction | None:
        """What training the columns will come to: those that the prediction was fitted to, networks of the recipe."""
        recipe, fit = completed({}, inspection.text["train"].characters), saved_fit()

        def fitted_to(column: Column) -> bool:
            settings = self.request.spec(column, self.request.seeds[0]).basis.settings
            of_the_recipe = (settings.network, settings.train) == (recipe.network, recipe.train)
            return of_the_recipe and column.model is None and column.name in fit.columns and not column.options

        names = {column.name for column in self.request.columns if fitted_to(column)}
        return predicted(inspection, [column for column in inspection.columns if column.column in names], fit)

    def tag(self, crew: Crew) -> None:
        """Tag what has not been tagged before, much text in a process per core; the columns read it from the cache.

        Unseen words are tagged as a column of words tags them, so that no text is tagged twice.
        """
        parts = {part: [document.text for document in getattr(self.split, part)] for part in SPLIT_PARTS}
        every_text = [text for of_part in parts.values() for text in of_part]
        needed: dict[Any, tuple[Tagger, list[str]]] = {}
        if why_untagged(self.tagger) is None:
            self.tagger.see_dashes(parts["train"])
            needed[key(self.tagger)] = self.tagger, parts["test"]
        for tokenizer in (made(self.request, column) for column in self.request.columns):
            if isinstance(tagger := getattr(tokenizer, "tagger", None), Tagger):
                if isinstance(tokenizer, Words):
                    tagger.see_dashes(parts["train"])
                needed[key(tagger)] = tagger, every_text
        for tagger, texts in needed.values():
            if not (new := [text for text in texts if not tagger.cached(text)]):
                continue
            what = "tagging" if tagger.tags else "cutting into words"
            self.reporter.stage(f"{what} {len(new)} of {len(texts)} texts, which is kept for the next time")
            if sum(map(len, new)) < MUCH_TEXT:
                tag_texts(tagger, new)
                continue
            shares = [share for share in even_shares(new, cores()) if share]
            for done in [crew.submit(crew.alone, tag_texts, tagger, share) for share in shares]:
                done.result()

    def facts(self) -> dict[str, Any]:
        """What is known of the corpus without any column."""
        request, split, corpus = self.request, self.split, self.request.corpus
        parts = {part: getattr(split, part) for part in SPLIT_PARTS}
        coverage = corpus_coverage(split)
        growth = heaps(type_counts(split.train))
        counts = Counter(token for document in split.train for token in tokens(document.text))
        return {
            "command": request.command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": versions(),
            "machine": machine() | {"cores_used": cores()},
            "settings": without_none(request.asked()),
            "name": corpus.name,
            "sha256": corpus.sha256,
            "language": corpus.language,
            "unit": split.unit,
            "notes": [*request.notes, *split.notes, *language_warnings(split.train, corpus.language)],
            "split": SplitNames(**request.split_names()),
            "text": {"corpus": text_counts(corpus.documents)}
            | {part: text_counts(documents) for part, documents in parts.items()},
            "coverage": coverage,
            "heaps": growth,
            "zipf": zipf(counts),
            "forecasts": forecasts(
                split, coverage, growth, whole=corpus.given is not None or len(corpus.documents) > 1
            ),
            "uncovered": uncovered(split, self.tagger),
            "overlaps": [*duplicates.overlaps(split), *duplicates.overlaps_within(split)],
        }

    def inspected(
        self,
        columns: "Sequence[Future[Ready]]",
        fractions: "Sequence[Future[list[Point]]]",
        floors: "Future[list[Baseline]]",
        byte_pairs: "Future[Curve]",
    ) -> dict[str, Any]:
        """What the columns, compressors and byte pairs come to; networks are timed last, when all else is done."""
        curves = [word_curve(self.split), byte_pairs.result(), character_curve(self.split)]
        baselines, ready = floors.result(), [column.result() for column in columns]
        points = [of_column.result() for of_column in fractions]
        self.reporter.stage("training each network for a second")
        records = [self.record(column, of_column) for column, of_column in zip(ready, points, strict=True)]
        return {"curves": curves, "baselines": baselines, "columns": records}

    def ready(self, crew: Crew, column: Column) -> Ready:
        """A column, fitted in one process and prepared for training in another, which has loaded nothing else."""
        request = self.request
        with naming(column):
            here = Here() if column.only_here else None
            fitted = (here.compute if here else crew.alone)(fitted_column, request, column)
            if isinstance(request.spec(column, 0).kind(), Counted):
                return Ready(column, fitted, counting_size(fitted), None)
            trainer = here or crew.process()
            return Ready(column, fitted, trainer.compute(prepare, request, column, fitted, here is None), trainer)

    def fractions(self, crew: Crew, column: Column) -> list[Point]:
        """What the column's n-gram needs after fractions of the training text."""
        with naming(column):
            compute = Here().compute if column.only_here else crew.alone
            return compute(counted_after_fractions, self.request, column)

    def record(self, ready: Ready, fractions: Sequence[Point]) -> InspectedColumn:
        """The record of a column, with the cost of its training measured now."""
        column, fitted, size = ready.column, ready.fitted, ready.size
        return InspectedColumn(
            column=column.name,
            tokenizer=column.tokenizer,
            strategy=column.strategy,
            model=self.request.spec(column, self.request.seeds[0]).model,
            train_tokens=fitted.train_tokens,
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
            more_text=more_text(fractions, self.split, fitted.ngram_bits),
        )


@contextmanager
def naming(column: Column) -> Iterator[None]:
    """Say which column it is whose code fails."""
    try:
        yield
    except ContractError as error:
        raise ContractError(f"the column {column.name!r} cannot be inspected: {error}") from error


def text_counts(documents: Sequence[Document]) -> TextCounts:
    """How much text the documents have, their types and hapaxes."""
    counts = Counter(token for document in documents for token in tokens(document.text))
    hapaxes = sum(n == 1 for n in counts.values())
    return TextCounts(
        documents=len(documents),
        characters=sum(len(document.text) for document in documents),
        words=sum(len(words(document.text)) for document in documents),
        tokens=counts.total(),
        types=len(counts),
        hapaxes=hapaxes,
        hapax_type_share=hapaxes / len(counts) if counts else None,
        hapax_token_share=hapaxes / counts.total() if counts else None,
    )


def even_shares(texts: Sequence[str], number: int) -> list[list[str]]:
    """The texts in so many shares of similar length.

    >>> even_shares(["aaaa", "bbb", "cc"], 2)
    [['aaaa'], ['bbb', 'cc']]
    """
    shares: list[list[str]] = [[] for _ in range(number)]
    for text in sorted(texts, key=len, reverse=True):
        min(shares, key=lambda share: sum(map(len, share))).append(text)
    return shares


def key(tagger: Tagger) -> tuple[str, bool, bool]:
    """What the tagger's tokens of a text depend on."""
    return tagger.model, tagger.tags, tagger.cuts_dashes


def tag_texts(tagger: Tagger, texts: Sequence[str]) -> None:
    """Tag the texts, which leaves their tags in the cache."""
    for text in texts:
        tagger.tag(text)
