"""A network with recurrent layers, as a Keras model: embedding or one-hot -> LSTM or GRU layers -> dense softmax."""

import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.config import NetworkSettings
from toolkit.network import CELLS
from toolkit.network.backend import Array, Arrays, State, Tensor, keras, one_thread_per_operation, tf
from toolkit.network.dense import Adaptive, Dense, OutputLayer, expected_together
from toolkit.network.dropout import Masks
from toolkit.network.forward import Forward
from toolkit.network.recurrent import Recurrent
from toolkit.network.stepper import NumpyReader, NumpyStepper

NEVER = -1e9  # the logit of an id that training never shows: its softmax is 0
TOGETHER = "together"  # the layer of the logit that all ids from the cutoff on have together


class RecurrentNetwork(keras.Model):  # type: ignore[misc]  # Keras publishes no types
    """The logits (B, T, V) of the ids that follow ``ids`` (B, T), each row a document from its start.

    Its layers are those of Keras: ``embedding``, or ``one_hot`` and ``rows``; one recurrent layer per
    ``settings.layers``, named for its cell; and ``output``, which is tied to the embedding where the settings say so.
    With a ``settings.cutoff`` the softmax is adaptive (``Adaptive``), and there is ``together``.
    """

    def __init__(
        self, settings: NetworkSettings, trained: npt.NDArray[np.bool_], *, one_hot: bool, seed: int = 0
    ) -> None:
        one_thread_per_operation()
        settings.check(one_hot=one_hot)
        tied = settings.tied and not one_hot
        super().__init__(
            *layers(settings, len(trained), Initial(settings, seed), one_hot=one_hot, tied=tied), name="network"
        )
        self.settings, self.trained, self.one_hot, self.tied = settings, trained, one_hot, tied
        self.cutoff = settings.cut(len(trained))
        self.graphs: dict[Any, Tensor] = {}  # compiled once per network and shape, where they are used
        self._show_only_trained()

    def _show_only_trained(self) -> None:
        """Give ids that training never shows rows of zeros, and logits so low that their softmax is 0."""
        inputs, bias = self.named_weights[self.input_matrix], self.named_weights[self.output_bias]
        inputs.assign(np.where(self.trained[:, None], inputs, 0))
        bias.assign(np.where(self.trained, bias, NEVER))
        if self.cutoff and not self.trained[self.cutoff :].any():
            self.named_weights[self.output_weights[3]].assign([NEVER])

    def copy(self) -> "RecurrentNetwork":
        """Another network with the same weights."""
        other = RecurrentNetwork(self.settings, self.trained, one_hot=self.one_hot)
        other.assign(self.arrays())
        return other

    @cached_property
    def named_weights(self) -> dict[str, Tensor]:
        """The weights as TensorFlow's variables, by Keras' names for them (``lstm_0/lstm_cell/kernel``)."""
        return {variable.path: variable.value for variable in self.trainable_variables}

    @cached_property
    def recurrent(self) -> list[Recurrent]:
        """The recurrent layers."""
        return [layer for layer in self.layers if isinstance(layer, keras.layers.RNN)]

    @property
    def vocabulary_size(self) -> int:
        """V, the number of ids."""
        return len(self.trained)

    @property
    def input_matrix(self) -> str:
        """The name of the matrix (V, ...) whose rows are the inputs of the ids: the embedding, or the first kernel."""
        return str((self.recurrent[0].cell.kernel if self.one_hot else self.get_layer("embedding").embeddings).path)

    @property
    def output_matrix(self) -> str:
        """The name of the matrix that turns outputs into logits."""
        return self.input_matrix if self.tied else str(self.get_layer("output").kernel.path)

    @property
    def output_bias(self) -> str:
        """The name of the bias of the logits."""
        return str(self.get_layer("output").bias.path)

    @property
    def output_weights(self) -> list[str]:
        """The names of the weights that turn outputs into logits, in the order of the output layer's."""
        together = [str(weight.path) for weight in self.get_layer(TOGETHER).weights] if self.cutoff else []
        return [self.output_matrix, self.output_bias, *together]

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(array.shape.num_elements() for array in self.named_weights.values())

    @property
    def embedding_parameters(self) -> int:
        """How many of them are in the embedding or, for one-hot input, in the input matrix."""
        return int(self.named_weights[self.input_matrix].shape.num_elements())

    @property
    def multiply_adds(self) -> int:
        """Multiplications with an addition in the products of one event; a row that is looked up takes none."""
        matrices = {  # both biases of a GRU's gates are one array (2, 3H)
            name: int(np.prod(weight.shape))
            for name, weight in self.named_weights.items()
            if len(weight.shape) == 2 and not name.endswith("bias")
        }
        return sum(matrices.values()) - (0 if self.tied else matrices[self.input_matrix])

    def state_names(self) -> list[tuple[str, ...]]:
        """The names of the state's arrays, by layer."""
        return [layer.state for layer in self.recurrent]

    def initial(self, rows: int) -> State:
        """The zero state."""
        return tuple(tuple(tf.zeros((rows, self.settings.units)) for _ in names) for names in self.state_names())

    def layer_lines(self) -> list[str]:
        """The lines of Keras' summary: the layers, their shapes and numbers of weights."""
        lines: list[str] = []
        self.summary(line_length=88, print_fn=lines.append)
        return "\n".join(lines).splitlines()

    def masks(self, seed: int, update: Tensor) -> Masks:
        """The dropout masks of one update."""
        return Masks(seed, update, self.settings)

    def forward(self, masks: Masks | None = None, precision: Any = tf.float32) -> Forward:
        """The forward pass up to the last recurrent layer, with the weights as they are now."""
        embedding = None if self.one_hot else self.named_weights[self.input_matrix]
        return Forward(self.recurrent, embedding, masks, precision)

    def output_layer(self, precision: Any = tf.float32) -> OutputLayer:
        """The layer that turns outputs into logits."""
        matrix, bias, *together = (tf.identity(self.named_weights[name]) for name in self.output_weights)
        dense = Dense(matrix, bias, self.tied, precision)
        if not self.cutoff:
            return dense
        kernel, of_one = together
        return Adaptive(dense, kernel, of_one, self.cutoff)

    def reader(self) -> NumpyReader:
        """A copy of the recurrent layers as they are now, one event at a time."""
        return NumpyReader(self)

    def stepper(self) -> NumpyStepper:
        """A copy of the network as it is now, one event at a time."""
        return NumpyStepper(self)

    def arrays(self) -> Arrays:
        """The weights as numpy arrays."""
        return {name: variable.numpy() for name, variable in self.named_weights.items()}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Set the weights. Raises ValueError if names or shapes differ."""
        expected = {name: tuple(variable.shape) for name, variable in self.named_weights.items()}
        if {name: array.shape for name, array in arrays.items()} != expected:
            raise ValueError(f"weights are {sorted(arrays)}, expected {expected}")
        for name, variable in self.named_weights.items():
            variable.assign(arrays[name])


class Initial:
    """Keras' initialisers of one network, each with its own seed, made of the network's seed and the weight's name.

    Or all weights are uniform within ± ``initial_range``.
    """

    def __init__(self, settings: NetworkSettings, seed: int) -> None:
        self.range, self.seed = settings.initial_range, seed

    def __call__(self, name: str, usual: str, *arguments: float) -> Any:
        """The initialiser of a weight: the ``usual`` one in keras.initializers, unless there is a range for all."""
        sequence = np.random.SeedSequence((self.seed, zlib.crc32(name.encode())))
        seed = int(sequence.generate_state(1)[0] >> 1)
        if self.range is not None:
            return keras.initializers.RandomUniform(-self.range, self.range, seed)
        return getattr(keras.initializers, usual)(*arguments, seed=seed)

    def bias(self, name: str, usual: float = 0.0) -> Any:
        """The initialiser of a bias: the ``usual`` value, unless there is a range for all."""
        return self(name, "RandomUniform") if self.range is not None else keras.initializers.Constant(usual)


def layers(
    settings: NetworkSettings, vocabulary_size: int, initial: Initial, *, one_hot: bool, tied: bool
) -> tuple[Any, Any]:
    """Keras' symbols for the ids and for the logits, with the layers between them.

    Weights start as in Keras, with one exception: the input matrix of one-hot inputs has variance 1. A gate gets one of
    its rows, not a sum of V terms as Glorot's rule assumes, so with that rule all characters would start nearly alike.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    if one_hot:
        encoded = keras.layers.CategoryEncoding(vocabulary_size, output_mode="one_hot", dtype="float32", name="one_hot")
        hidden = keras.layers.Reshape((-1, vocabulary_size), name="rows")(encoded(ids))  # even a single id has a row
    else:
        start = initial("embedding", "RandomUniform", -0.05, 0.05)
        embedding = keras.layers.Embedding(vocabulary_size, settings.embedded, start, dtype="float32", name="embedding")
        hidden = embedding(ids)
    for number in range(settings.layers):
        rows = one_hot and number == 0
        hidden = recurrent_layer(settings, f"{settings.cell}_{number}", initial, rows=rows)(hidden)
    bias = initial.bias("output bias")
    if tied:
        output = TiedDense(embedding, bias_initializer=bias, dtype="float32", name="output")
    else:
        start = initial("output kernel", "GlorotUniform")
        output = keras.layers.Dense(
            vocabulary_size, kernel_initializer=start, bias_initializer=bias, dtype="float32", name="output"
        )
    logits = output(hidden)
    if cutoff := settings.cut(vocabulary_size):
        start = initial("together kernel", "GlorotUniform")
        bias = initial.bias("together bias", np.log(vocabulary_size - cutoff))  # so all ids start alike
        together = keras.layers.Dense(
            1, kernel_initializer=start, bias_initializer=bias, dtype="float32", name=TOGETHER
        )(hidden)
        logits = expected_together(logits, together, cutoff)
    return ids, logits


