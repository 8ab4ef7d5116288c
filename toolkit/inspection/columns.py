"""A column before training: its tokenizer, its n-gram, the size of its network, and the cost of training it.

The n-gram is a floor: a network that needs more bits has not beaten counting. The cost is measured by a second of real
updates, in a process that has loaded nothing else, so the growth of its peak memory is the network's.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, TypeVar

from toolkit.comparison.request import Request
from toolkit.config import TrainSettings
from toolkit.environment import peak_memory
from toolkit.errors import ContractError, InputError
from toolkit.evaluation.metrics.classes import coverage
from toolkit.evaluation.power_law import fitted_curve
from toolkit.events.encoding import Encoding
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import ledger
from toolkit.results.cell import MultiplyAdds
from toolkit.results.inspection import InspectedColumn, MoreText, NGramFloor, TrainingCost
from toolkit.runs.columns import Column, documents_needed
from toolkit.runs.crew import Crew
from toolkit.text.corpus import Document, Split, characters, whole_documents
from toolkit.text.excerpt import fitting
from toolkit.text.fractions import part_of
from toolkit.training.stream import stream

MAX_NGRAM_CHARACTERS = 4_000_000  # of an excerpt: an n-gram of characters then takes half a gigabyte
FRACTIONS = (1 / 16, 1 / 8, 1 / 4)  # of the training documents, beside the whole
MAX_SCORED_CHARACTERS = 100_000  # of whole held-out documents that score the n-grams of fractions
MAX_VALID_CHARACTERS = 25_000  # of the shortest validation documents, which choose their orders and spellers
TIMED_SECONDS = 1.0
UNTIMED_UPDATES = 2  # the first touches all memory
MIN_TIMED_UPDATES = 3

Point = tuple[int, float]  # characters of training text, and bits per character
R = TypeVar("R")


@dataclass(frozen=True)
class FittedColumn:
    """A column's fitted tokenizer, with encodings and the bits of its n-gram by document.

    ``training`` may be an excerpt; the training text is ``times`` as long. ``facts`` are the fields of InspectedColumn
    for the n-gram.
    """

    state: dict[str, Any]
    training: Sequence[Encoding]
    times: float
    test: Sequence[Encoding]
    ngram_bits: Sequence[float]
    facts: dict[str, Any]


def apart(crew: Crew, task: Callable[..., R], request: Request, column: Column, *arguments: Any) -> R:
    """Run a task on a column in a process of its own, or in this one if no other process knows the column's code.

    Raises ContractError, which names the column, if its code fails.
    """
    try:
        if column.only_here:
            return task(request, column, *arguments)
        return crew.alone(task, request, column, *arguments)
    except ContractError as error:
        raise ContractError(f"the column {column.name!r} cannot be inspected: {error}") from error


def inspected_column(
    crew: Crew, request: Request, column: Column, fitted: FittedColumn, fractions: Sequence[Point]
) -> InspectedColumn:
    """Return the record of a column. A network is sized and timed now."""
    network = apart(crew, measured_network, request, column, fitted) if column.is_network else {}
    return InspectedColumn(
        column=column.name,
        tokenizer=column.tokenizer,
        strategy=column.strategy,
        model=request.spec(column, request.seeds[0]).model,
        more_text=more_text(fractions, ngram_split(request.split), fitted.ngram_bits),
        **(fitted.facts | network),
    )


def ngram_split(split: Split) -> Split:
    """Return the split that n-grams are counted on: all documents, or an excerpt if they do not fit into memory."""
    train, test = (fitting(part, MAX_NGRAM_CHARACTERS) for part in (split.train, split.test))
    return replace(split, train=train, test=test)


def fitted_column(request: Request, column: Column) -> FittedColumn:
    """Fit a column's tokenizer and n-gram on the training documents. Raises InputError as ``fit`` does."""
    tokenizer = request.tokenizer(column).fit(request.split.train, request.split.valid)
    state = tokenizer.state()
    split = ngram_split(request.split)
    training, valid, test = (list(map(tokenizer.encode, part)) for part in (split.train, split.valid, split.test))
    start = time.perf_counter()
    model = NGramModel.fitted(tokenizer, training, valid)
    seconds = time.perf_counter() - start
    scores = model.score(test)
    bits = ledger(scores, characters(split.test))
    times, length = characters(request.split.train) / characters(split.train), characters(split.train)
    covered_tokens, test_tokens = (stream(tokenizer.vocabulary, encodings).tokens for encodings in (training, test))
    score = model.multiply_adds * (test_tokens / characters(split.test))
    facts = {
        "train_tokens": round(times * covered_tokens),
        "covered_tokens": covered_tokens,
        "test_tokens": test_tokens,
        "vocabulary_size": len(tokenizer.vocabulary),
        "coverage": coverage(
            tokenizer, list(zip(split.train, training, strict=True)), list(zip(split.test, test, strict=True))
        ),
        "parameters": model.parameters,
        "embedding_parameters": 0,
        "output_parameters": 0,
        "multiply_adds_per_character": MultiplyAdds(train=0.0, score=score),
        "training": TrainingCost(
            seconds=seconds, characters=length, characters_per_second=length / seconds, measured_seconds=seconds
        ),
        "ngram": NGramFloor(order=model.order, seconds=seconds, bits_per_character=bits),
    }
    return FittedColumn(state, training, times, test, [score.total for score in scores], facts)


