"""The article's network: its losses, its training, and how it reads and writes."""

import time
from functools import cached_property
from typing import Any

import numpy as np

from toolkit.article.article_text import Ids, Passages
from toolkit.article.experiments import Recipe, Scores
from toolkit.network.backend import Array, State, Tensor, keras, one_thread_per_operation, tf
from toolkit.network.cells import LSTM

CATEGORICAL = "categorical cross-entropy"
TOWERS = 2  # independent parts of a batch, which are computed side by side


class Model:
    """One-hot characters of ``size`` kinds (V) -> two recurrent layers -> a dense layer at every step.

    The recipe's seed determines the weights: Glorot-uniform for inputs, orthogonal for the recurrence.
    """

    def __init__(self, recipe: Recipe, size: int) -> None:
        one_thread_per_operation()
        self.recipe, self.size = recipe, size
        self.first = self._recurrent(size, 6 * recipe.seed)
        self.second = self._recurrent(recipe.units, 6 * recipe.seed + 2)
        self.dense = keras.layers.Dense(
            size, kernel_initializer=keras.initializers.GlorotUniform(6 * recipe.seed + 4)
        )
        self.dense.build((None, recipe.units))
        layers = (self.first, self.second, self.dense)
        self.variables = [variable for layer in layers for variable in layer.trainable_variables]

    def _recurrent(self, width: int, seed: int) -> Tensor:
        layer = LSTM(
            self.recipe.units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
        )
        layer.build((None, None, width))
        return layer

    def initial(self, rows: int) -> State:
        """Return the zero state of both layers."""
        return tuple(self.first.get_initial_state(rows)), tuple(self.second.get_initial_state(rows))

    def logits(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Return outputs before activation (B, T, V) for ids (B, T), and the state after them."""
        hidden, *first = self.first(tf.one_hot(ids, self.size), initial_state=list(state[0]))  # (B, T, H)
        hidden, *second = self.second(hidden, initial_state=list(state[1]))
        return self.dense(hidden), (tuple(first), tuple(second))

    def answers(self, passages: Passages) -> tuple[Ids, Scores]:
        """Predict each target once. Return the likeliest characters (rows, n · SPAN) and their scores.

        The network reads in windows, as in training; the state is carried between them if the recipe says so.
        """
        recipe = self.recipe
        inputs, targets = passages.inputs(recipe.shift), passages.targets
        parts = []
        for start in range(0, targets.shape[1], recipe.window):
            if start == 0 or not recipe.carried:
                state = self.initial(len(inputs))
            window = slice(start, start + recipe.window)
            *part, state = self._read_window(
                tf.constant(inputs[:, window]), tf.constant(targets[:, window]), state
            )
            parts.append([tensor.numpy() for tensor in part])
        likeliest, binary = (np.concatenate(windows, 1) for windows in zip(*parts, strict=True))
        accuracy, mean = np.mean(likeliest == targets), binary.mean(dtype=np.float64)
        return likeliest, Scores(accuracy=float(accuracy), binary_cross_entropy=float(mean))

    def write(self, prompts: Ids, characters: int, rng: np.random.Generator | None = None) -> Ids:
        """Continue prompts (rows, P) by (rows, characters), first reading their last window, then the own output.

        An output is for the place ``shift`` later. The state is carried between windows only if the recipe says so.
        ``rng`` draws from the probabilities; without it, the likeliest characters are taken.
        """
        recipe = self.recipe
        rows, known = prompts.shape
        text = np.concatenate([prompts, np.zeros((rows, characters), np.int32)], 1)  # (rows, P + characters)
        for step, place in enumerate(range(known - recipe.window, known + characters - recipe.shift)):
            if step == 0 or (not recipe.carried and step % recipe.window == 0):
                state = self.initial(rows)
            outputs, state = self._read_character(tf.constant(text[:, place : place + 1]), state)
            if place + recipe.shift >= known:
                shares = outputs.numpy()[:, 0]  # (rows, V)
                text[:, place + recipe.shift] = shares.argmax(-1) if rng is None else draw(shares, rng)
        return text[:, known:]

    @cached_property
    def _read_character(self) -> Any:
        return tf.function(self._probabilities, autograph=False)

    @cached_property
    def _read_window(self) -> Any:
        return tf.function(self._scores, autograph=False)

    def _probabilities(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Return values (B, T, V) between 0 and 1 for ids (B, T); with the categorical loss, a distribution."""
        logits, state = self.logits(ids, state)
        return tf.nn.softmax(logits) if self.recipe.loss == CATEGORICAL else tf.sigmoid(logits), state

    def _scores(self, ids: Tensor, targets: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """Return likeliest ids and the article's measure of the targets, each (B, T), for ids (B, T).

        The article's measure is the mean binary cross-entropy over V outputs. As in Keras, probabilities are clipped
        to stay 1e-7 away from 0 and 1.
        """
        outputs, state = self._probabilities(ids, state)
        clipped = tf.clip_by_value(outputs, 1e-7, 1 - 1e-7)
        labels = tf.one_hot(targets, outputs.shape[-1])
        binary = -tf.reduce_mean(tf.math.log(labels * clipped + (1 - labels) * (1 - clipped)), -1)
        return tf.argmax(outputs, -1, output_type=tf.int32), binary, state


def draw(shares: Array, rng: np.random.Generator) -> Ids:
    """Draw an id (B,) from each row of shares (B, V), which need not sum to one."""
    cumulative = shares.astype(np.float64).cumsum(-1)  # (B, V)
    points = rng.random((len(cumulative), 1)) * cumulative[:, -1:]
    return np.sum(cumulative <= points, -1, dtype=np.int32).clip(max=cumulative.shape[1] - 1)


def mean_loss(loss: str, logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss in nats of logits (…, V) for targets (…), over the same terms as in Keras.

    These are all characters for the categorical loss, and all outputs of all characters for the binary one.
    """
    if loss == CATEGORICAL:
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
    labels = tf.one_hot(targets, logits.shape[-1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))


class Windows:
    """Windows of a text (n,), read as a ring in at most ``recipe.batch`` parallel rows from left to right.

    Each pass starts at another place, which the seed and the number of the pass determine.
    """

    def __init__(self, text: Ids, recipe: Recipe) -> None:
        self.text, self.recipe = text, recipe
        self.rows = max(TOWERS, min(recipe.batch, len(text) // recipe.window) // TOWERS * TOWERS)
        self.row_length = len(text) // self.rows
        self.per_pass = max(1, self.row_length // recipe.window)

    def at(self, update: int) -> tuple[Ids, Ids]:
        """Return the inputs and targets (rows, window) of an update."""
        number, place = divmod(update, self.per_pass)
        rng = np.random.default_rng([self.recipe.seed, number])
        start = int(rng.integers(len(self.text))) + place * self.recipe.window
        starts = start + self.row_length * np.arange(self.rows)[:, None]  # (rows, 1)
        places = starts + np.arange(self.recipe.window)  # (rows, window)
        return self.text[places % len(self.text)], self.text[(places + self.recipe.shift) % len(self.text)]


class Training:
    """A model's updates on a training text (n,), with Keras' Adam at a constant rate.

    ``seconds`` excludes building the graph.
    """

    def __init__(self, model: Model, text: Ids) -> None:
        self.model = model
        self.windows = Windows(text[: model.recipe.characters], model.recipe)
        self.updates, self.characters_read, self.seconds = 0, 0, 0.0
        self._zero_states = self._states = tuple(
            model.initial(self.windows.rows // TOWERS) for _ in range(TOWERS)
        )
        self._step = self._graph()

    def run_to(self, characters: int) -> None:
        """Train until ``characters`` are read."""
        while self.characters_read < characters:
            start = time.perf_counter()
            if not self.model.recipe.carried or self.updates % self.windows.per_pass == 0:
                self._states = self._zero_states
            inputs, targets = self.windows.at(self.updates)
            loss, self._states = self._step(tf.constant(inputs), tf.constant(targets), self._states)
            loss.numpy()  # waits for the update, so the clock is right
            self.updates += 1
            self.characters_read += inputs.size
            self.seconds += time.perf_counter() - start

    def _graph(self) -> Any:
        """Build one update: inputs and targets (B, T), states -> mean loss in nats, states after the window.

        The batch is cut into towers that run side by side; their gradients are added.
        """
        model, variables = self.model, self.model.variables
        adam = keras.optimizers.Adam(model.recipe.learning_rate)
        adam.build(variables)
        weights = [variable.value for variable in variables]

        def tower(inputs: Tensor, targets: Tensor, state: State) -> tuple[Tensor, list[Tensor], State]:
            with tf.GradientTape() as tape:
                logits, state = model.logits(inputs, state)  # (B / towers, T, V)
                loss = mean_loss(model.recipe.loss, logits, targets) / TOWERS
            return loss, tape.gradient(loss, weights), state

        def step(inputs: Tensor, targets: Tensor, states: tuple[State, ...]) -> tuple[Tensor, tuple[State, ...]]:
            parts = zip(tf.split(inputs, TOWERS), tf.split(targets, TOWERS), states, strict=True)
            losses, gradients, after = zip(*(tower(*part) for part in parts), strict=True)
            adam.apply([tf.add_n(towers) for towers in zip(*gradients, strict=True)], variables)
            return tf.add_n(losses), after

        window = [tf.constant(ids) for ids in self.windows.at(0)]
        return tf.function(step, autograph=False).get_concrete_function(*window, self._states)
