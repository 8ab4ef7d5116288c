"""One update of the network: forward, backward, and the optimizer, as a graph."""

from collections.abc import Callable, Sequence
from typing import Any

from toolkit.network.backend import Tensor, tf
from toolkit.network.dropout import Masks
from toolkit.network.optimizers import Optimizer
from toolkit.network.protocol import Network, State


def make_step(
    network: Network, optimizer: Optimizer, towers: int, seed: int, precision: str = "float32"
) -> Callable[..., Tensor]:
    """The graph of one update: (inputs, targets, states, rate, update) -> (mean nats per token, states).

    The batch is cut into towers, independent graphs that run in parallel; their gradients are added. The optimizer
    must have the network's weights, in the network's order.
    """

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(x: Tensor, y: Tensor, states: Tensor, rate: Tensor, update: Tensor) -> tuple[Tensor, Tensor]:
        masks = network.masks(seed, update)
        tokens = x.shape[0] * x.shape[1]
        parts = zip(range(towers), tf.split(x, towers), tf.split(y, towers), states, strict=True)
        by_tower = [tower(network, *part, masks, 1 / tokens, tf.as_dtype(precision)) for part in parts]
        nats, gradients, after = zip(*by_tower, strict=True)
        optimizer.apply([total([part[name] for part in gradients]) for name in network.named_weights], rate, update)
        return tf.add_n(nats) / tokens, after

    return step  # type: ignore[no-any-return]


def tower(
    network: Network, k: int, x: Tensor, y: Tensor, state: State, masks: Masks, scale: float, precision: Any
) -> tuple[Tensor, dict[str, list[Tensor]], State]:
    """Nats of a part of the batch, the terms of ``scale`` times their gradient by weight, and the new state."""
    with tf.GradientTape() as tape:
        outputs, state = network.forward(masks, k, precision).window(tf.transpose(x), state)  # (T, B/towers, H)
    flat, targets = tf.reshape(outputs, (-1, outputs.shape[-1])), tf.reshape(tf.transpose(y), (-1,))
    loss = network.dense(precision).loss(flat, targets, scale)
    gradients = tape.gradient(
        outputs, dict(network.named_weights), output_gradients=tf.reshape(loss.d_outputs, outputs.shape)
    )
    terms = {name: [gradient] for name, gradient in gradients.items() if gradient is not None}
    terms.setdefault(network.output_matrix, []).append(loss.d_matrix)
    terms[network.output_bias] = [loss.d_bias]
    return loss.nats, terms, state


def total(terms: Sequence[Sequence[Tensor]]) -> Tensor:
    """The sum of gradients; sparse ones (IndexedSlices of looked-up rows) are added row by row."""
    flat = [term for part in terms for term in part]
    slices = [term for term in flat if isinstance(term, tf.IndexedSlices)]
    dense = [term for term in flat if not isinstance(term, tf.IndexedSlices)]
    if not slices:
        return tf.add_n(dense)
    rows, values = (tf.concat(parts, 0) for parts in zip(*((s.indices, s.values) for s in slices), strict=True))
    if not dense:
        return tf.math.unsorted_segment_sum(values, rows, slices[0].dense_shape[0])
    return tf.tensor_scatter_nd_add(tf.add_n(dense), rows[:, None], values)
