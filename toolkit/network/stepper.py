"""A recurrent network written out in numpy, one event at a time."""

from collections.abc import Mapping

import numpy as np

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network.protocol import Array, Cell


class NumpyStepper:
    """The network written out in numpy, one event at a time: the same computation, in the same shapes, both directions.

    It is several times faster than calling TensorFlow for every event, and a check on it: ``verify`` compares what this
    pays with what the batched scorer reported. The caller must limit numpy to one thread: more would change the sums.
    """

    def __init__(self, cell: Cell, settings: NetworkSettings, arrays: Mapping[str, Array], *, one_hot: bool) -> None:
        self._cell, self._settings, self._one_hot = cell, settings, one_hot
        self.refresh(arrays)
        self._forget()

    def refresh(self, arrays: Mapping[str, Array]) -> None:
        """Replace the weights."""
        names = self._cell.shapes(1, 1)
        self._layers = [{name: arrays[f"{name}_{k}"] for name in names} for k in range(self._settings.layers)]
        self._inputs = arrays["kernel_0" if self._one_hot else "embedding"]
        self._output = arrays["output"] if "output" in arrays else np.ascontiguousarray(arrays["embedding"].T)  # (H, V)
        self._output_bias = arrays["output_bias"]

    def _forget(self) -> None:
        """Return to the zero state: per layer the cell's arrays (H,)."""
        zeros = np.zeros(self._settings.units, np.float32)
        self._state = [tuple(zeros for _ in self._cell.state) for _ in self._layers]

    def feed(self, id_: int) -> None:
        """Read an id; ``<doc>`` starts a document from the zero state."""
        if id_ == DOC:
            self._forget()
        x = self._inputs[id_]
        for number, (weights, state) in enumerate(zip(self._layers, self._state, strict=True)):
            projected = (x if self._one_hot and number == 0 else x @ weights["kernel"]) + weights["bias"]
            self._state[number] = self._cell.step(projected, weights, state)
            x = self._state[number][0]

    def logits(self) -> Array:
        """Logits (V,) of the next event; those of ids that training never shows are meaningless."""
        return self._state[-1][0] @ self._output + self._output_bias
