"""The cost of a network's events: documents batched in rows, window by window."""

from collections.abc import Iterator, Sequence
from heapq import heapreplace

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Events, Ids, Vocabulary
from toolkit.inference.scores import EventBits, event_bits
from toolkit.network.backend import Tensor, tf
from toolkit.network.network import RecurrentNetwork

MOST_ROWS = 32  # of a part: the rows are cut into independent parts, and each runs in one thread
LEAST_PARTS, MOST_PARTS = 2, 8  # the number of parts must not depend on the machine: it affects rounding
TILE = 8  # a product of 1 row takes as long as one of 8
STEP = 6  # the fixed cost of a step, in units of the time of a row of 256 units
WINDOW = 128  # steps: a network has one graph for all documents that are read in so many rows


def score_network(network: RecurrentNetwork, vocabulary: Vocabulary, encodings: Sequence[Events]) -> list[EventBits]:
    """Bits of each document's network events."""
    documents = [vocabulary.fed(encoding).ids for encoding in encodings]
    softmax = softmax_scores(network, documents, vocabulary.ends_words)
    scores = zip(encodings, documents, softmax, strict=True)
    return [event_bits(vocabulary, encoding, ids, *of_document) for encoding, ids, of_document in scores]


def softmax_scores(
    network: RecurrentNetwork, documents: Sequence[Ids], among: npt.NDArray[np.bool_]
) -> list[tuple[Floats, Floats]]:
    """Natural log of the softmax (n,) of each document's ids (n,), the documents batched together.

    Beside it, before each of these ids, the softmax of the ids ``among`` (V,) together (n,).
    """
    if not documents:
        return []
    lengths = [len(ids) for ids in documents]
    parts = parts_for(len(documents))
    placed = quickest(lengths, parts)
    windows = list(score_windows(network, *row_streams(documents, placed), parts, among))
    logs, masses = (np.concatenate(of_windows, 1) for of_windows in zip(*windows, strict=True))
    by_document = [(np.empty(0), np.empty(0))] * len(documents)
    for row, numbers in enumerate(placed):
        ends = np.cumsum([0, *(lengths[i] for i in numbers)])
        for i, start, end in zip(numbers, ends[:-1], ends[1:], strict=True):
            by_document[i] = logs[row, start:end], masses[row, start:end]
    return by_document


def parts_for(documents: int) -> int:
    """How many parts the rows of so many documents are cut into.

    >>> parts_for(9), parts_for(200)
    (2, 6)
    """
    return max(LEAST_PARTS, min(MOST_PARTS, documents // MOST_ROWS))


def quickest(lengths: Sequence[int], parts: int) -> list[list[int]]:
    """Which documents go to which row, with the number of rows that is fastest: many are wide, few are long.

    That the last window is computed whole is left aside: it matters where there is little to compute.

    >>> len(quickest([700, 700], 2)), len(quickest([7] * 640, 2))
    (2, 64)
    """

    def time(placed: Sequence[Sequence[int]]) -> int:
        tiles = -(-len(placed) // (parts * TILE))
        return max(sum(lengths[i] for i in row) for row in placed) * (TILE * tiles + STEP)

    return min((packed(lengths, parts * rows) for rows in range(1, MOST_ROWS + 1)), key=time)


def row_streams(documents: Sequence[Ids], placed: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Inputs and targets (rows, longest) of concatenated documents, padded with ``<doc>``, whose score is not used."""
    longest = max(sum(len(documents[i]) for i in numbers) for numbers in placed)
    inputs, targets = (np.full((len(placed), longest), DOC, np.int32) for _ in range(2))
    for row, numbers in enumerate(placed):
        if numbers:
            ids = np.concatenate([documents[i] for i in numbers])
            targets[row, : len(ids)] = ids
            inputs[row, 1 : len(ids)] = ids[:-1]
    return inputs, targets


def score_windows(
    network: RecurrentNetwork, inputs: Ids, targets: Ids, parts: int, among: npt.NDArray[np.bool_]
) -> Iterator[tuple[Floats, Floats]]:
    """``Dense.scores`` of the targets, both (rows, steps), window by window, with the state carried along.

    The padding of the last one is left out.
    """
    rows, longest = inputs.shape
    inputs, targets = in_windows(inputs), in_windows(targets)
    window = window_scorer(network, rows, parts)
    states = tuple(network.initial(rows // parts) for _ in range(parts))
    counted = tf.constant(among, tf.float64)
    for start in range(0, longest, WINDOW):
        part = slice(start, start + WINDOW)
        logs, masses, states = window(inputs[:, part], targets[:, part], counted, states)
        yield logs.numpy()[:, : longest - start], masses.numpy()[:, : longest - start]


def in_windows(ids: Ids) -> Ids:
    """Ids (rows, steps) with ``<doc>`` after them, up to a multiple of WINDOW steps."""
    return np.pad(ids, ((0, 0), (0, -ids.shape[1] % WINDOW)), constant_values=DOC)


def window_scorer(network: RecurrentNetwork, rows: int, parts: int) -> Tensor:
    """The graph that scores a window (rows, WINDOW), its rows cut into parts; made once per shape."""
    key = ("score", rows, parts)
    if key not in network.graphs:

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def window(inputs: Tensor, targets: Tensor, among: Tensor, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            by_part = zip(tf.split(inputs, parts), tf.split(targets, parts), states, strict=True)
            scored = [score_rows(network, *part, among) for part in by_part]
            logs, masses, states = zip(*scored, strict=True)
            return tf.concat(logs, 0), tf.concat(masses, 0), states

        network.graphs[key] = window
    return network.graphs[key]


def score_rows(
    network: RecurrentNetwork, inputs: Tensor, targets: Tensor, state: Tensor, among: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """``Dense.scores`` of the targets, both (rows, steps), and the state after the window."""
    rows, steps = inputs.shape
    outputs, state = network.forward().window(tf.transpose(inputs), state)  # (steps, rows, H)
    flat = tf.reshape(outputs, (steps * rows, outputs.shape[-1]))
    scores = network.output_layer().scores(flat, tf.reshape(tf.transpose(targets), (-1,)), among)
    logs, masses = (tf.transpose(tf.reshape(of_all, (steps, rows))) for of_all in scores)
    return logs, masses, state


def packed(lengths: Sequence[int], rows: int) -> list[list[int]]:
    """Which documents go to which of at most ``rows`` rows, so that the longest row is short (longest first).

    >>> packed([5, 9, 4], 2)
    [[1], [0, 2]]
    """
    loads = [(0, row) for row in range(rows)]  # a heap
    placed: list[list[int]] = [[] for _ in range(rows)]
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        load, row = loads[0]
        placed[row].append(i)
        heapreplace(loads, (load + lengths[i], row))
    return placed
