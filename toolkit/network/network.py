"""A network with recurrent layers: embedding or one-hot -> LSTM or GRU layers -> dense softmax."""

import re
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network import CELLS
from toolkit.network.backend import Tensor, tf
from toolkit.network.dense import Dense
from toolkit.network.dropout import Masks
from toolkit.network.loops import product
from toolkit.network.protocol import Array, Arrays, Cell, State
from toolkit.network.stepper import NumpyStepper

NEVER = -1e9  # the logit of an id that training never shows: its softmax is 0


class RecurrentNetwork:
    """A ``Network`` of layers of one cell, and its weights by name.

    ``embedding`` (V, E) with ``kernel_0`` (E, G), or, for one-hot input, ``kernel_0`` (V, G) whose rows are the inputs;
    ``kernel_l`` (H, G), ``recurrent_l`` (H, G), ``bias_l`` (G), and any others that the cell has, with G = gates · H;
    ``output`` (H, V), unless it is the transposed embedding; ``output_bias`` (V).
    """

    def __init__(
        self, settings: NetworkSettings, trained: npt.NDArray[np.bool_], *, one_hot: bool, seed: int = 0
    ) -> None:
        settings.check(one_hot=one_hot)
        self.settings, self.trained, self.one_hot = settings, trained, one_hot
        self.cell: Cell = CELLS.make(settings.cell)
        self.tied = settings.tied and not one_hot
        self.graphs: dict[Any, Tensor] = {}
        self._never = tf.constant(np.where(trained, 0, NEVER).astype(np.float32))  # (V,)
        self.weights: dict[str, Tensor] = {
            name: tf.Variable(self.initial_weights(name, shape, seed), name=name)
            for name, shape in self.shapes().items()
        }
        inputs = self.weights[self.input_matrix]
        inputs.assign(np.where(trained[:, None], inputs.numpy(), 0))  # rows that are never trained are 0

    def copy(self) -> "RecurrentNetwork":
        """Another network with the same weights."""
        other = RecurrentNetwork(self.settings, self.trained, one_hot=self.one_hot)
        other.assign(self.arrays())
        return other

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The weights' shapes by name."""
        V, E, H = self.vocabulary_size, self.settings.embedded, self.settings.units
        shapes: dict[str, tuple[int, ...]] = {} if self.one_hot else {"embedding": (V, E)}
        for layer in range(self.settings.layers):
            inputs = H if layer else (V if self.one_hot else E)
            shapes |= {f"{name}_{layer}": shape for name, shape in self.cell.shapes(inputs, H).items()}
        if not self.tied:
            shapes["output"] = (H, V)
        return shapes | {"output_bias": (V,)}

    def initial_weights(self, name: str, shape: tuple[int, ...], seed: int) -> npt.NDArray[Any]:
        """Weights before training, as Keras draws them: Glorot, orthogonal; the embedding uniform ±0.05.

        Or all are uniform within ± ``initial_range``. Each is drawn from (seed, name). Unlike in Keras, the input
        matrix of one-hot inputs has variance 1: a gate gets one of its rows, not a sum of V terms as Glorot's rule
        assumes, so with that rule all characters would start nearly alike.
        """
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        kind = re.sub(r"_\d+$", "", name)
        if (within := self.settings.initial_range) is not None:
            return rng.uniform(-within, within, shape).astype(np.float32)
        if kind == "output_bias":
            return np.zeros(shape, np.float32)
        if kind.endswith("bias"):
            return self.cell.initial_bias(kind, self.settings.units)
        if kind == "recurrent":
            q, r = np.linalg.qr(rng.normal(size=(shape[1], shape[0])))
            return np.ascontiguousarray((q * np.sign(np.diag(r))).T, np.float32)
        if kind == "embedding":
            limit = 0.05
        elif self.one_hot and name == "kernel_0":
            limit = np.sqrt(3)
        else:
            limit = np.sqrt(6 / sum(shape))
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    @property
    def vocabulary_size(self) -> int:
        """V, the number of ids."""
        return len(self.trained)

    @property
    def input_matrix(self) -> str:
        """The name of the matrix whose rows are the inputs of the ids."""
        return "kernel_0" if self.one_hot else "embedding"

    @property
    def output_matrix(self) -> str:
        """The name of the matrix that turns outputs into logits."""
        return "embedding" if self.tied else "output"

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    @property
    def embedding_parameters(self) -> int:
        """How many of them are in the embedding or, for one-hot input, in the input matrix."""
        return int(np.prod(self.shapes()[self.input_matrix]))

    def state_names(self) -> list[tuple[str, ...]]:
        """The names of the state's arrays, by layer."""
        return [self.cell.state] * self.settings.layers

    def initial(self, rows: int) -> State:
        """The zero state."""
        return tuple(tuple(tf.zeros((rows, self.settings.units)) for _ in names) for names in self.state_names())

    def masks(self, seed: int, update: Tensor) -> Masks:
        """The dropout masks of one update."""
        return Masks(seed, update, self.settings)

    def layer(self, number: int) -> dict[str, Tensor]:
        """A layer's weights by the cell's names."""
        return {name: self.weights[f"{name}_{number}"] for name in self.cell.shapes(1, 1)}

    def hidden(
        self, ids: Tensor, state: State, masks: Masks | None = None, tower: int = 0, precision: Any = tf.float32
    ) -> tuple[Tensor, State]:
        """The last layer's outputs (T, B, H) for inputs ``ids`` (T, B), and the state after them.

        The state is forgotten at every ``<doc>``. Only products are in ``precision``.
        """
        keep = tf.cast(tf.not_equal(ids, DOC), tf.float32)[..., None]  # (T, B, 1)
        inputs: Callable[[], Tensor] = partial(self._inputs, ids, masks, tower)
        projected: Callable[[], Tensor] = partial(self._projected_inputs, ids, masks, tower, precision)
        after: list[tuple[Tensor, ...]] = []
        for layer, before in enumerate(state):
            weights = self.layer(layer)
            U = weights["recurrent"]
            weights["recurrent"] = masks.recurrent(U, layer) if masks else tf.identity(U)
            hs, last = self.cell.run(inputs, projected, keep, weights, before, precision)
            after.append(last)
            outputs = masks.outputs(hs, layer, tower) if masks else hs  # (T, B, H)
            inputs, projected = partial(tf.identity, outputs), partial(self._project, outputs, layer + 1, precision)
        return tf.reshape(outputs, (*ids.shape, self.settings.units)), tuple(after)

    def _inputs(self, ids: Tensor, masks: Masks | None, tower: int) -> Tensor:
        """Inputs (T, B, I) of the first layer for ``ids`` (T, B)."""
        if self.one_hot:
            return tf.one_hot(ids, self.vocabulary_size)
        embedded = tf.gather(self.weights["embedding"], ids)  # (T, B, E)
        return masks.inputs(embedded, tower) if masks else embedded

    def _projected_inputs(self, ids: Tensor, masks: Masks | None, tower: int, precision: Any) -> Tensor:
        """Projected inputs (T, B, G) of the first layer for ``ids`` (T, B)."""
        dropped = masks is not None and self.settings.input_dropout > 0
        if self.one_hot:
            return tf.gather(self.weights["kernel_0"] + self.weights["bias_0"], ids)
        if self.vocabulary_size <= np.prod(ids.shape) and not dropped:  # each id once, not each occurrence
            return tf.gather(self._project(self.weights["embedding"][None], 0, precision)[0], ids)
        return self._project(self._inputs(ids, masks, tower), 0, precision)

    def _project(self, inputs: Tensor, layer: int, precision: Any) -> Tensor:
        """Inputs (T, B, I) of a layer times its kernel, plus its bias: (T, B, G), in one product."""
        steps, rows, width = inputs.shape
        flat = product(tf.reshape(inputs, (steps * rows, width)), self.weights[f"kernel_{layer}"], precision)
        biased = tf.nn.bias_add(flat, self.weights[f"bias_{layer}"])
        return tf.reshape(biased, (steps, rows, self.cell.gates * self.settings.units))

    def advance(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """The last layer's outputs (B, H) for one input each, ``ids`` (B,), and the state after it.

        The same as one step of ``hidden``, without its loop. Either no id is ``<doc>`` or the state must be zero.
        """
        after: list[tuple[Tensor, ...]] = []
        outputs = tf.gather(self.weights[self.input_matrix], ids)
        for number, before in enumerate(state):
            weights = self.layer(number)
            projected = outputs if self.one_hot and number == 0 else tf.matmul(outputs, weights["kernel"])
            after.append(self.cell.advance(projected + weights["bias"], weights, before))
            outputs = after[-1][0]
        return outputs, tuple(after)

    def dense(self, precision: Any = tf.float32) -> Dense:
        """The dense layer; logits of ids that training never shows are so low that their softmax is 0."""
        bias = self.weights["output_bias"] + self._never
        return Dense(tf.identity(self.weights[self.output_matrix]), bias, self.tied, precision)

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""
        return self.dense().logits(outputs)

    def stepper(self) -> NumpyStepper:
        """A copy of the network as it is now, one event at a time."""
        return NumpyStepper(self.cell, self.settings, self.arrays(), one_hot=self.one_hot)

    def arrays(self) -> Arrays:
        """The weights as numpy arrays."""
        return {name: variable.numpy() for name, variable in self.weights.items()}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Set the weights. Raises ValueError if names or shapes differ."""
        if {name: array.shape for name, array in arrays.items()} != self.shapes():
            raise ValueError(f"weights are {sorted(arrays)}, expected {self.shapes()}")
        for name, variable in self.weights.items():
            variable.assign(arrays[name])
