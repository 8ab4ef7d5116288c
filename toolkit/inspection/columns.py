"""What each column makes of the corpus: how it cuts it, which words its classes stand for, and its n-gram's floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from toolkit.comparison.request import Request
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.events.encoding import Encoding
from toolkit.inspection.floor import ngram_floor
from toolkit.inspection.more_text import Point, after_fractions
from toolkit.results.cell import CellCoverage
from toolkit.results.inspection import NGramFloor
from toolkit.runs.columns import Column, documents_needed
from toolkit.text.corpus import Split, characters
from toolkit.text.excerpt import excerpt_note, fitting
from toolkit.training.stream import stream

COUNTED = 4_000_000  # characters of an excerpt: an n-gram of a column of characters then takes half a gigabyte


@dataclass(frozen=True)
class FittedColumn:
    """A column's fitted tokenizer, as a run saves it, its encodings by document, and what they show.

    ``training`` is all training documents, or an excerpt of those that do not fit, of which ``times`` says how many
    times as long the whole is; it has ``covered_tokens``, and the whole about ``train_tokens``.
    """

    state: Mapping[str, Any]
    training: Sequence[Encoding]
    times: float
    test: Sequence[Encoding]
    vocabulary_size: int
    one_hot: bool
    covered_tokens: int
    train_tokens: int
    test_tokens: int
    coverage: CellCoverage
    ngram: NGramFloor
    ngram_bits: Sequence[float]  # by held-out document
    ngram_parameters: int
    ngram_multiply_adds: int


def fitted_column(request: Request, column: Column) -> FittedColumn:
    """Fit a column's tokenizer on the training documents and encode them. Raises InputError as ``fit`` does."""
    tokenizer = request.tokenizer(column).fit(request.split.train, request.split.valid)
    state = tokenizer.state()
    split = counted(request.split)
    training, valid, test = (
        [tokenizer.encode(document) for document in part] for part in (split.train, split.valid, split.test)
    )
    model, floor, bits = ngram_floor(tokenizer, training, valid, test, characters(split.test))
    times = characters(request.split.train) / characters(split.train)
    covered_tokens = stream(tokenizer.vocabulary, training).tokens
    return FittedColumn(
        state=state,
        training=training,
        times=times,
        test=test,
        vocabulary_size=len(tokenizer.vocabulary),
        one_hot=tokenizer.one_hot,
        covered_tokens=covered_tokens,
        train_tokens=round(times * covered_tokens),
        test_tokens=stream(tokenizer.vocabulary, test).tokens,
        coverage=coverage(
            tokenizer, list(zip(split.train, training, strict=True)), list(zip(split.test, test, strict=True))
        ),
        ngram=floor,
        ngram_bits=bits,
        ngram_parameters=model.parameters,
        ngram_multiply_adds=model.multiply_adds,
    )


def counted_after_fractions(request: Request, column: Column) -> list[Point]:
    """What the column's n-gram needs after fractions of the training text, which are the same for all columns."""
    return after_fractions(lambda: request.tokenizer(column), counted(request.split), documents_needed(request.columns))


def counted(split: Split) -> Split:
    """The split on which n-grams are counted: with all training documents, or an excerpt of those that do not fit."""
    return replace(split, train=fitting(split.train, COUNTED), test=fitting(split.test, COUNTED))


def fits_counted(split: Split) -> bool:
    """Whether those are all training documents."""
    return len(counted(split).train) == len(split.train)


def counted_notes(split: Split) -> tuple[str, ...]:
    """A sentence on what is counted on an excerpt, if anything is."""
    what = "How the columns cut the training text, their n-grams, and what more text gives are measured"
    return excerpt_note(what, split.train, counted(split).train)
