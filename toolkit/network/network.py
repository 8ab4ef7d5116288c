"""The one network, from its settings and a vocabulary: embedding or one-hot -> LSTM layers -> dense softmax."""

import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network import cudnn
from toolkit.network.backend import Tensor, tf
from toolkit.network.dense import Dense
from toolkit.network.lstm import cell, initial, product, recurrence

NEVER = -1e9  # the logit of an id that training never shows: its softmax is 0
State = tuple[tuple[Tensor, Tensor], ...]  # per layer: hidden, cell (rows, units)


class Masks:
    """Dropout masks of one update: scaled by 1/(1 − rate), drawn from (seed, update, place) and nothing else."""

    def __init__(self, seed: int, update: Tensor, settings: NetworkSettings) -> None:
        self.seed, self.update, self.settings = seed, update, settings

    def mask(self, shape: tuple[int, ...], rate: float, place: str) -> Tensor:
        """A mask of 0 and 1/(1 − rate)."""
        key = tf.stack([tf.cast(self.seed * 0x10001 + zlib.crc32(place.encode()) % 0x10000, tf.int64), self.update])
        kept = tf.random.stateless_uniform(shape, key) >= rate
        return tf.cast(kept, tf.float32) / (1 - rate)

    def inputs(self, embedded: Tensor, tower: int) -> Tensor:
        """Drops coordinates of the embedded inputs (T, B, E): the same ones in all steps of a row."""
        return self._locked(embedded, self.settings.input_dropout, f"inputs {tower}")

    def outputs(self, hidden: Tensor, layer: int, tower: int) -> Tensor:
        """Drops units of a layer's outputs (T, B, H): the same ones in all steps of a row (Gal & Ghahramani 2016)."""
        return self._locked(hidden, self.settings.dropout, f"outputs {layer} {tower}")

    def _locked(self, values: Tensor, rate: float, place: str) -> Tensor:
        return values * self.mask((1, *values.shape[1:]), rate, place) if rate else values

    def recurrent(self, U: Tensor, layer: int) -> Tensor:
        """Drops recurrent weights (H, 4H) (Merity, Keskar & Socher 2018)."""
        rate = self.settings.recurrent_dropout
        return U * self.mask(tuple(U.shape), rate, f"recurrent {layer}") if rate else U


