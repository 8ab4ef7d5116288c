"""A model: gives the distribution of each event of a document."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from toolkit.events.encoding import Encoding, Ids
from toolkit.events.protocols import Stepper, Tokenizer
from toolkit.inference.scores import DocumentScores


class Model(Protocol):
    """A tokenizer and a predictor of its events: all that scoring, coding, sampling and the report need of either."""

    @property
    def tokenizer(self) -> Tokenizer:
        """From text to events and back."""
        ...

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""
        ...

    @property
    def embedding_parameters(self) -> int:
        """How many of them are in the matrix whose rows are the inputs of the ids."""
        ...

    def score(self, encodings: Sequence[Encoding]) -> list[DocumentScores]:
        """What each document pays, in this order: the same as ``start`` gives event by event."""
        ...

    def start(self) -> Stepper:
        """The model at the beginning of a first document."""
        ...

    def learner(self, rate: float) -> Stepper:
        """Like ``start``, but it keeps learning from what it has read, at a rate. The model itself is unchanged."""
        ...

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, top_k: int | None, top_p: float | None
    ) -> Iterator[Ids]:
        """Ids drawn after a prompt, in endless chunks (streams, n), with one stream per seed.

        The prompt (n,) begins with ``<doc>``. Ids are drawn from the distribution at the temperature, from the k
        likeliest (``top_k``), or from the likeliest that together reach a probability (``top_p``); neither ``<doc>``
        nor an id that training never showed is drawn. A stream depends on no seed but its own.
        """
        ...
