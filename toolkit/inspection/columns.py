"""A column before training: its tokenizer, its n-gram, the size of its network, and the cost of training it.

The n-gram is a floor: a network that needs more bits has not beaten counting. The cost is measured by a second of real
updates, in a process that has loaded nothing else, so the growth of its peak memory is the network's.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from toolkit.comparison.request import Request
from toolkit.config import TrainSettings
from toolkit.environment import proc_value
from toolkit.errors import ContractError
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.events.encoding import Events
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import ledger
from toolkit.results.cell import MultiplyAdds
from toolkit.results.inspection import InspectedColumn, TrainingCost
from toolkit.runs.process import Crew
from toolkit.runs.spec import Column
from toolkit.text.corpus import characters
from toolkit.training.stream import stream

TIMED_SECONDS = 1.0
UNTIMED_UPDATES = 2  # the first touches all memory
MIN_TIMED_UPDATES = 3

R = TypeVar("R")


class FittedColumn(NamedTuple):
    """A column's fitted tokenizer, with encodings and the record of the column, as if its model were the n-gram."""

    state: dict[str, Any]
    training: Sequence[Events]
    test: Sequence[Events]
    record: InspectedColumn


def apart(crew: Crew, task: Callable[..., R], request: Request, column: Column, *arguments: Any) -> R:
    """Run a task on a column in a process of its own.

    Raises ContractError, which names the column, if its code fails.
    """
    try:
        return crew.alone(task, request, column, *arguments)
    except ContractError as error:
        raise ContractError(f"the column {column.name!r} cannot be inspected: {error}") from error


def fitted_column(request: Request, column: Column) -> FittedColumn:
    """Fit a column's tokenizer and n-gram on the training documents. Raises InputError as ``fit`` does."""
    split = request.split
    tokenizer = request.tokenizer(column).fit(split.train, split.valid)
    training, valid, test = (list(map(tokenizer.encode, part)) for part in split.parts.values())
    start = time.perf_counter()
    model = NGramModel.fitted(tokenizer, training, valid)
    seconds = time.perf_counter() - start
    scores = model.score(test)
    length, test_length = characters(split.train), characters(split.test)
    train_tokens, test_tokens = (stream(tokenizer.vocabulary, encodings).tokens for encodings in (training, test))
    cuts = [list(zip(*cut, strict=True)) for cut in ((split.train, training), (split.test, test))]
    cost = {"characters": length, "characters_per_second": length / seconds, "measured_seconds": seconds}
    record = InspectedColumn(
        column=column.name,
        tokenizer=column.tokenizer,
        strategy=column.strategy,
        model=request.spec(column, request.seeds[0]).model,
        train_tokens=train_tokens,
        test_tokens=test_tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        shortfall=getattr(tokenizer, "shortfall", None),
        coverage=coverage(tokenizer, *cuts),
        parameters=model.parameters,
        embedding_parameters=0,
        multiply_adds_per_character=MultiplyAdds(
            train=0.0, score=model.multiply_adds * (test_tokens / test_length)
        ),
        training=TrainingCost(seconds=seconds, **cost),
        ngram=ledger(scores, test_length),
        ngram_order=model.order,
        ngram_seconds=seconds,
    )
    return FittedColumn(tokenizer.state(), training, test, record)


def measured_network(request: Request, column: Column, fitted: FittedColumn) -> InspectedColumn:
    """Return the record of a column with the size of its network and the cost of its training.

    The cost is measured by about a second of updates; memory only in a process that does nothing else.
    """
    from toolkit.evaluation.evaluator import multiply_adds
    from toolkit.inference.neural import NeuralModel, network_for
    from toolkit.training import Neural
    from toolkit.training.trainer import Loop

    seed = request.seeds[0]
    spec = request.spec(column, seed)
    kind, settings = spec.kind(), spec.settings
    assert isinstance(kind, Neural), spec.model
    tokenizer = request.tokenizer(column).restore(fitted.state)
    memory = peak_memory()
    network = network_for(tokenizer, kind.with_cell(settings.network), seed)
    loop = Loop(network, fitted.training, tokenizer, settings.train, seed)
    products = multiply_adds(spec, NeuralModel(tokenizer, network), fitted.training, fitted.test)
    for _ in range(UNTIMED_UPDATES):
        loop.update()
    length, updates, start = 0, 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < TIMED_SECONDS or updates < MIN_TIMED_UPDATES:
        length += loop.update()[1]
        updates += 1
    peak = peak_memory()
    needed = updates_needed(settings.train, loop.windows.updates, updates / seconds)
    cost = TrainingCost(
        seconds=needed * seconds / updates,
        characters=round(needed * length / updates),
        updates=needed,
        characters_per_second=length / seconds,
        measured_seconds=seconds,
        measured_updates=updates,
        memory_bytes=None if memory is None or peak is None else peak - memory,
        process_bytes=peak,
    )
    return fitted.record.model_copy(
        update={
            "parameters": network.size.parameters,
            "embedding_parameters": network.size.embedding_parameters,
            "multiply_adds_per_character": products,
            "training": cost,
        }
    )


def peak_memory() -> int | None:
    """The most bytes of memory that this process has had at once; None where the system does not say.

    Linux says it in /proc: its getrusage includes what the process had before it became this program.
    """
    peak = proc_value(Path("/proc/self/status"), "VmHWM")
    return 1024 * int(peak.split()[0]) if peak else None


def updates_needed(settings: TrainSettings, last: int, per_second: float) -> int:
    """Return the largest number of updates that training takes, if it takes ``last`` without a clock."""
    if settings.budget_seconds is None:
        return last
    in_time = max(1, round(settings.budget_seconds * per_second))
    return min(last, in_time) if settings.epochs else in_time
