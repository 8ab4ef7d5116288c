"""What training and scoring need of a network."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from toolkit.events.protocols import Logits
from toolkit.network.backend import Tensor
from toolkit.network.dense import OutputLayer
from toolkit.network.dropout import Masks

Array = npt.NDArray[np.float32]
Arrays = dict[str, Array]
State = tuple[tuple[Tensor, ...], ...]  # per layer, the arrays (rows, units) that its cell names


class Network(Protocol):
    """A network over ids, which can be trained, scored, stepped through and saved."""

    graphs: dict[Any, Tensor]  # compiled once per network and shape, where they are used

    @property
    def named_weights(self) -> Mapping[str, Tensor]:
        """The weights as TensorFlow's variables, by name."""
        ...

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
    def input_matrix(self) -> str:
        """The name of the weight whose rows are the inputs of the ids."""
        ...

    @property
    def output_weights(self) -> Sequence[str]:
        """The names of the weights of ``output_layer``, in its order; the first multiplies outputs."""
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

    def forward(self, masks: Masks | None = None, precision: Any = ...) -> "NetworkForward":
        """The forward pass with the weights as they are now, some of them and some units dropped by ``masks``."""
        ...

    def output_layer(self, precision: Any = ...) -> OutputLayer:
        """The layer that turns outputs into logits."""
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


class NetworkForward(Protocol):
    """The forward pass up to the last recurrent layer."""

    @property
    def sources(self) -> Sequence[Tensor]:
        """The tensors, computed from weights, that a window is computed from."""
        ...

    @property
    def embedding(self) -> Tensor | None:
        """The weight whose rows are looked up, if there is one: a window is computed from it directly."""
        ...

    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        """Outputs (T, B, H) for ids (T, B), and the state after them; at every ``<doc>`` the state is forgotten."""
        ...

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Outputs (B, H) for one id each, ``ids`` (B,), and the state after it."""
        ...


class NetworkStepper(Logits, Protocol):
    """A network, one event at a time, whose weights may change between events."""

    def refresh(self) -> None:
        """Take over the network's weights as they are now."""
        ...
