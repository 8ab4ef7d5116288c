"""The article's network, its losses, and the training loop of every experiment."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from toolkit.article.article_text import Ids
from toolkit.article.experiments import Loss, Recipe
from toolkit.network.backend import Tensor, keras, one_thread_per_operation, tf
from toolkit.network.gru import GRU
from toolkit.network.lstm import LSTM

State = tuple[Tensor, ...]
States = tuple[State, State]
Towers = tuple[States, ...]

TOWERS = 2  # independent parts of a batch, which are computed side by side
RECURRENT = {"LSTM": LSTM, "GRU": GRU}
BETWEEN = {
    "nothing": keras.layers.Identity,
    "batch normalisation": keras.layers.BatchNormalization,
    "layer normalisation": keras.layers.LayerNormalization,
}


class Model:
    """One-hot characters of ``size`` kinds (V) -> two recurrent layers -> a dense layer at every step.

    The recipe's seed determines the weights: Glorot-uniform for inputs, orthogonal for the recurrence.
    """

    def __init__(self, recipe: Recipe, size: int) -> None:
        one_thread_per_operation()
        self.recipe, self.size = recipe, size
        self.first = self._recurrent(size, 3 * recipe.seed)
        self.between = BETWEEN[recipe.between]()
        self.between.build((None, None, recipe.units))
        self.second = self._recurrent(recipe.units, 3 * recipe.seed + 1)
        glorot = keras.initializers.GlorotUniform(seed=2 * (3 * recipe.seed + 2))
        self.dense = keras.layers.Dense(size, kernel_initializer=glorot)
        self.dense.build((None, recipe.units))
        layers = (self.first, self.between, self.second, self.dense)
        self.variables = [variable for layer in layers for variable in layer.trainable_variables]

    def _recurrent(self, width: int, seed: int) -> Tensor:
        layer = RECURRENT[self.recipe.cell](
            self.recipe.units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=2 * seed),
            recurrent_initializer=keras.initializers.Orthogonal(seed=2 * seed + 1),
        )
        layer.build((None, None, width))
        return layer

    def initial(self, rows: int) -> States:
        """Return the zero state of both layers."""
        return tuple(self.first.get_initial_state(rows)), tuple(self.second.get_initial_state(rows))

    def logits(self, ids: Tensor, states: States, *, training: bool) -> tuple[Tensor, States]:
        """Return outputs before activation (B, T, V) for ids (B, T), and the state after them."""
        hidden, *first = self.first(tf.one_hot(ids, self.size), initial_state=list(states[0]))  # (B, T, H)
        hidden, *second = self.second(self.between(hidden, training=training), initial_state=list(states[1]))
        return self.dense(hidden), (tuple(first), tuple(second))


def mean_loss(loss: Loss, logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss in nats of logits (…, V) for targets (…), over the same terms as in Keras.

    Categorical: −ln softmax(z) of the target, per character. Binary: −ln σ(z) for the target and −ln(1 − σ(z)) for all
    other characters, per output.
    """
    if loss == "categorical cross-entropy":
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
    labels = tf.one_hot(targets, logits.shape[-1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))


def binary_cross_entropy(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the article's measure, (…) in nats: the mean binary cross-entropy over V outputs (…, V).

    Probabilities are clipped to stay 1e-7 away from 0 and 1, as in Keras.
    """
    clipped = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    labels = tf.one_hot(targets, probabilities.shape[-1])
    return -tf.reduce_mean(tf.math.log(labels * clipped + (1 - labels) * (1 - clipped)), -1)


class Windows:
    """Windows of a text (n,), read as a ring in at most ``batch`` parallel rows from left to right.

    Each pass starts at another place, which the seed and the number of the pass determine.
    """

    def __init__(self, text: Ids, batch: int, window: int, shift: int, seed: int) -> None:
        self.text, self.window, self.shift, self.seed = text, window, shift, seed
        self.rows = max(TOWERS, min(batch, len(text) // window) // TOWERS * TOWERS)
        self.row_length = len(text) // self.rows
        self.per_pass = max(1, self.row_length // window)

    def at(self, update: int) -> tuple[Ids, Ids]:
        """Return the inputs and targets (rows, window) of an update."""
        number, place = divmod(update, self.per_pass)
        start = int(np.random.default_rng([self.seed, number]).integers(len(self.text))) + place * self.window
        starts = start + self.row_length * np.arange(self.rows)[:, None]  # (rows, 1)
        places = starts + np.arange(self.window)  # (rows, window)
        return self.text[places % len(self.text)], self.text[(places + self.shift) % len(self.text)]


class Training:
    """A model's updates on a training text (n,), with Keras' Adam at a constant rate.

    ``seconds`` excludes building the graph.
    """

    def __init__(self, model: Model, text: Ids) -> None:
        recipe = model.recipe
        self.model = model
        self.windows = Windows(text[: recipe.characters], recipe.batch, recipe.window, recipe.shift, recipe.seed)
        self.updates = self.characters_read = 0
        self.seconds = 0.0
        self._states = self._zero_states()
        self._step = _graph(model, self._states, self.windows.rows, recipe.window)

    def _zero_states(self) -> Towers:
        return tuple(self.model.initial(self.windows.rows // TOWERS) for _ in range(TOWERS))

    def run_to(self, characters: int) -> float:
        """Train until ``characters`` are read. Return the mean loss of these updates in nats, or 0 without updates."""
        losses: list[Any] = []
        while self.characters_read < characters:
            start = time.perf_counter()
            if not self.model.recipe.carried or self.updates % self.windows.per_pass == 0:
                self._states = self._zero_states()
            inputs, targets = self.windows.at(self.updates)
            loss, self._states = self._step(tf.constant(inputs), tf.constant(targets), self._states)
            losses.append(loss.numpy())  # waits for the update, so the clock is right
            self.updates += 1
            self.characters_read += inputs.size
            self.seconds += time.perf_counter() - start
        return float(sum(losses) / len(losses)) if losses else 0.0


def _graph(model: Model, states: Towers, rows: int, window: int) -> Callable[..., Any]:
    """Build one update: inputs and targets (B, T), states -> mean loss in nats, states after the window.

    The batch is cut into towers that run side by side; their gradients are added.
    """
    adam = keras.optimizers.Adam(model.recipe.learning_rate)
    adam.build(model.variables)
    weights = [variable.value for variable in model.variables]

    def tower(inputs: Tensor, targets: Tensor, state: States) -> tuple[Tensor, list[Tensor], States]:
        with tf.GradientTape() as tape:
            logits, state = model.logits(inputs, state, training=True)  # (B / towers, T, V)
            loss = mean_loss(model.recipe.loss, logits, targets) / TOWERS
        return loss, tape.gradient(loss, weights), state

    def step(inputs: Tensor, targets: Tensor, states: Towers) -> tuple[Tensor, Towers]:
        parts = zip(tf.split(inputs, TOWERS), tf.split(targets, TOWERS), states, strict=True)
        losses, gradients, after = zip(*(tower(*part) for part in parts), strict=True)
        adam.apply([tf.add_n(towers) for towers in zip(*gradients, strict=True)], model.variables)
        return tf.add_n(losses), after

    ids = tf.TensorSpec((rows, window), tf.int32)
    like = tf.nest.map_structure(lambda state: tf.TensorSpec(state.shape, state.dtype), states)
    return tf.function(step, autograph=False).get_concrete_function(ids, ids, like)  # type: ignore[no-any-return]