def ngrams_of_fractions(request: Request, column: Column) -> list[Point]:
    """Count an n-gram on each fraction of the training documents, with a tokenizer that is fitted to the fraction.

    Equal fractions are one point. All columns of the request have the same fractions, with enough documents for each.
    A text with too few documents for the smallest fraction has no points.
    """
    split, points = ngram_split(request.split), list[Point]()
    scored = _beginning(split.test, MAX_SCORED_CHARACTERS)
    valid = _beginning(sorted(split.valid, key=lambda document: document.characters), MAX_VALID_CHARACTERS)
    try:
        parts = [part_of(split, fraction).train for fraction in FRACTIONS] if len(split.train) > 1 else []
    except InputError:
        return []
    for part in dict.fromkeys(parts):
        if whole_documents(part) < documents_needed(request.columns):
            continue
        tokenizer = request.tokenizer(column).fit(part, valid)
        training, choosing, test = (list(map(tokenizer.encode, documents)) for documents in (part, valid, scored))
        scores = NGramModel.fitted(tokenizer, training, choosing).score(test)
        points.append((characters(part), sum(score.total for score in scores) / characters(scored)))
    return points


def more_text(points: Sequence[Point], split: Split, bits: Sequence[float]) -> MoreText | None:
    """Add the point of the whole training text, and fit a curve through all. Return None without fractions.

    ``bits`` are the n-gram's of the whole text, by held-out document of the split.
    """
    if not points:
        return None
    scored = _beginning(split.test, MAX_SCORED_CHARACTERS)
    points = [*points, (characters(split.train), sum(bits[: len(scored)]) / characters(scored))]
    curve = fitted_curve("", [length for length, _ in points], [rate for _, rate in points])
    return MoreText(points=points, scored_characters=characters(scored), curve=curve)


def _beginning(documents: Sequence[Document], most: int) -> Sequence[Document]:
    """Return the first documents with at most ``most`` characters together, but at least one."""
    return documents[: max(1, sum(end <= most for end in accumulate(d.characters for d in documents)))]


def measured_network(request: Request, column: Column, fitted: FittedColumn) -> dict[str, Any]:
    """Return the size of a column's network and the cost of its training, as fields of InspectedColumn.

    The cost is measured by about a second of updates; memory only in a process that does nothing else.
    """
    from toolkit.evaluation.evaluator import multiply_adds
    from toolkit.inference.neural import NeuralModel, network_for
    from toolkit.training.checkpoint import FORGETFUL
    from toolkit.training.kinds import Neural
    from toolkit.training.trainer import Loop

    seed = request.seeds[0]
    spec = request.spec(column, seed)
    kind, settings = spec.kind(), spec.basis.settings
    if not isinstance(kind, Neural):
        raise TypeError(f"{spec.model} is not trained by updates")
    tokenizer = request.tokenizer(column).restore(fitted.state)
    memory = peak_memory()
    network = network_for(tokenizer, kind.with_cell(settings.network), seed)
    loop = Loop(network, fitted.training, tokenizer, settings.train, seed, FORGETFUL)
    output = network.output_weights[1:] if network.tied else network.output_weights
    size = {
        "parameters": network.parameters,
        "embedding_parameters": network.embedding_parameters,
        "output_parameters": sum(int(network.named_weights[name].shape.num_elements()) for name in output),
        "multiply_adds_per_character": multiply_adds(
            spec, NeuralModel(tokenizer, network), fitted.training, fitted.test
        ),
    }
    for _ in range(UNTIMED_UPDATES):
        loop.update()
    length, updates, start = 0, 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < TIMED_SECONDS or updates < MIN_TIMED_UPDATES:
        length += loop.update()[1]
        updates += 1
    peak = peak_memory()
    last = round(fitted.times * loop.windows.updates) if settings.train.epochs else loop.windows.updates
    needed = updates_needed(settings.train, last, updates / seconds)
    cost = TrainingCost(
        seconds=needed * seconds / updates,
        characters=round(needed * length / updates),
        updates=needed,
        characters_per_second=length / seconds,
        measured_seconds=seconds,
        measured_updates=updates,
        memory_bytes=None if column.only_here or memory is None or peak is None else peak - memory,
        process_bytes=None if column.only_here else peak,
    )
    return size | {"training": cost}


def updates_needed(settings: TrainSettings, last: int, per_second: float) -> int:
    """Return the largest number of updates that training takes, if it takes ``last`` without a clock."""
    if settings.budget_seconds is None:
        return last
    in_time = max(1, round(settings.budget_seconds * per_second))
    return min(last, in_time) if settings.epochs else in_time
