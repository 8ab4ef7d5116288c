"""The forward pass of a network, for training, scoring and sampling alike: a window of a batch, or a single step."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from toolkit.events.encoding import DOC
from toolkit.network.backend import State, Tensor, tf
from toolkit.network.dropout import Masks
from toolkit.network.gradients import own_gradient
from toolkit.network.recurrent import Recurrent, project


class Forward:
    """From ids to the last recurrent layer's outputs, with weights read and dropped once.

    ``embedding`` (V, E) has the inputs of the ids as its rows; without it they are one-hot. Only products are in
    ``precision``; ``masks`` drop weights and units in training.
    """

    def __init__(
        self, layers: Sequence[Recurrent], embedding: Tensor | None, masks: Masks | None, precision: Any
    ) -> None:
        self.layers, self.embedding, self.masks, self.precision = layers, embedding, masks, precision
        self.weights = [layer.loop_weights() for layer in layers]
        if masks:
            self.weights = [
                weights._replace(recurrent=masks.recurrent(weights.recurrent, number))
                for number, weights in enumerate(self.weights)
            ]
        first = self.weights[0]
        self.rows = first.kernel + first.bias if embedding is None else None  # (V, G): a one-hot input's projection

    @property
    def sources(self) -> list[Tensor]:
        """All tensors that were computed from the layers' weights: what a window is computed from."""
        return [tensor for tensor in tf.nest.flatten([self.weights, self.rows]) if tensor is not None]

    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        """Outputs (T, B, H) for ids (T, B), and the state after them; at every ``<doc>`` the state is forgotten.

        Units are dropped by masks of the ``tower``, which is a part of the batch.
        """
        return self._run(ids, state, tf.cast(tf.not_equal(ids, DOC), tf.float32)[..., None], tower)

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Outputs (B, H) for one id each, ``ids`` (B,), and the state after it.

        Either no id is ``<doc>`` or the state must be zero.
        """
        outputs, after = self._run(ids[None], state, None, 0)
        return outputs[0], after

    def _run(self, ids: Tensor, state: State, keep: Tensor | None, tower: int) -> tuple[Tensor, State]:
        """Outputs (T, B, H) for ids (T, B), and the state after them; ``keep`` as for a layer."""
        projected = self._projected_inputs(ids, tower)
        after: list[tuple[Tensor, ...]] = []
        for number, (layer, weights, before) in enumerate(zip(self.layers, self.weights, state, strict=True)):
            training = self.masks is not None
            hs, last = layer.run(projected, keep, weights, before, self.precision, training=training)
            after.append(last)
            outputs = self.masks.outputs(hs, number, tower) if self.masks else hs  # (T, B, H)
            if number + 1 < len(self.layers):
                projected = project(outputs, self.weights[number + 1], self.precision)
        return tf.reshape(outputs, (*ids.shape, outputs.shape[-1])), tuple(after)

    def _projected_inputs(self, ids: Tensor, tower: int) -> Tensor:
        """Projected inputs (T, B, G) of the first layer for ``ids`` (T, B)."""
        if self.embedding is None:
            return looked_up(self.rows, ids)
        dropped = self.masks is not None and self.masks.settings.input_dropout > 0
        if self.embedding.shape[0] <= np.prod(ids.shape) and not dropped:  # each id once, not each occurrence
            return looked_up(project(self.embedding[None], self.weights[0], self.precision)[0], ids)
        embedded = tf.gather(self.embedding, ids)  # (T, B, E)
        inputs = self.masks.inputs(embedded, tower) if self.masks else embedded
        return project(inputs, self.weights[0], self.precision)


def looked_up(table: Tensor, ids: Tensor) -> Tensor:
    """Rows (T, B, G) of a table (V, G); the gradients of a row are added in the order of ids.

    TensorFlow's own gradient adds them in the order of places, which takes a third longer in a window of training.
    """

    @own_gradient
    def rows(table: Tensor) -> tuple[Tensor, Any]:
        def gradient(d_rows: Tensor) -> Tensor:
            size, width = table.shape
            flat = tf.reshape(ids, (-1,))
            order = tf.argsort(flat, stable=True)
            return tf.raw_ops.SparseSegmentSumWithNumSegments(
                data=tf.reshape(d_rows, (-1, width)),
                indices=order,
                segment_ids=tf.gather(flat, order),
                num_segments=size,
            )

        return tf.gather(table, ids), gradient

    return rows(table)
