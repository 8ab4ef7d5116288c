"""A network that learns from what it has read: dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018)."""

from collections.abc import Callable

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.vocabulary import Reserve
from toolkit.inference.scoring import score_rows
from toolkit.network.backend import Tensor, tf
from toolkit.network.optimizers import GradientDescent
from toolkit.network.protocol import Network

STEPS = 20  # tokens that are scored before the weights change
CLIP_NORM = 1.0


class LearningStepper:
    """A network, one event at a time, that learns after each window of ``STEPS`` events and at the end of a document.

    It does gradient descent on the sum of the window's losses over ``STEPS``, with the gradient clipped. It changes its
    network, so it must be given a copy.
    """

    def __init__(self, network: Network, reserve: Reserve, rate: float) -> None:
        self._network, self._reserve = network, reserve
        self._rate = tf.constant(rate, tf.float32)
        self._learn = learning_window(network)
        self._stepper = network.stepper()
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
        self._state = self._learn(ids[None, :-1], targets[None], counted, self._state, self._rate)
        self._inputs = self._inputs[-1:]
        self._stepper.refresh()


def learning_window(network: Network) -> Callable[..., Tensor]:
    """The graph that updates the weights with the ``counted`` targets of a window (1, STEPS); returns the new state."""
    optimizer = GradientDescent(list(network.named_weights.values()), CLIP_NORM)
    nothing = tf.zeros((network.vocabulary_size,), tf.float64)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def window(inputs: Tensor, targets: Tensor, counted: Tensor, state: Tensor, rate: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            logs, _, state = score_rows(network, inputs, targets, state, nothing)  # (1, STEPS)
            loss = -tf.reduce_sum(tf.where(counted, logs[0], 0.0)) / STEPS
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, optimizer.weights)]
        optimizer.apply(gradients, rate, tf.constant(0, tf.int64))
        return state

    return window  # type: ignore[no-any-return]