def recurrent_layer(settings: NetworkSettings, name: str, initial: Initial, *, rows: bool) -> Recurrent:
    """A recurrent layer that returns its whole sequence; with ``rows`` its inputs are rows of the kernel."""
    usual: tuple[Any, ...] = ("RandomUniform", -np.sqrt(3), np.sqrt(3)) if rows else ("GlorotUniform",)
    ones = "unit_forget_bias"  # whatever the initialiser of the other biases
    without = {ones: False} if initial.range is not None and ones in CELLS.settings(settings.cell) else {}
    return CELLS.factory(settings.cell)(
        settings.units,
        kernel_initializer=initial(f"{name} kernel", *usual),
        recurrent_initializer=initial(f"{name} recurrent kernel", "Orthogonal"),
        bias_initializer=initial.bias(f"{name} bias"),
        return_sequences=True,
        dtype="float32",
        name=name,
        **without,
    )


class TiedDense(keras.layers.Layer):  # type: ignore[misc]
    """A dense layer whose kernel is an embedding, transposed (Press & Wolf 2017)."""

    def __init__(self, embedding: Any, bias_initializer: Any = "zeros", **named: Any) -> None:
        super().__init__(**named)
        self.embedding, self.bias_initializer = embedding, bias_initializer

    def build(self, _: Any) -> None:
        """Make the bias (V,)."""
        size = self.embedding.input_dim
        self.bias = self.add_weight((size,), initializer=self.bias_initializer, name="bias")

    def call(self, outputs: Any) -> Any:
        """Logits (…, V) of outputs (…, H)."""
        return keras.ops.matmul(outputs, keras.ops.transpose(self.embedding.embeddings)) + self.bias
