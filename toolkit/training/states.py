"""The states that a network carries from one window to the next: each tower has those of its rows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from toolkit.network.backend import Array, Arrays, Tensor, tf
from toolkit.network.network import RecurrentNetwork


class CarriedStates:
    """The states of ``rows``, of which each of the ``towers`` has an equal part; zero at first."""

    def __init__(self, network: RecurrentNetwork, rows: int, towers: int) -> None:
        self._network, self._rows, self._towers = network, rows, towers
        self.by_tower = self.zero()

    def zero(self) -> Tensor:
        """The zero state of every tower."""
        return tuple(self._network.initial(self._rows // self._towers) for _ in range(self._towers))

    def forget(self, kept: npt.NDArray[np.bool_]) -> None:
        """Reset the state of all rows but those ``kept`` (rows,)."""
        parts = zip(self.by_tower, np.split(kept.astype(np.float32)[:, None], self._towers), strict=True)
        self.by_tower = tuple(tf.nest.map_structure(lambda s, k=k: s * k, state) for state, k in parts)

    def names(self) -> list[str]:
        """``tower/layer/name`` of all arrays, in order."""
        by_layer = list(enumerate(self._network.state_names()))
        return [f"{k}/{layer}/{name}" for k in range(self._towers) for layer, names in by_layer for name in names]

    def arrays(self) -> Arrays:
        """All arrays by name."""
        flat = tf.nest.flatten(self.by_tower)
        return {name: state.numpy() for name, state in zip(self.names(), flat, strict=True)}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Take over what ``arrays`` gave."""
        in_order = [tf.constant(arrays[name]) for name in self.names()]
        self.by_tower = tf.nest.pack_sequence_as(self.by_tower, in_order)
