"""The network in numpy, one event at a time, with the same numbers on every processor (events/exact)."""

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Reserve
from toolkit.events.exact import Matrix
from toolkit.network.network import RecurrentNetwork


class NumpyStepper:
    """A ``Stepper``: a network in numpy, with the reserve for untrained ids. It begins in a document.

    It is several times faster than calling TensorFlow for every event. ``verify`` compares its bits with the batched
    scorer's.
    """

    def __init__(self, network: RecurrentNetwork, reserve: Reserve) -> None:
        self.network, self.reserve = network, reserve
        self.refresh()
        self.read(DOC)

    def refresh(self) -> None:
        """Take over the network's weights as they are now. The output's are read when they are needed."""
        network = self.network
        self._output: tuple[Matrix, Floats] | None = None
        self._inputs = network.named_weights[network.input_matrix].numpy()  # (V, ...)
        self._kernels: list[Matrix | None] = []  # None where the inputs are rows of the kernel
        self._recurrent: list[tuple[Matrix, Floats]] = []
        largest = float(np.abs(self._inputs).max())
        for number, layer in enumerate(network.recurrent):
            kernel, recurrent, bias = layer.get_weights()
            self._kernels.append(None if network.one_hot and number == 0 else Matrix(kernel, largest))
            self._recurrent.append((Matrix(recurrent), bias.astype(np.float64)))
            largest = 1.0  # no cell's output is larger

    def read(self, id_: int) -> None:
        """Read an id of the network; ``<doc>`` starts a document from the zero state."""
        if id_ == DOC:
            zeros = np.zeros(self.network.settings.units)
            self._state = [tuple(zeros for _ in layer.state) for layer in self.network.recurrent]
        x = self._inputs[id_].astype(np.float64)
        for number, (layer, kernel) in enumerate(zip(self.network.recurrent, self._kernels, strict=True)):
            projected = x if kernel is None else kernel.product(x)
            self._state[number] = layer.numpy_step(projected, *self._recurrent[number], self._state[number])
            x = self._state[number][0]

    def feed(self, id_: int) -> None:
        """Pass an event. The network does not read ids outside it."""
        if id_ not in self.reserve.outside:
            self.read(id_)

    @property
    def outputs(self) -> Floats:
        """Return the last layer's outputs (H,) after the ids read."""
        return self._state[-1][0]

    def distribution(self) -> Floats:
        """Return P (V,) of the next event."""
        if self._output is None:
            weights, bias = (self.network.named_weights[name].numpy() for name in self.network.output_weights)
            self._output = Matrix(weights.T if self.network.tied else weights), bias.astype(np.float64)
        matrix, bias = self._output
        return self.reserve.distribution(matrix.product(self.outputs) + bias)