class Network:
    """The network and its weights, by name.

    ``embedding`` (V, E) with ``kernel_0`` (E, 4H), or, for one-hot input, ``kernel_0`` (V, 4H) whose row is the input;
    ``kernel_l`` (H, 4H), ``recurrent_l`` (H, 4H), ``bias_l`` (4H); ``output`` (H, V) unless it is the embedding
    transposed; ``output_bias`` (V). Gates are ordered i, f, o, g.
    """

    def __init__(
        self, settings: NetworkSettings, trained: npt.NDArray[np.bool_], *, one_hot: bool, seed: int = 0
    ) -> None:
        settings.check(one_hot=one_hot)
        self.settings = settings
        self.one_hot = one_hot
        self.tied = settings.tied and not one_hot
        self.vocabulary_size = len(trained)
        self.graphs: dict[Any, Tensor] = {}  # made once per network and shape by those who score, step and sample
        self._never = tf.constant(np.where(trained, 0, NEVER).astype(np.float32))  # (V,)
        self.weights = {
            name: tf.Variable(initial_weights(name, shape, seed, settings.initial_range, one_hot=one_hot), name=name)
            for name, shape in self.shapes().items()
        }
        inputs = self.weights[self.input_matrix]
        inputs.assign(np.where(trained[:, None], inputs.numpy(), 0))  # what is never trained says nothing

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The weights' shapes by name."""
        V, E, H = self.vocabulary_size, self.settings.embedded, self.settings.units
        shapes: dict[str, tuple[int, ...]] = {} if self.one_hot else {"embedding": (V, E)}
        for layer in range(self.settings.layers):
            inputs = H if layer else (V if self.one_hot else E)
            shapes |= {f"kernel_{layer}": (inputs, 4 * H), f"recurrent_{layer}": (H, 4 * H), f"bias_{layer}": (4 * H,)}
        if not self.tied:
            shapes["output"] = (H, V)
        return shapes | {"output_bias": (V,)}

    @property
    def input_matrix(self) -> str:
        """The name of the matrix whose rows are the ids' inputs."""
        return "kernel_0" if self.one_hot else "embedding"

    @property
    def parameters(self) -> int:
        """Trainable numbers."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    @property
    def embedding_parameters(self) -> int:
        """Of these, the embedding's (or, one-hot, the input matrix's)."""
        return int(np.prod(self.shapes()[self.input_matrix]))

    def initial(self, rows: int) -> State:
        """The zero state."""
        return initial(rows, self.settings.units, self.settings.layers)

    def hidden(
        self, ids: Tensor, state: State, masks: Masks | None = None, tower: int = 0, precision: Any = tf.float32
    ) -> tuple[Tensor, State]:
        """The last layer's outputs (T, B, H) for inputs ``ids`` (T, B), and the state after them.

        The state is forgotten at every ``<doc>``. Products alone are in ``precision``.
        """
        keep = tf.cast(tf.not_equal(ids, DOC), tf.float32)[..., None]  # (T, B, 1)
        values = partial(self._values, ids, masks, tower)
        projected = partial(self._inputs, ids, masks, tower, precision)
        after: list[tuple[Tensor, Tensor]] = []
        for layer, before in enumerate(state):
            U = self.weights[f"recurrent_{layer}"]
            U = masks.recurrent(U, layer) if masks else tf.identity(U)
            hs, h, c = self._recurrence(layer, values, projected, keep, U, before, precision)
            after.append((h, c))
            outputs = masks.outputs(hs, layer, tower) if masks else hs  # (T, B, H)
            values, projected = partial(tf.identity, outputs), partial(self._project, outputs, layer + 1, precision)
        return tf.reshape(outputs, (*ids.shape, self.settings.units)), tuple(after)

    def _recurrence(
        self,
        layer: int,
        values: Callable[[], Tensor],
        projected: Callable[[], Tensor],
        keep: Tensor,
        U: Tensor,
        state: tuple[Tensor, Tensor],
        precision: Any,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """A layer's hidden states (T, B, H) and its last state.

        They come from its inputs ``projected`` (T, B, 4H), or on a GPU, where no state is forgotten within the window,
        from the inputs' ``values`` (T, B, I) by cuDNN, which cannot forget.
        """

        def ours() -> tuple[Tensor, Tensor, Tensor]:
            return recurrence(projected(), keep, U, *state, precision)

        def on_gpu() -> tuple[Tensor, Tensor, Tensor]:
            kernel, bias = self.weights[f"kernel_{layer}"], self.weights[f"bias_{layer}"]
            h0, c0 = (value * keep[0] for value in state)
            return cudnn.lstm(values(), tf.identity(kernel), U, tf.identity(bias), h0, c0)

        if not cudnn.present() or precision != tf.float32:
            return ours()
        return tf.cond(tf.reduce_all(keep[1:] > 0), on_gpu, ours)  # type: ignore[no-any-return]

    def _values(self, ids: Tensor, masks: Masks | None, tower: int) -> Tensor:
        """Inputs (T, B, I) of the first layer for ``ids`` (T, B)."""
        if self.one_hot:
            return tf.one_hot(ids, self.vocabulary_size)
        embedded = tf.gather(self.weights["embedding"], ids)  # (T, B, E)
        return masks.inputs(embedded, tower) if masks else embedded

    def _inputs(self, ids: Tensor, masks: Masks | None, tower: int, precision: Any) -> Tensor:
        """Projected inputs (T, B, 4H) of the first layer for ``ids`` (T, B)."""
        dropped = masks is not None and self.settings.input_dropout > 0
        if self.one_hot:
            return tf.gather(self.weights["kernel_0"] + self.weights["bias_0"], ids)
        if self.vocabulary_size <= np.prod(ids.shape) and not dropped:  # each id once, not each time it occurs
            return tf.gather(self._project(self.weights["embedding"][None], 0, precision)[0], ids)
        return self._project(self._values(ids, masks, tower), 0, precision)

    def advance(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """The last layer's outputs (B, H) for one input each, ``ids`` (B,), and the state after it.

        What ``hidden`` computes for one step, without its loop, for ids none of which is ``<doc>``, or from the zero
        state.
        """
        w = self.weights
        after: list[tuple[Tensor, Tensor]] = []
        outputs = tf.gather(w[self.input_matrix], ids)
        for layer, (h, c) in enumerate(state):
            projected = outputs if self.one_hot and layer == 0 else tf.matmul(outputs, w[f"kernel_{layer}"])
            outputs, c, _ = cell(projected + w[f"bias_{layer}"] + tf.matmul(h, w[f"recurrent_{layer}"]), c)
            after.append((outputs, c))
        return outputs, tuple(after)

    def _project(self, inputs: Tensor, layer: int, precision: Any) -> Tensor:
        """Inputs (T, B, I) of a layer times its kernel, plus its bias: (T, B, 4H), in one product."""
        steps, rows, width = inputs.shape
        flat = product(tf.reshape(inputs, (steps * rows, width)), self.weights[f"kernel_{layer}"], precision)
        biased = tf.nn.bias_add(flat, self.weights[f"bias_{layer}"])
        return tf.reshape(biased, (steps, rows, 4 * self.settings.units))

    @property
    def output_matrix(self) -> str:
        """The name of the matrix that makes logits of outputs."""
        return "embedding" if self.tied else "output"

    def dense(self, precision: Any = tf.float32) -> Dense:
        """The dense layer; its logits of ids that training never shows are so low that their softmax is 0."""
        bias = self.weights["output_bias"] + self._never
        return Dense(tf.identity(self.weights[self.output_matrix]), bias, self.tied, precision)

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""
        return self.dense().logits(outputs)

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights as numpy arrays."""
        return {name: variable.numpy() for name, variable in self.weights.items()}

    def assign(self, arrays: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Take over weights. Raises ValueError where names or shapes differ."""
        if {name: array.shape for name, array in arrays.items()} != self.shapes():
            raise ValueError(f"weights are {sorted(arrays)}, expected {self.shapes()}")
        for name, variable in self.weights.items():
            variable.assign(arrays[name])


def initial_weights(
    name: str, shape: tuple[int, ...], seed: int, within: float | None = None, *, one_hot: bool = False
) -> npt.NDArray[Any]:
    """Weights before training, as Keras draws them: glorot, orthogonal, forget bias 1; the embedding uniform ±0.05.

    Or all of them uniform within ± ``within``. Each is drawn from (seed, name). Only the input matrix of one-hot inputs
    is drawn with variance 1: of one-hot inputs a gate gets one row and not, as glorot's rule supposes, a sum of V
    terms, so that by that rule all characters would begin nearly alike.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    kind = name.split("_")[0]
    if within is not None:
        return rng.uniform(-within, within, shape).astype(np.float32)
    if name == "output_bias":
        return np.zeros(shape, np.float32)
    if kind == "bias":
        units = shape[0] // 4
        return np.repeat(np.array([0, 1, 0, 0], np.float32), units)
    if kind == "recurrent":
        q, r = np.linalg.qr(rng.normal(size=(shape[1], shape[0])))
        return np.ascontiguousarray((q * np.sign(np.diag(r))).T, np.float32)
    if kind == "embedding":
        limit = 0.05
    elif one_hot and name == "kernel_0":
        limit = np.sqrt(3)
    else:
        limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape).astype(np.float32)
