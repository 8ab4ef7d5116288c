"""The network written out in numpy, one event at a time."""

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from toolkit.events.encoding import DOC
from toolkit.network.network import Network


class NumpyStepper:
    """The network written out in numpy, one event at a time: the same computation and shape for both directions.

    Several times faster than to call TensorFlow for every event, and a check on it: ``verify`` compares what this pays
    with what the batched scorer reported. Who steps limits numpy to one thread: another number gives other sums.
    """

    def __init__(self, network: Network) -> None:
        w = network.arrays()
        self._one_hot = network.one_hot
        self._inputs = w[network.input_matrix]
        self._layers = [
            (w[f"kernel_{layer}"], w[f"recurrent_{layer}"], w[f"bias_{layer}"])
            for layer in range(network.settings.layers)
        ]
        self._output = np.ascontiguousarray(w["embedding"].T) if network.tied else w["output"]  # (H, V)
        self._output_bias = w["output_bias"]
        self._forget()

    def _forget(self) -> None:
        """The zero state: per layer a hidden and a cell state (H,)."""
        self._state = [(np.zeros(len(U), np.float32), np.zeros(len(U), np.float32)) for _, U, _ in self._layers]

    def next_logits(self, id_: int) -> npt.NDArray[np.float32]:
        """Logits (V,) of the event after this one; those of ids that training never shows mean nothing."""
        if id_ == DOC:
            self._forget()
        x = self._inputs[id_]
        for layer, ((kernel, U, bias), (h, c)) in enumerate(zip(self._layers, self._state, strict=True)):
            units = len(U)
            z = (x if self._one_hot and layer == 0 else x @ kernel) + bias + h @ U  # (4H,): i, f, o, g
            s = expit(z[: 3 * units])
            c = s[units : 2 * units] * c + s[:units] * np.tanh(z[3 * units :])
            x = s[2 * units :] * np.tanh(c)
            self._state[layer] = x, c
        return x @ self._output + self._output_bias  # type: ignore[no-any-return]
