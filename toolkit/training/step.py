"""One update of the network: forward, backward, and the optimizer, as a graph."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from toolkit.network.backend import State, Tensor, tf
from toolkit.network.dense import Loss, OutputLayer
from toolkit.network.forward import Forward
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import Optimizer


def make_step(
    network: RecurrentNetwork,
    optimizer: Optimizer,
    towers: int,
    seed: int,
    precision: str = "float32",
) -> Callable[..., Tensor]:
    """The graph of one update: (inputs, targets, states, rate, update) -> (mean nats per token, states).

    The batch is cut into towers, independent graphs that run in parallel; their gradients are added. The optimizer must
    have the network's weights, in the network's order.
    """

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(x: Tensor, y: Tensor, states: Tensor, rate: Tensor, update: Tensor) -> tuple[Tensor, Tensor]:
        tokens = x.shape[0] * x.shape[1]

        with tf.GradientTape() as tape:
            forward = network.forward(network.masks(seed, update), tf.as_dtype(precision))
        layer = network.output_layer(tf.as_dtype(precision))
        parts = zip(range(towers), tf.split(x, towers), tf.split(y, towers), states, strict=True)
        by_tower = [tower(forward, layer, *part, 1 / tokens) for part in parts]
        by_weight = zip(network.output_weights, *(part.loss.d_weights for part in by_tower), strict=True)
        terms = {name: list(of_weight) for name, *of_weight in by_weight}
        if forward.embedding is not None:
            terms.setdefault(network.input_matrix, []).extend(part.d_embedding for part in by_tower)
        by_tensor = zip(forward.sources, *(part.d_sources for part in by_tower), strict=True)
        sources, d_sources = zip(*((tensor, total(d)) for tensor, *d in by_tensor if d[0] is not None), strict=True)
        recurrent = {name: weight for name, weight in network.named_weights.items() if name not in terms}
        gradients = {name: total(of_weight) for name, of_weight in terms.items()}
        gradients |= tape.gradient(sources, recurrent, output_gradients=d_sources)
        optimizer.apply([gradients[name] for name in network.named_weights], rate, update)
        return tf.add_n([part.loss.nats for part in by_tower]) / tokens, tuple(part.state for part in by_tower)

    return step  # type: ignore[no-any-return]


class Tower(NamedTuple):
    """What a part of the batch gives: its loss, the gradients of what its window is computed from, and the state."""

    loss: Loss
    d_sources: list[Tensor]  # None for a tensor that was not used
    d_embedding: Tensor | None
    state: State


def tower(forward: Forward, layer: OutputLayer, k: int, x: Tensor, y: Tensor, state: State, scale: float) -> Tower:
    """Part ``k`` of the batch, ids x and y (B/towers, T): nats, and the gradients of ``scale`` times them."""
    sources = forward.sources
    with tf.GradientTape() as tape:
        tape.watch(sources)
        outputs, state = forward.window(tf.transpose(x), state, k)  # (T, B/towers, H)
    flat, targets = tf.reshape(outputs, (-1, outputs.shape[-1])), tf.reshape(tf.transpose(y), (-1,))
    loss = layer.loss(flat, targets, scale)
    d_outputs = tf.reshape(loss.d_outputs, outputs.shape)
    embedding = [] if forward.embedding is None else [forward.embedding]
    gradients = tape.gradient(outputs, [*sources, *embedding], output_gradients=d_outputs)
    return Tower(loss, gradients[: len(sources)], gradients[-1] if embedding else None, state)


def total(terms: Sequence[Tensor]) -> Tensor:
    """The sum of gradients; sparse ones (IndexedSlices of looked-up rows) are added row by row."""
    slices = [term for term in terms if isinstance(term, tf.IndexedSlices)]
    dense = [term for term in terms if not isinstance(term, tf.IndexedSlices)]
    if not slices:
        return tf.add_n(dense)
    rows, values = (tf.concat(parts, 0) for parts in zip(*((s.indices, s.values) for s in slices), strict=True))
    if not dense:
        return tf.math.unsorted_segment_sum(values, rows, slices[0].dense_shape[0])
    return tf.tensor_scatter_nd_add(tf.add_n(dense), rows[:, None], values)
