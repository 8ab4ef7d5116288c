"""The recurrent layers and what lies between them: Keras weights, with a fast recurrence for the LSTM.

Inputs and outputs are (T, B, width): time first.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from toolkit.article.recipe import Between, Cell
from toolkit.network.backend import Tensor, tf
from toolkit.network.lstm import recurrence

State = tuple[Tensor, ...]


class Recurrent(Protocol):
    """A recurrent layer."""

    @property
    def variables(self) -> Sequence[Tensor]:
        """Keras' trainable variables."""
        ...

    def initial(self, rows: int) -> State:
        """The zero state."""
        ...

    def __call__(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Outputs (T, B, H) of inputs (T, B, I), and the state after them."""
        ...


def initializers(seed: int) -> dict[str, Tensor]:
    """Keras initializers, drawn from the seed: glorot for inputs, orthogonal for the recurrence."""
    return {
        "kernel_initializer": tf.keras.initializers.GlorotUniform(seed=2 * seed),
        "recurrent_initializer": tf.keras.initializers.Orthogonal(seed=2 * seed + 1),
    }


class LSTM:
    """``keras.layers.LSTM`` with its own weights; computes the same, faster."""

    def __init__(self, width: int, units: int, seed: int) -> None:
        self.units = units
        self.layer = tf.keras.layers.LSTM(units, use_cudnn=False, **initializers(seed))
        self.layer.build((None, None, width))

    @property
    def variables(self) -> Sequence[Tensor]:
        """Kernel (I, 4H), recurrent kernel (H, 4H), bias (4H)."""
        return self.layer.trainable_variables  # type: ignore[no-any-return]

    def initial(self, rows: int) -> State:
        """Hidden and cell state of zeros (rows, H)."""
        return tf.zeros((rows, self.units)), tf.zeros((rows, self.units))

    def __call__(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Outputs (T, B, H) and the hidden and cell state (B, H)."""
        steps, rows, width = inputs.shape
        kernel, recurrent, bias = (gates_reordered(variable.value) for variable in self.variables)
        flat = tf.matmul(tf.reshape(inputs, (steps * rows, width)), kernel) + bias
        projected = tf.reshape(flat, (steps, rows, 4 * self.units))
        outputs, *after = recurrence(projected, tf.ones((steps, rows, 1)), recurrent, *state)
        return tf.reshape(outputs, (steps, rows, self.units)), tuple(after)


def gates_reordered(weights: Tensor) -> Tensor:
    """Gates in Keras order i, f, g, o (…, 4H), reordered for the recurrence: i, f, o, g."""
    i, f, g, o = tf.split(weights, 4, -1)
    return tf.concat([i, f, o, g], -1)


class GRU:
    """``keras.layers.GRU``."""

    def __init__(self, width: int, units: int, seed: int) -> None:
        self.units = units
        self.layer = tf.keras.layers.GRU(
            units, return_sequences=True, return_state=True, use_cudnn=False, **initializers(seed)
        )
        self.layer.build((None, None, width))

    @property
    def variables(self) -> Sequence[Tensor]:
        """Kernel (I, 3H), recurrent kernel (H, 3H), bias (2, 3H)."""
        return self.layer.trainable_variables  # type: ignore[no-any-return]

    def initial(self, rows: int) -> State:
        """The hidden state of zeros (rows, H)."""
        return (tf.zeros((rows, self.units)),)

    def __call__(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Outputs (T, B, H) and the hidden state (B, H)."""
        outputs, after = self.layer(tf.transpose(inputs, (1, 0, 2)), initial_state=list(state))
        return tf.transpose(outputs, (1, 0, 2)), (after,)


CELLS: dict[Cell, Callable[[int, int, int], Recurrent]] = {Cell.LSTM: LSTM, Cell.GRU: GRU}


def normalisation(between: Between, units: int) -> Tensor:
    """The Keras layer between the recurrent layers, called with inputs and ``training``."""
    kinds = {
        Between.NOTHING: tf.keras.layers.Identity,
        Between.BATCH: tf.keras.layers.BatchNormalization,
        Between.LAYER: tf.keras.layers.LayerNormalization,
    }
    layer = kinds[between]()
    layer.build((None, None, units))
    return layer
