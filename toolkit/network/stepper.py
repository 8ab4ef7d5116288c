"""The coder's network."""

from typing import TYPE_CHECKING

import numpy as np

from toolkit.events.encoding import DOC
from toolkit.network.protocol import Array

if TYPE_CHECKING:
    from toolkit.network.network import RecurrentNetwork


class NumpyStepper:
    """The network written out in numpy, one event at a time: the same computation, in the same shapes, both directions.

    It is several times faster than calling TensorFlow for every event, and a check on it: ``verify`` compares what this
    pays with what the batched scorer reported. The caller must limit numpy to one thread: more would change the sums.
    """

    def __init__(self, network: "RecurrentNetwork") -> None:
        self._network = network
        self.refresh()
        self._forget()

    def refresh(self) -> None:
        """Take over the network's weights as they are now."""
        network = self._network
        arrays = network.arrays()
        self._layers = [(layer, layer.get_weights()) for layer in network.recurrent]
        self._inputs = arrays[network.input_matrix]
        output = arrays[network.output_matrix]
        self._output = np.ascontiguousarray(output.T) if network.tied else output  # (H, V)
        self._output_bias = arrays[network.output_bias]

    def _forget(self) -> None:
        """Return to the zero state: per layer the cell's arrays (H,)."""
        zeros = np.zeros(self._network.settings.units, np.float32)
        self._state = [tuple(zeros for _ in layer.state) for layer, _ in self._layers]

    def feed(self, id_: int) -> None:
        """Read an id; ``<doc>`` starts a document from the zero state."""
        if id_ == DOC:
            self._forget()
        x = self._inputs[id_]
        for number, ((layer, weights), state) in enumerate(zip(self._layers, self._state, strict=True)):
            projected = x if self._network.one_hot and number == 0 else x @ weights[0]
            self._state[number] = layer.numpy_step(projected, weights, state)
            x = self._state[number][0]

    def logits(self) -> Array:
        """Logits (V,) of the next event."""
        return self._state[-1][0] @ self._output + self._output_bias
