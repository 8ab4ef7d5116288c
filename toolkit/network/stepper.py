"""The coder's network."""

from typing import TYPE_CHECKING

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.exact import Matrix, log_sum_exp

if TYPE_CHECKING:
    from toolkit.network.network import RecurrentNetwork


class NumpyReader:
    """The recurrent layers written out in numpy, one event at a time, with the same numbers on every processor.

    The arithmetic is that of events/exact.
    """

    def __init__(self, network: "RecurrentNetwork") -> None:
        self._network = network
        self.refresh()
        self._forget()

    def refresh(self) -> None:
        """Take over the layers' weights as they are now."""
        network = self._network
        self._inputs = network.named_weights[network.input_matrix].numpy()  # (V, ...)
        self._kernels: list[Matrix | None] = []  # None where the inputs are rows of the kernel
        self._recurrent: list[tuple[Matrix, Floats]] = []
        largest = float(np.abs(self._inputs).max())
        for number, layer in enumerate(network.recurrent):
            kernel, recurrent, bias = layer.get_weights()
            self._kernels.append(None if network.one_hot and number == 0 else Matrix(kernel, largest))
            self._recurrent.append((Matrix(recurrent), bias.astype(np.float64)))
            largest = 1.0  # no cell's output is larger

    def _forget(self) -> None:
        """Return to the zero state: per layer the cell's arrays (H,)."""
        zeros = np.zeros(self._network.settings.units)
        self._state = [tuple(zeros for _ in layer.state) for layer in self._network.recurrent]

    def feed(self, id_: int) -> None:
        """Read an id; ``<doc>`` starts a document from the zero state."""
        if id_ == DOC:
            self._forget()
        x = self._inputs[id_].astype(np.float64)
        for number, (layer, kernel) in enumerate(zip(self._network.recurrent, self._kernels, strict=True)):
            projected = x if kernel is None else kernel.product(x)
            self._state[number] = layer.numpy_step(projected, *self._recurrent[number], self._state[number])
            x = self._state[number][0]

    @property
    def outputs(self) -> Floats:
        """The last layer's outputs (H,) after what was read."""
        outputs: Floats = self._state[-1][0]
        return outputs


class NumpyStepper(NumpyReader):
    """The whole network, one event at a time.

    It is several times faster than calling TensorFlow for every event, and a check on it: ``verify`` compares what this
    pays with what the batched scorer reported.
    """

    def refresh(self) -> None:
        """Take over the network's weights as they are now."""
        super().refresh()
        network = self._network
        output, bias, *together = (network.named_weights[name].numpy() for name in network.output_weights)
        self._output = Matrix(output.T if network.tied else output)  # (H, V)
        self._output_bias = bias.astype(np.float64)
        self._together: tuple[Matrix, Floats] | None = None  # of an adaptive softmax
        if together:
            kernel, bias = together
            self._together = Matrix(kernel), bias.astype(np.float64)

    def logits(self) -> Floats:
        """Logits (V,) of the next event."""
        logits: Floats = self._output.product(self.outputs) + self._output_bias
        if self._together:
            kernel, bias = self._together
            others = logits[self._network.cutoff :]
            others += kernel.product(self.outputs) + bias - log_sum_exp(others)
        return logits
