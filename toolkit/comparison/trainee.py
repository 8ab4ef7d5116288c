"""A column whose network is to be trained: what its training will read and take, before it begins."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from toolkit.network.sizes import Size, size
from toolkit.runs.isolated import Encoded
from toolkit.runs.spec import CellSpec
from toolkit.tokenizers import Tokenizer
from toolkit.training.batches import Windows, windows
from toolkit.training.stream import Stream, stream

MOST_UNITS = 1 << 16


@dataclass(frozen=True)
class Trainee:
    """Its cell with the comparison's settings, its fitted tokenizer, and the encoded documents."""

    spec: CellSpec
    tokenizer: Tokenizer
    encoded: Encoded

    @property
    def name(self) -> str:
        """The column's name."""
        return self.spec.column.name

    @cached_property
    def stream(self) -> Stream:
        """What its network reads of the documents."""
        return stream(self.tokenizer.vocabulary, self.encoded.training)

    @cached_property
    def windows(self) -> Windows:
        """How training reads them."""
        return windows(self.stream, self.spec.settings.train)

    @property
    def tokens_per_update(self) -> int:
        """Tokens that an update reads."""
        return self.windows.rows * self.windows.length

    @property
    def characters_per_update(self) -> float:
        """Characters that these tokens cover on average."""
        return self.tokens_per_update * self.stream.characters / self.stream.tokens

    @property
    def multiply_adds_per_update(self) -> int:
        """Multiply–adds that an update takes."""
        return self.tokens_per_update * self.spec.kind().training_multiply_adds(self.size())

    @property
    def cutoff(self) -> int | None:
        """The cutoff of its network's adaptive softmax, if it has one."""
        return self.spec.settings.network.cut(len(self.tokenizer.vocabulary))

    def size(self, units: int | None = None) -> Size:
        """The size of its network, with so many units or those of the settings."""
        settings = self.spec.settings.network
        if units is not None:
            settings = settings.model_copy(update=self.with_units(units)["network"])
        return size(settings, self.spec.model, len(self.tokenizer.vocabulary), one_hot=self.tokenizer.one_hot)

    def with_units(self, units: int) -> dict[str, dict[str, int]]:
        """The settings of its network with so many units; an embedding that is tied has as many."""
        network = self.spec.settings.network
        tied = network.tied and not self.tokenizer.one_hot and network.embedding is not None
        return {"network": {"units": units, **({"embedding": units} if tied else {})}}

    def with_updates(self, updates: int) -> dict[str, dict[str, Any]]:
        """The settings of training with so many updates, all of them made."""
        counted = {"updates": max(1, updates)}
        epochs = {} if self.spec.settings.train.epochs is None else {"epochs": None}
        to_the_end = {"patience": self.spec.settings.train.checks}  # no more checks in a row can fail
        return {"train": counted | epochs | to_the_end}


def units_for(parameters: int, of: Callable[[int], int]) -> int:
    """The number of units whose network has the number of parameters that is nearest to ``parameters``.

    >>> units_for(95, lambda units: units**2)
    10
    """
    above = bisect_left(range(1, MOST_UNITS), parameters, key=of) + 1
    return min((max(1, above - 1), above), key=lambda units: abs(of(units) - parameters))
