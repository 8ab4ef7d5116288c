"""A decoder-only transformer whose every token attends to itself and the ``memory`` tokens before it.

A block has attention with ALiBi (Press, Smith & Lewis 2022) and an inner layer with squared ReLU (So et al. 2021), each
after a normalisation (RMSNorm without weights) and added to its input:

    x = x + softmax(q·kᵀ / √D − slope · distance) · v · W_out,   q, k, v = norm(x) · W_qkv
    x = x + relu(norm(x) · W_up)² · W_down

The state is the keys and values of the last ``memory`` tokens of the document, as in Transformer-XL (Dai et al. 2019).
So windows of any length, and steps of one token, see the same past, and a document may be longer than a window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from toolkit.events.distribution import Floats, Matrix, exact_product, rms_norm, softmax
from toolkit.events.encoding import DOC
from toolkit.network.backend import State, Tensor, Tensors, keras, tf
from toolkit.network.forward import Forward
from toolkit.network.recurrent import Vectors, product


class Block(keras.layers.Layer):  # type: ignore[misc]  # Keras publishes no types
    """Attention and an inner layer four times as wide: (B, T, H) -> (B, T, H), each row a document from its start.

    ``initializers`` are those of the matrices that ``starts`` names. A head has ``units // heads`` numbers.
    """

    starts: ClassVar[dict[str, list[Any]]] = {
        "qkv": [keras.initializers.GlorotUniform],
        "out": [keras.initializers.RandomUniform, 0.0, 0.0],  # a new block changes nothing
        "up": [keras.initializers.GlorotUniform],
        "down": [keras.initializers.RandomUniform, 0.0, 0.0],
    }

    def __init__(self, units: int, heads: int, memory: int, initializers: dict[str, Any], **named: Any) -> None:
        super().__init__(**named)
        self.units, self.heads, self.memory, self.initializers = units, heads, memory, initializers
        self.width = heads * (units // heads)  # of the keys of all heads
        self.state_widths = [2 * memory * self.width, 1]  # keys and values, and how many tokens have them

    def build(self, _: Any) -> None:
        """Make the matrices."""
        shapes = [(self.units, 3 * self.width), (self.width, self.units)]
        shapes += [(self.units, 4 * self.units), (4 * self.units, self.units)]
        self.matrices = [
            self.add_weight(shape, initializer=self.initializers[name], name=name)
            for name, shape in zip(self.starts, shapes, strict=True)
        ]

    def call(self, x: Any) -> Any:
        """Return the outputs, with nothing before the first token."""
        rows, steps = tf.unstack(tf.shape(x)[:2])
        kept, length = (tf.zeros((rows, width)) for width in self.state_widths)
        bias, _ = attention_bias(tf.zeros((rows, steps), bool), length, self.memory, self.heads)
        return self.read(x, self.matrices, kept, bias)[0]

    def read(
        self,
        x: Tensor,
        matrices: Sequence[Tensor],
        kept: Tensor,
        bias: Tensor,
        drop: Callable[[Tensor, str], Tensor] = lambda tensor, _: tensor,
        precision: Any = tf.float32,
    ) -> tuple[Tensor, Tensor]:
        """Return outputs (B, T, H) of inputs and the keys and values to keep, given those kept and ``attention_bias``.

        ``drop`` drops units of what is added to the inputs, in a place with a name.
        """
        rows, steps = (tf.shape(x)[axis] if size is None else size for axis, size in enumerate(x.shape[:2]))

        def times(x: Tensor, matrix: Tensor) -> Tensor:
            flat = product(tf.reshape(x, (-1, matrix.shape[0])), matrix, precision)
            return tf.reshape(flat, (rows, steps, matrix.shape[1]))

        def by_head(x: Tensor) -> Tensor:
            return tf.transpose(tf.reshape(x, (rows, -1, self.heads, self.width // self.heads)), (0, 2, 1, 3))

        qkv, out, up, down = matrices
        q, *new = tf.split(times(normed(x), qkv), 3, -1)
        old = tf.unstack(tf.reshape(kept, (rows, 2, self.memory, self.width)), axis=1)
        keys, values = (tf.concat(pair, 1) for pair in zip(old, new, strict=True))
        scale = (self.width // self.heads) ** -0.5
        shares = tf.nn.softmax(tf.matmul(by_head(q * scale), by_head(keys), transpose_b=True) + bias)
        mixed = tf.transpose(tf.matmul(shares, by_head(values)), (0, 2, 1, 3))
        x += drop(times(tf.reshape(mixed, (rows, steps, self.width)), out), "attention")
        x += drop(times(tf.nn.relu(times(normed(x), up)) ** 2, down), "inner")
        after = tf.stack([keys[:, steps:], values[:, steps:]], 1)
        return x, tf.reshape(after, (rows, self.state_widths[0]))

    def numpy_weights(self, matrix: type[Matrix], largest: float | None) -> list[Matrix]:  # noqa: ARG002 - no input is too large
        """Return the matrices for ``numpy_step``."""
        return [matrix(weights.numpy()) for weights in self.matrices]

    def numpy_state(self) -> Vectors:
        """Return no output, and no keys and values."""
        nothing = np.empty((0, self.width))
        return np.zeros(self.units), nothing, nothing

    def numpy_step(self, x: Floats, matrices: Sequence[Matrix], state: Vectors) -> Vectors:
        """Return output (H,), keys and values (n, width) after one token, given those before it."""
        qkv, out, up, down = matrices
        size = self.width // self.heads
        q, *new = np.split(qkv.scaled_product(rms_norm(x)), 3)
        keys, values = (
            np.vstack([old, row])[-self.memory - 1 :] for old, row in zip(state[1:], new, strict=True)
        )
        distances = np.arange(len(keys) - 1, -1, -1)
        mixed = []
        for head, slope in enumerate(slopes(self.heads)):
            part = slice(head * size, (head + 1) * size)
            logits = exact_product(keys[:, part], q[part]) * size**-0.5 - slope * distances
            mixed.append(exact_product(softmax(logits), values[:, part]))
        x = x + out.scaled_product(np.concatenate(mixed))
        x = x + down.scaled_product(np.maximum(up.scaled_product(rms_norm(x)), 0) ** 2)
        return x, keys, values


@dataclass
class TransformerForward(Forward):
    """A transformer's blocks. Its embedding is normalised, and so are its outputs."""

    def __post_init__(self) -> None:
        self.matrices = [list(map(tf.identity, block.matrices)) for block in self.layers]
        self.sources = tf.nest.flatten(self.matrices)

    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        rates, ids = self.settings, tf.transpose(ids)
        x = normed(tf.gather(self.embedding, ids))
        x = self.drop_units(x, rates.input_dropout, f"inputs {tower}", steps=1)
        bias, length = attention_bias(tf.equal(ids, DOC), state[0][1], rates.memory, rates.heads)
        after: list[Tensors] = []
        for number, (block, matrices, (kept, _)) in enumerate(
            zip(self.layers, self.matrices, state, strict=True)
        ):

            def drop(units: Tensor, place: str, number: int = number) -> Tensor:
                return self.drop_units(units, rates.dropout, f"{place} {number} {tower}", steps=1)

            x, kept = block.read(x, matrices, kept, bias, drop, self.precision)
            after.append((kept, length))
        return tf.transpose(normed(x), (1, 0, 2)), tuple(after)


