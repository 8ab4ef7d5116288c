"""What training and scoring need of a network, and what a network needs of a recurrent layer."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from toolkit.events.protocols import Logits
from toolkit.network.backend import Tensor
from toolkit.network.dense import Dense
from toolkit.network.dropout import Masks

Array = npt.NDArray[np.float32]
Arrays = dict[str, Array]
State = tuple[tuple[Tensor, ...], ...]  # per layer, the arrays (rows, units) that its cell names


class Cell(Protocol):
    """The formula of a recurrent layer with inputs (I), H units, and weights by name.

    The arrays of its state (rows, H) have the names in ``state``; the first is the layer's output. ``keep`` (T, B, 1)
    is 0 where the state is forgotten before a step and 1 elsewhere. ``projected`` is inputs · kernel + bias.
    """

    state: tuple[str, ...]
    gates: int

    def shapes(self, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        """The weights' shapes by name: ``kernel`` (I, gates · H), ``recurrent`` (H, gates · H), ``bias`` and others."""
        ...

    def initial_bias(self, name: str, units: int) -> npt.NDArray[Any]:
        """A bias before training."""
        ...

    def run(
        self,
        inputs: Callable[[], Tensor],
        projected: Callable[[], Tensor],
        keep: Tensor,
        weights: Mapping[str, Tensor],
        state: tuple[Tensor, ...],
        precision: Any,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The outputs (T, B, H) of a window, and the state after it.

        A cell calls either ``inputs`` (T, B, I) or ``projected`` (T, B, gates · H). Only products are in ``precision``.
        """
        ...

    def advance(
        self, projected: Tensor, weights: Mapping[str, Tensor], state: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """The state after one step, from ``projected`` (B, gates · H)."""
        ...

    def step(self, projected: Array, weights: Mapping[str, Array], state: tuple[Array, ...]) -> tuple[Array, ...]:
        """The same in numpy, for one row: arrays (H,), ``projected`` (gates · H,)."""
        ...


class Network(Protocol):
    """A network over ids, which can be trained, scored, stepped through and saved."""

    weights: dict[str, Tensor]
    graphs: dict[Any, Tensor]  # compiled once per network and shape, where they are used

    @property
    def vocabulary_size(self) -> int:
        """V, the number of ids."""
        ...

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        ...

    @property
    def embedding_parameters(self) -> int:
        """How many of them are in the matrix whose rows are the inputs of the ids."""
        ...

    @property
    def output_matrix(self) -> str:
        """The name of the weight that ``dense`` multiplies with."""
        ...

    def state_names(self) -> list[tuple[str, ...]]:
        """The names of the state's arrays, by layer."""
        ...

    def masks(self, seed: int, update: Tensor) -> Masks:
        """The dropout masks of one update."""
        ...

    def initial(self, rows: int) -> State:
        """The zero state."""
        ...

    def hidden(
        self, ids: Tensor, state: State, masks: Masks | None = None, tower: int = 0, precision: Any = ...
    ) -> tuple[Tensor, State]:
        """The last layer's outputs (T, B, H) for inputs ``ids`` (T, B), and the state after them."""
        ...

    def advance(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """The last layer's outputs (B, H) for one input each, ``ids`` (B,), and the state after it."""
        ...

    def dense(self, precision: Any = ...) -> Dense:
        """The dense layer that turns outputs into logits."""
        ...

    def arrays(self) -> Arrays:
        """The weights as numpy arrays, by name."""
        ...

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Set the weights. Raises ValueError if names or shapes differ."""
        ...

    def copy(self) -> "Network":
        """Another network with the same weights."""
        ...

    def stepper(self) -> "NetworkStepper":
        """A copy of the network as it is now, one event at a time."""
        ...


class NetworkStepper(Logits, Protocol):
    """A network, one event at a time, whose weights may change between events."""

    def refresh(self, arrays: Mapping[str, Array]) -> None:
        """Replace the weights."""
        ...
