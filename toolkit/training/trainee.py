"""A network that is to be trained: the amount and the work of its training."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from toolkit.config import CompareSettings
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.network.sizes import Size, size
from toolkit.training import model_kind
from toolkit.training.stream import stream, windows

MAX_UNITS = 1 << 16


class Trainee:
    """The network of a column before its training: its size, its updates, and the work of an update.

    An update reads ``characters_per_update`` on average.
    """

    def __init__(
        self, name: str, model: str, settings: CompareSettings, tokenizer: Tokenizer, training: Sequence[Encoding]
    ) -> None:
        read = stream(tokenizer.vocabulary, training)
        rows, length, _, self.updates = windows(read, settings.train)
        self.name, self.model, self.settings, self.tokenizer = name, model, settings, tokenizer
        self.tokens_per_update = rows * length
        self.characters_per_update = rows * length * read.characters / read.tokens

    @property
    def multiply_adds_per_update(self) -> int:
        """Return the multiplications with an addition that an update takes."""
        return self.tokens_per_update * model_kind(self.model).training_multiply_adds(self.size())

    def size(self, units: int | None = None) -> Size:
        """Return the size of the network, by default with the units of its settings."""
        network = self.settings.network
        if units is not None:
            network = network.model_copy(update=self.with_units(units)["network"])
        return size(network, self.model, len(self.tokenizer.vocabulary), one_hot=self.tokenizer.one_hot)

    def with_units(self, units: int) -> dict[str, dict[str, int]]:
        """Return the settings of a number of units. A tied embedding has as many."""
        network = self.settings.network
        tied = network.tied and not self.tokenizer.one_hot and network.embedding is not None
        return {"network": {"units": units} | ({"embedding": units} if tied else {})}

    def with_updates(self, updates: int) -> dict[str, dict[str, Any]]:
        """Return the settings of training with a number of updates, without an early stop."""
        train = self.settings.train
        epochs = {} if train.epochs is None else {"epochs": None}
        return {"train": {"updates": max(1, updates)} | epochs | {"patience": train.checks}}


def units_for(parameters: int, parameters_of: Callable[[int], int]) -> int:
    """Return the number of units whose network has the nearest number of parameters.

    >>> units_for(95, lambda units: units**2)
    10
    """
    above = bisect_left(range(1, MAX_UNITS), parameters, key=parameters_of) + 1
    return min((max(1, above - 1), above), key=lambda units: abs(parameters_of(units) - parameters))