def attention_bias(starts: Tensor, length: Tensor, memory: int, heads: int) -> tuple[Tensor, Tensor]:
    """Return the bias (B, heads, T, memory + T) of attention and the tokens (B, 1) that are kept after a window.

    ``starts`` (B, T) are the tokens that begin a document, ``length`` (B, 1) the tokens that are kept before.
    """
    steps = tf.shape(starts)[1]
    places, begun = tf.range(-memory, steps), tf.cumsum(tf.cast(starts, tf.int32), 1)
    distances = tf.range(steps)[:, None] - places  # (T, memory + T)
    kept = tf.cast(places[:memory], tf.float32) >= -length  # (B, memory)
    documents = tf.concat([tf.where(kept, 0, -1), begun], 1)  # of each place; -1 without a token
    seen = (begun[..., None] == documents[:, None]) & (distances >= 0) & (distances <= memory)
    slope = tf.constant(slopes(heads), tf.float32)[:, None, None]
    bias = tf.where(seen[:, None], -slope * tf.cast(distances, tf.float32), tf.float32.min / 2)
    of_last = tf.cast(documents == begun[:, -1:], tf.float32)
    return bias, tf.minimum(tf.reduce_sum(of_last, 1, keepdims=True), memory)


def slopes(heads: int) -> list[float]:
    """Return by how much a step of distance lowers the logits of each head.

    >>> slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    return [2.0 ** (-8 * (head + 1) / heads) for head in range(heads)]


def normed(x: Tensor) -> Tensor:
    """Return vectors (…, H) of length √H."""
    return tf.math.l2_normalize(x, -1) * x.shape[-1] ** 0.5
