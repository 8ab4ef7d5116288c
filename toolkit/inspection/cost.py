"""What training a column's network takes, measured by a second of it: the real network, windows, and updates.

A network is prepared and measured by two calls in one process of its own, which has loaded nothing else: what its peak
memory grows by is the network's. While one is measured, nothing else should be computed.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.comparison.request import Request
from toolkit.config import TrainSettings
from toolkit.environment import peak_memory
from toolkit.inspection.columns import FittedColumn
from toolkit.results.cell import MultiplyAdds
from toolkit.results.inspection import TrainingCost
from toolkit.runs.columns import Column

if TYPE_CHECKING:
    from toolkit.training.trainer import Loop

SECONDS = 1.0  # of updates
UNTIMED = 2  # updates before them: the first touches all memory
FEWEST = 3  # updates that are timed


@dataclass(frozen=True)
class Size:
    """How large a network is, and what its products take per character."""

    parameters: int
    embedding_parameters: int
    output_parameters: int
    multiply_adds: MultiplyAdds


@dataclass(frozen=True)
class Prepared:
    """A training loop that is ready for its first update, and the peak memory before its network was made.

    ``times`` says how many times as long the training text is as the loop's.
    """

    loop: "Loop"
    times: float
    memory: int | None
    alone: bool  # in a process of its own


_prepared: dict[str, Prepared] = {}  # by column, in the process that measures it


def prepare(
    request: Request,
    column: Column,
    fitted: FittedColumn,
    alone: bool,
) -> Size:
    """Make a column's network and the graph of its updates, in the process that is going to measure it."""
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
    _prepared[column.name] = Prepared(loop, fitted.times, memory, alone)
    output = network.output_weights[1:] if network.tied else network.output_weights
    return Size(
        parameters=network.parameters,
        embedding_parameters=network.embedding_parameters,
        output_parameters=sum(int(network.named_weights[name].shape.num_elements()) for name in output),
        multiply_adds=multiply_adds(spec, NeuralModel(tokenizer, network), fitted.training, fitted.test),
    )


def measure(column: str) -> TrainingCost:
    """The cost of training a prepared column, from about a second of its updates."""
    prepared = _prepared.pop(column)
    loop = prepared.loop
    for _ in range(UNTIMED):
        loop.update()
    characters, updates, start = 0, 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < SECONDS or updates < FEWEST:
        characters += loop.update()[1]
        updates += 1
    peak = peak_memory() if prepared.alone else None
    last = round(prepared.times * loop.windows.updates) if loop.settings.epochs else loop.windows.updates
    needed = updates_needed(loop.settings, last, updates / seconds)
    return TrainingCost(
        seconds=needed * seconds / updates,
        characters=round(needed * characters / updates),
        updates=needed,
        characters_per_second=characters / seconds,
        measured_seconds=seconds,
        measured_updates=updates,
        memory_bytes=None if peak is None or prepared.memory is None else peak - prepared.memory,
        process_bytes=peak,
    )


def updates_needed(settings: TrainSettings, last: int, per_second: float) -> int:
    """The updates that training takes at most, if its length without a clock is ``last``.

    >>> updates_needed(TrainSettings(budget_seconds=60.0), 1000, 2.0)
    120
    """
    if settings.budget_seconds is None:
        return last
    in_time = max(1, round(settings.budget_seconds * per_second))
    return min(last, in_time) if settings.epochs else in_time


def counting_cost(fitted: FittedColumn) -> TrainingCost:
    """The cost of counting an n-gram, which was measured whole."""
    characters, seconds = sum(encoding.characters for encoding in fitted.training), fitted.ngram.seconds
    return TrainingCost(
        seconds=seconds,
        characters=characters,
        updates=0,
        characters_per_second=characters / seconds,
        measured_seconds=seconds,
        measured_updates=0,
        memory_bytes=None,
        process_bytes=None,
    )


def counting_size(fitted: FittedColumn) -> Size:
    """The size of an n-gram: its parameters are n-grams, and counting multiplies nothing."""
    per_character = fitted.test_tokens / sum(encoding.characters for encoding in fitted.test)
    return Size(
        parameters=fitted.ngram_parameters,
        embedding_parameters=0,
        output_parameters=0,
        multiply_adds=MultiplyAdds(train=0.0, score=fitted.ngram_multiply_adds * per_character),
    )
