"""A model: what gives each event of a document its distribution."""

from typing import Protocol

from toolkit.events.protocols import Tokenizer
from toolkit.network.network import Network


class Model(Protocol):
    """A tokenizer and the network that was trained on its events."""

    @property
    def tokenizer(self) -> Tokenizer:
        """From text to events and back."""
        ...

    @property
    def network(self) -> Network:
        """What predicts them."""
        ...
