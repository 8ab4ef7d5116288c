"""The network as a Keras model, and its optimizer.

Keras' layers have the weights, and compute what is exported. ``Forward`` (forward.py, transformer.py) and ``Dense``
(dense.py) compute the same for training, scoring and sampling.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.distribution import Arrays, Bools
from toolkit.network import size
from toolkit.network.backend import State, Tensor, keras, one_thread_per_operation, tf
from toolkit.network.cells import GRU, LSTM
from toolkit.network.dense import Dense
from toolkit.network.forward import Forward, RecurrentForward
from toolkit.network.transformer import Block, TransformerForward

LAYERS: dict[str, Any] = {"lstm": LSTM, "gru": GRU}
FORWARD: dict[str, type[Forward]] = {"transformer": TransformerForward}  # of cells whose layers are not recurrent
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # Adam's (Kingma & Ba 2015)
NEVER = -1e9  # the logit of an id that training never shows: its softmax is 0


class Network(keras.Model):  # type: ignore[misc]  # Keras publishes no types
    """The logits (B, T, V) of the ids that follow ``ids`` (B, T), each row a document from its start.

    Its Keras layers are ``embedding``, or ``one_hot`` and ``rows``, then ``settings.layers`` layers with the name of
    their cell, and ``output``. This may be tied to the embedding. A transformer reads every token by an embedding.

    ``input_matrix`` is the name of the matrix (V, …) whose rows are the inputs of the ids. ``output_weights`` are the
    names of the output layer's weights. Ids that are not ``trained`` get rows of zeros, and logits with a softmax of 0.
    """

    def __init__(self, settings: NetworkSettings, trained: Bools, *, one_hot: bool, seed: int = 0) -> None:
        one_thread_per_operation()
        tied = settings.tied and not one_hot
        super().__init__(*_symbols(settings, len(trained), seed, one_hot=one_hot, tied=tied), name="network")
        self.settings, self.one_hot, self.tied = settings, one_hot, tied
        self.vocabulary_size = len(trained)
        self.size = size(settings, len(trained), one_hot=one_hot)
        self.graphs: dict[Any, Tensor] = {}  # by key
        output = self.get_layer("output")
        self.cores = [layer for layer in self.layers if hasattr(layer, "state_widths")]  # they have a state
        kernel = one_hot and settings.cell in LAYERS  # the first layer's has the rows that are the inputs
        inputs = self.cores[0].cell.kernel if kernel else self.get_layer("embedding").embeddings
        self.input_matrix = inputs.path
        self.output_weights = [v.path for v in (inputs if tied else output.kernel, output.bias)]
        untrained = ~trained
        weights = [self.named_weights[name] for name in self.output_weights]
        self.named_weights[self.input_matrix].assign(np.where(untrained[:, None], 0, inputs))
        weights[1].assign(np.where(untrained, NEVER, weights[1]))

    def graph(self, key: Any, function: Callable[..., Any]) -> Tensor:
        """Return the graph of a function, made once for its users' key and the shapes of its arguments."""
        if key not in self.graphs:
            self.graphs[key] = tf.function(function, autograph=False)
        return self.graphs[key]

    @cached_property
    def named_weights(self) -> dict[str, Tensor]:
        """Return the weights as TensorFlow's variables, by Keras' names for them (``lstm_0/lstm_cell/kernel``)."""
        return {variable.path: variable.value for variable in self.trainable_variables}

    def initial(self, rows: int) -> State:
        """Return the zero state."""
        return tuple(tuple(tf.zeros((rows, width)) for width in layer.state_widths) for layer in self.cores)

    def forward(self, precision: Any = tf.float32, draw: tuple[int, Tensor] | None = None) -> Forward:
        """Return what computes a window with the weights as they are now; in training with masks by ``draw``."""
        embedding = self.named_weights[self.input_matrix] if self.input_matrix.startswith("embedding") else None
        kind = FORWARD.get(self.settings.cell, RecurrentForward)
        return kind(self.settings, self.cores, embedding, precision, draw)

    def output_layer(self, precision: Any = tf.float32) -> Dense:
        """Return the layer that turns outputs into logits."""
        matrix, bias = (tf.identity(self.named_weights[name]) for name in self.output_weights)
        return Dense(matrix, bias, self.tied, precision)

    def arrays(self) -> Arrays:
        """Return the weights as numpy arrays."""
        return {name: variable.numpy() for name, variable in self.named_weights.items()}

    def assign(self, arrays: Arrays) -> None:
        """Set the weights. Raises KeyError if a name is missing, and ValueError if a shape differs."""
        for name, variable in self.named_weights.items():
            variable.assign(arrays[name])


