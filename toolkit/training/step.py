"""One update of the network: its rate, its graph, and the states that it carries to the next update.

The batch is cut into towers: equal parts with independent graphs that run in parallel.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from toolkit.config import TrainSettings
from toolkit.events.distribution import Bools
from toolkit.network.backend import State, Tensor, tf
from toolkit.network.dense import Dense, Loss
from toolkit.network.forward import Forward
from toolkit.network.network import Network, Optimizer


def rate_at(share: float, epochs: float, settings: TrainSettings) -> float:
    """Return the learning rate after a share of training and a number of passes: a linear rise, then a fall.

    The fall is half a cosine down to 1 % of the peak. With ``train.held`` the rate stays constant for some passes and
    is then divided before each further one (Zaremba, Sutskever & Vinyals 2014).

    >>> rate_at(0.5, 1.0, TrainSettings(learning_rate=1.0, warmup=0.0))
    0.505
    """
    if share < settings.warmup:
        return settings.learning_rate * max(share / settings.warmup, 0.01)
    if settings.held is not None:
        divisions = max(0, math.floor(epochs) + 1 - settings.held.epochs)
        return settings.learning_rate / settings.held.divided_by**divisions
    fallen = (min(share, 1.0) - settings.warmup) / (1 - settings.warmup)
    return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * fallen)) / 2)


def make_step(
    network: Network, optimizer: Optimizer, towers: int, seed: int, precision: str = "float32"
) -> Callable[..., Tensor]:
    """Return the graph of one update: (inputs, targets, states, rate, update) -> (mean nats per token, states).

    The gradients of the towers are added. The optimizer must have the network's weights, in the network's order.
    """

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(x: Tensor, y: Tensor, states: Tensor, rate: Tensor, update: Tensor) -> tuple[Tensor, Tensor]:
        tokens = x.shape[0] * x.shape[1]

        with tf.GradientTape() as tape:
            forward = network.forward(tf.as_dtype(precision), (seed, update))
        layer = network.output_layer(tf.as_dtype(precision))
        parts = zip(range(towers), tf.split(x, towers), tf.split(y, towers), states, strict=True)
        by_tower = (_tower(forward, layer, *part, 1 / tokens) for part in parts)
        losses, d_inputs, d_embeddings, after = zip(*by_tower, strict=True)
        by_weight = zip(network.output_weights, *(loss.d_weights for loss in losses), strict=True)
        terms = {name: list(of_weight) for name, *of_weight in by_weight}
        if forward.embedding is not None:
            terms.setdefault(network.input_matrix, []).extend(d for (d,) in d_embeddings)
        d_sources = [total(of_source) for of_source in zip(*d_inputs, strict=True)]
        recurrent = {name: weight for name, weight in network.named_weights.items() if name not in terms}
        gradients = {name: total(of_weight) for name, of_weight in terms.items()}
        gradients |= tape.gradient(forward.sources, recurrent, output_gradients=d_sources)
        optimizer.apply([gradients[name] for name in network.named_weights], rate, update)
        return tf.add_n([loss.nats for loss in losses]) / tokens, after

    return step  # type: ignore[no-any-return]


def _tower(
    forward: Forward, layer: Dense, k: int, x: Tensor, y: Tensor, state: State, scale: float
) -> tuple[Loss, list[Tensor], list[Tensor], State]:
    """Return the loss of part ``k`` of the batch, ids x and y (B/towers, T), gradients of ``scale`` nats, the state.

    The gradients are those of the forward's sources, zero for one that was not used, and of its embedding, if any.
    """
    with tf.GradientTape() as tape:
        tape.watch(forward.sources)
        outputs, state = forward.window(tf.transpose(x), state, k)  # (T, B/towers, H)
    flat, targets = tf.reshape(outputs, (-1, outputs.shape[-1])), tf.reshape(tf.transpose(y), (-1,))
    loss = layer.loss(flat, targets, scale)
    d_outputs = tf.reshape(loss.d_outputs, outputs.shape)
    embedding = [] if forward.embedding is None else [forward.embedding]
    d_sources, d_embedding = tape.gradient(outputs, (forward.sources, embedding), d_outputs, "zero")
    return loss, d_sources, d_embedding, state


def total(terms: Sequence[Tensor]) -> Tensor:
    """Return the sum of gradients. Sparse ones (IndexedSlices of looked-up rows) are added row by row."""
    slices = [term for term in terms if isinstance(term, tf.IndexedSlices)]
    dense = [term for term in terms if not isinstance(term, tf.IndexedSlices)]
    if not slices:
        return tf.add_n(dense)
    rows, sparse = (tf.concat(parts, 0) for parts in zip(*((s.indices, s.values) for s in slices), strict=True))
    if not dense:
        return tf.math.unsorted_segment_sum(sparse, rows, slices[0].dense_shape[0])
    return tf.tensor_scatter_nd_add(tf.add_n(dense), rows[:, None], sparse)


def forget(states: Tensor, remembered: Bools) -> Tensor:
    """Return the states by tower, zero in all rows except the ``remembered`` ones (rows,)."""
    parts = zip(states, np.split(remembered.astype(np.float32)[:, None], len(states)), strict=True)
    return tuple(tf.nest.map_structure(lambda s, k=k: s * k, state) for state, k in parts)
