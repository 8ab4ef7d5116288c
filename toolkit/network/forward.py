"""From ids to the outputs of the network's last core, with the weights as they are now, read and dropped once."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network.backend import State, Tensor, Tensors, tf
from toolkit.network.recurrent import LoopWeights, custom_gradient, project


@dataclass
class Forward(ABC):
    """A network's layers before the output, without it.

    ``embedding`` (V, H) is the matrix whose rows are the inputs, None where the first layer's kernel has them. In
    training, ``draw`` is a seed and the number of the update. They and the place alone determine the dropout masks.
    """

    settings: NetworkSettings
    layers: Sequence[Any]
    embedding: Tensor | None
    precision: Any
    draw: tuple[int, Tensor] | None
    # Computed from the layers' weights: the inputs of a window's gradient.
    sources: list[Tensor] = field(init=False)

    @abstractmethod
    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        """Return outputs (T, B, H) for ids (T, B), and the state after them; every ``<doc>`` forgets the state.

        Each ``tower``, a part of the batch, has its own masks of units.
        """

    def drop_units(self, units: Tensor, rate: float, place: str, steps: int = 0) -> Tensor:
        """Drop units (T, B, H) in training, the same ones in all steps of a row (Gal & Ghahramani 2016).

        ``steps`` is the axis of T.
        """
        shape = [1 if axis == steps else size for axis, size in enumerate(units.shape)]
        return units * self.mask(shape, rate, place) if self.draw and rate else units

    def mask(self, shape: Sequence[int], rate: float, place: str) -> Tensor:
        """Return a mask of 0 and 1/(1 − rate)."""
        assert self.draw
        seed, update = self.draw
        key = tf.stack([tf.cast(seed * 0x10001 + zlib.crc32(place.encode()) % 0x10000, tf.int64), update])
        return tf.cast(tf.random.stateless_uniform(shape, key) >= rate, tf.float32) / (1 - rate)


@dataclass
class RecurrentForward(Forward):
    """The recurrent layers."""

    def __post_init__(self) -> None:
        self.weights = [layer.loop_weights() for layer in self.layers]
        if self.draw and self.settings.recurrent_dropout:
            self.weights = [self._dropped(weights, number) for number, weights in enumerate(self.weights)]
        first = self.weights[0]
        # (V, G): the projected one-hot inputs.
        self.rows = first.kernel + first.bias if self.embedding is None else None
        self.sources = [tensor for tensor in tf.nest.flatten([self.weights, self.rows]) if tensor is not None]

    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        keep = tf.cast(tf.not_equal(ids, DOC), tf.float32)[..., None]
        projected = self._projected_inputs(ids, tower)
        after: list[Tensors] = []
        for number, (layer, weights, first) in enumerate(zip(self.layers, self.weights, state, strict=True)):
            training = self.draw is not None
            outputs, last = layer.run(projected, keep, weights, first, training=training)
            after.append(last)
            outputs = self.drop_units(outputs, self.settings.dropout, f"outputs {number} {tower}")
            if number + 1 < len(self.layers):
                projected = project(outputs, self.weights[number + 1], self.precision)
        return tf.reshape(outputs, (*ids.shape, outputs.shape[-1])), tuple(after)

    def _projected_inputs(self, ids: Tensor, tower: int) -> Tensor:
        """Return the projected inputs (T, B, G) of the first layer for ``ids`` (T, B)."""
        if self.embedding is None:
            return _rows(self.rows, ids)
        drops = self.draw and self.settings.input_dropout
        if self.embedding.shape[0] <= np.prod(ids.shape) and not drops:  # each id once, not each occurrence
            return _rows(project(self.embedding[None], self.weights[0], self.precision)[0], ids)
        inputs = self.drop_units(tf.gather(self.embedding, ids), self.settings.input_dropout, f"inputs {tower}")
        return project(inputs, self.weights[0], self.precision)

    def _dropped(self, weights: LoopWeights, layer: int) -> LoopWeights:
        """Drop recurrent weights (Merity, Keskar & Socher 2018); an LSTM's mask has its gates as i, f, o, g."""
        U, *bias = weights.recurrent
        mask = self.mask(tuple(U.shape), self.settings.recurrent_dropout, f"recurrent {layer}")
        gates = tf.split(mask, U.shape[1] // U.shape[0], 1)
        return weights._replace(recurrent=(U * tf.concat([*gates[:2], *reversed(gates[2:])], 1), *bias))


def _rows(table: Tensor, ids: Tensor) -> Tensor:
    """Return rows (T, B, G) of a table (V, G). Gradients are added in the order of ids, which is faster."""

    @custom_gradient
    def rows(table: Tensor) -> tuple[Tensor, Any]:
        def gradient(d_rows: Tensor) -> Tensor:
            size, width = table.shape
            flat = tf.reshape(ids, (-1,))
            order = tf.argsort(flat, stable=True)
            data, segments = tf.reshape(d_rows, (-1, width)), tf.gather(flat, order)
            return tf.sparse.segment_sum(data, order, segments, num_segments=size)

        return tf.gather(table, ids), gradient

    return rows(table)
