"""A model: what gives each event of a document its distribution."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from toolkit.events.encoding import Encoding, Ids
from toolkit.events.protocols import Stepper, Tokenizer
from toolkit.inference.scores import DocumentScores


class Model(Protocol):
    """A tokenizer and what predicts its events: all that scoring, coding, sampling and the report know of either."""

    @property
    def tokenizer(self) -> Tokenizer:
        """From text to events and back."""
        ...

    @property
    def parameters(self) -> int:
        """Numbers that were learnt."""
        ...

    @property
    def embedding_parameters(self) -> int:
        """Of these, those of the matrix whose rows are the ids' inputs."""
        ...

    def score(self, encodings: Sequence[Encoding]) -> list[DocumentScores]:
        """What each document pays, in this order; it is the same that ``start`` gives event by event."""
        ...

    def start(self) -> Stepper:
        """The model at the beginning of a first document."""
        ...

    def learner(self, rate: float) -> Stepper:
        """The same, but it goes on learning from what it has read, at a rate. The model stays as it is."""
        ...

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, top_k: int | None, top_p: float | None
    ) -> Iterator[Ids]:
        """Ids drawn after a prompt, chunk by chunk without end: (streams, n), a stream for each seed.

        The prompt (n,) begins with ``<doc>``. Ids are drawn from the distribution at the temperature, among the k
        likeliest (``top_k``), or among the likeliest that reach a probability together (``top_p``); neither ``<doc>``
        nor what training never showed is drawn. A stream depends on its seed and on no other.
        """
        ...
