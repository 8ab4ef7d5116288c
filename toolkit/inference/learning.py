"""A network that learns from what it has read: dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018).

As in their RMS rule, a gradient is divided by the root of its mean square. Theirs is the mean over the training text;
here it is that of what has been read, so that a run needs nothing but its weights to learn.
"""

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Reserve
from toolkit.inference.adapting import STEPS, UNIT
from toolkit.inference.scoring import score_rows
from toolkit.network.backend import Tensor, tf
from toolkit.network.network import RecurrentNetwork
from toolkit.network.stepper import NumpyStepper


class LearningStepper:
    """A network, one event at a time, that learns after each window of ``STEPS`` events and at the end of a document.

    It changes its network, so it must be given a copy; a copy can be used again once this stepper is not.
    """

    def __init__(self, network: RecurrentNetwork, reserve: Reserve, rate: float) -> None:
        self._network, self._reserve = network, reserve
        self._rate = tf.constant(rate, tf.float32)
        if Learning not in network.graphs:
            network.graphs[Learning] = Learning(network)
        self._learning: Learning = network.graphs[Learning]
        self._learning.forget()
        self._stepper = NumpyStepper(network)
        self._begin()

    def _begin(self) -> None:
        """The beginning of a document."""
        self._state = self._network.initial(1)  # before the window
        self._inputs: list[int] = [DOC]  # of the window so far, and of the next event
        self._stepper.feed(DOC)

    def distribution(self) -> Floats:
        """P (V,) of the next event."""
        return self._reserve.distribution(self._stepper.logits())

    def feed(self, id_: int) -> None:
        """Pass an event, and learn if it ends a window; what is outside the network is not fed to it."""
        if id_ in self._reserve.outside:
            return
        self._inputs.append(id_)
        if len(self._inputs) > STEPS or id_ == DOC:
            self._learn_window()
        if id_ == DOC:
            self._begin()
        else:
            self._stepper.feed(id_)

    def _learn_window(self) -> None:
        """Update the weights with the events since the last update; a shorter window is padded with ``<doc>``."""
        read = len(self._inputs) - 1
        ids = np.array(self._inputs + [DOC] * (STEPS - read), np.int32)
        targets = ids[1:]
        counted = (np.arange(STEPS) < read) & self._reserve.trained[targets]
        self._state = self._learning.window(ids[None, :-1], targets[None], counted, self._state, self._rate)
        self._inputs = self._inputs[-1:]
        self._stepper.refresh()


class Learning:
    """How a network learns from a window of events: the graph that updates its weights, and what that keeps.

    g is the gradient of the mean of the losses of the events that count, n their number. A weight goes down by
    rate · UNIT · n / STEPS · g / (√m + √M), where m is the mean of g² in all windows so far, this one included, and M
    the mean of m in its matrix. Most weights move by less than rate · UNIT at a time; rows that are seldom read may
    move further, at most √windows times as far. If they could not, words would gain a third less.
    """

    def __init__(self, network: RecurrentNetwork) -> None:
        self._network, self._weights = network, list(network.named_weights.values())
        self._mean_squares = [tf.Variable(tf.zeros_like(weight)) for weight in self._weights]
        self._windows = tf.Variable(0.0)
        self._nothing = tf.zeros((network.vocabulary_size,), tf.float64)
        self.window = tf.function(self._updated, autograph=False)

    def forget(self) -> None:
        """Begin as if nothing had been read; the weights stay as they are."""
        for variable in (*self._mean_squares, self._windows):
            variable.assign(tf.zeros_like(variable))

    def _updated(self, inputs: Tensor, targets: Tensor, counted: Tensor, state: Tensor, rate: Tensor) -> Tensor:
        """The state after a window (1, STEPS), with whose ``counted`` targets the weights are updated."""
        with tf.GradientTape() as tape:
            logs, _, state = score_rows(self._network, inputs, targets, state, self._nothing)  # (1, STEPS)
            number = tf.reduce_sum(tf.cast(counted, tf.float32))
            loss = -tf.reduce_sum(tf.where(counted, logs[0], 0.0)) / tf.cast(tf.maximum(number, 1.0), logs.dtype)
        self._windows.assign_add(1.0)
        gradients = tape.gradient(loss, self._weights)
        for weight, gradient, mean in zip(self._weights, gradients, self._mean_squares, strict=True):
            dense = tf.convert_to_tensor(gradient)
            mean.assign_add((dense**2 - mean) / self._windows)
            scale = tf.sqrt(mean) + tf.sqrt(tf.reduce_mean(mean))
            weight.assign_sub(rate * UNIT * number / STEPS * tf.math.divide_no_nan(dense, scale))
        return state