def _symbols(
    settings: NetworkSettings, vocabulary_size: int, seed: int, *, one_hot: bool, tied: bool
) -> tuple[Any, Any]:
    """Return Keras' symbols for the ids and for the logits, with the layers between them.

    Every weight has a seed of its own, made of the network's seed and the weight's name. Weights start as in Keras,
    but the input matrix of one-hot inputs has variance 1: a gate gets one of its rows, not a sum of V terms.
    """
    initial_range, initializers, layers = settings.initial_range, keras.initializers, keras.layers

    def start(name: str, usual: Callable[..., Any], *arguments: float) -> Any:
        sequence = np.random.SeedSequence((seed, zlib.crc32(name.encode())))
        weight_seed = int(sequence.generate_state(1)[0] >> 1)
        if initial_range is not None:
            return initializers.RandomUniform(-initial_range, initial_range, weight_seed)
        return usual(*arguments, seed=weight_seed)

    def normed(hidden: Any) -> Any:
        return layers.Rescaling(settings.units**0.5)(layers.UnitNormalization()(hidden))

    ids = keras.Input((None,), dtype="int32", name="ids")
    if one_hot and settings.cell in LAYERS:
        encoding = layers.CategoryEncoding(vocabulary_size, "one_hot", dtype="float32", name="one_hot")
        hidden = layers.Reshape((-1, vocabulary_size), name="rows")(encoding(ids))  # even a single id has a row
    else:
        rows = start("embedding", initializers.RandomUniform, -0.05, 0.05)
        embedding = layers.Embedding(vocabulary_size, settings.embedded, rows, dtype="float32", name="embedding")
        hidden = normed(embedding(ids)) if settings.cell == "transformer" else embedding(ids)
    for number in range(settings.layers):
        name, usual = f"{settings.cell}_{number}", [initializers.GlorotUniform]
        if settings.cell == "transformer":
            matrices = {part: start(f"{name} {part}", *usual) for part, usual in Block.starts.items()}
            block = Block(settings.units, settings.heads, settings.memory, matrices, dtype="float32", name=name)
            hidden = block(hidden)
            continue
        if one_hot and number == 0:
            usual = [initializers.RandomUniform, -np.sqrt(3), np.sqrt(3)]  # of variance 1
        hidden = LAYERS[settings.cell](
            settings.units,
            kernel_initializer=start(f"{name} kernel", *usual),
            recurrent_initializer=start(f"{name} recurrent kernel", initializers.Orthogonal),
            bias_initializer=start(f"{name} bias", initializers.RandomUniform, 0.0, 0.0),
            return_sequences=True,
            dtype="float32",
            name=name,
            **({"unit_forget_bias": False} if settings.cell == "lstm" and initial_range is not None else {}),
        )(hidden)
    if settings.cell == "transformer":
        hidden = normed(hidden)
    bias = start("output bias", initializers.RandomUniform, 0.0, 0.0)
    options = {"bias_initializer": bias, "dtype": "float32", "name": "output"}
    if tied:
        return ids, TiedDense(embedding, **options)(hidden)
    kernel = start("output kernel", initializers.GlorotUniform)
    return ids, layers.Dense(vocabulary_size, kernel_initializer=kernel, **options)(hidden)


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
        """Return logits (…, V) of outputs (…, H)."""
        return keras.ops.matmul(outputs, keras.ops.transpose(self.embedding.embeddings)) + self.bias


class Optimizer:
    """Adam, whose ``moments`` ``m0``, ``v0``, ``m1``, … have the weight's index, or plain gradient descent.

    Gradients are clipped by their common norm. Before an update every weight loses rate · decay of itself, as in AdamW
    (Loshchilov & Hutter 2019). Training was continued at the update ``begun``.
    """

    def __init__(self, settings: TrainSettings, weights: Sequence[Tensor], begun: int = 0) -> None:
        self.settings, self.weights, self.begun = settings, list(weights), begun
        names = "mv" if settings.optimizer == "adam" else ""
        self.moments = {f"{m}{i}": tf.Variable(tf.zeros_like(w)) for i, w in enumerate(weights) for m in names}

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Update the weights; ``update`` counts from ``begun``, when all moments are 0."""
        for weight in self.weights if self.settings.weight_decay else []:
            # Biases at NEVER do not decay, or untrained ids would be drawn in the end.
            decaying = tf.where(weight > NEVER / 2, weight, 0.0) if weight.shape.rank == 1 else weight
            weight.assign_sub(rate * self.settings.weight_decay * decaying)
        max_norm, norm = self.settings.clip_norm, tf.linalg.global_norm(gradients)
        scale = max_norm * (1 / norm)
        clipped = tf.cond(norm > max_norm, lambda: [g * scale for g in gradients], lambda: list(gradients))
        number = tf.cast(update - self.begun + 1, tf.float32)
        powers = {"beta1_power": BETA_1**number, "beta2_power": BETA_2**number}
        constants = {"lr": rate, "beta1": BETA_1, "beta2": BETA_2, "epsilon": EPSILON}
        for i, (weight, gradient) in enumerate(zip(self.weights, clipped, strict=True)):
            if self.moments:
                m, v = self.moments[f"m{i}"].handle, self.moments[f"v{i}"].handle
                tf.raw_ops.ResourceApplyAdam(var=weight.handle, m=m, v=v, grad=gradient, **powers, **constants)
            else:
                tf.raw_ops.ResourceApplyGradientDescent(var=weight.handle, alpha=rate, delta=gradient)

    def arrays(self) -> Arrays:
        """Return the moments by name."""
        return {name: moment.numpy() for name, moment in self.moments.items()}

    def assign(self, arrays: Arrays) -> None:
        """Restore the moments."""
        for name, moment in self.moments.items():
            moment.assign(arrays[name])
