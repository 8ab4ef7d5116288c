"""A trained network as a model."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from weakref import finalize

from toolkit.config import NetworkSettings
from toolkit.events.coding import LogitStepper, Outlook, Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Events, Ids, Reserve, Tokenizer
from toolkit.inference.drawing import Likeliest
from toolkit.inference.expecting import network_distributions
from toolkit.inference.learning import LearningStepper
from toolkit.inference.model import Model
from toolkit.inference.sampling import sample
from toolkit.inference.scores import DocumentScores, document_scores
from toolkit.inference.scoring import score_network
from toolkit.network.export import write
from toolkit.network.network import RecurrentNetwork
from toolkit.network.stepper import NumpyStepper


def network_for(tokenizer: Tokenizer, settings: NetworkSettings, seed: int = 0) -> RecurrentNetwork:
    """A new network for the tokenizer's events, its weights drawn from the seed."""
    return RecurrentNetwork(settings, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot, seed=seed)


class NeuralModel(Model):
    """A ``Model``: a tokenizer and the network that was trained on its events."""

    def __init__(self, tokenizer: Tokenizer, network: RecurrentNetwork) -> None:
        self.tokenizer, self.network = tokenizer, network
        self._copies: deque[RecurrentNetwork] = deque(maxlen=1)  # one that has learnt, and that no learner has now

    @property
    def parameters(self) -> int:
        """How many weights the network has."""
        return self.network.parameters

    @property
    def embedding_parameters(self) -> int:
        """How many of them are in the matrix whose rows are the inputs of the ids."""
        return self.network.embedding_parameters

    @property
    def multiply_adds(self) -> int:
        """Those of the network."""
        return self.network.multiply_adds

    def export(self, file: str | Path) -> None:
        """Write the network and its reserve as a ``.keras`` file of Keras' own layers."""
        vocabulary = self.tokenizer.vocabulary
        write(self.network, vocabulary.reserve, vocabulary.tokens, Path(file))

    def layers(self) -> list[str]:
        """Keras' summary of the network."""
        return self.network.layer_lines()

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """What each document pays, the documents batched together."""
        events = score_network(self.network, self.tokenizer.vocabulary, encodings)
        return [document_scores(self.tokenizer, *pair) for pair in zip(encodings, events, strict=True)]

    def distributions(
        self, encodings: Sequence[Events], places: Sequence[Collection[int]]
    ) -> Iterator[tuple[int, int, Floats]]:
        """P (V,) at some places of documents, which are batched together."""
        return network_distributions(self.network, self.tokenizer.vocabulary, encodings, places)

    def start(self) -> Stepper:
        """The network in numpy at the beginning of a first document."""
        return LogitStepper(NumpyStepper(self.network), self.tokenizer.vocabulary.reserve)

    def learner(self, rate: float) -> Stepper:
        """A copy of the network that updates its weights after each window that it has read.

        To make a copy and its graph takes longer than to read a short text, so the last one that is free is used again.
        """
        try:
            copy = self._copies.pop()
        except IndexError:  # none is free, also if another thread has just taken it
            copy = self.network.copy()
        copy.assign(self.network.arrays())
        stepper = LearningStepper(copy, self.tokenizer.vocabulary.reserve, rate)
        finalize(stepper, self._copies.append, copy).atexit = False
        return stepper

    def outlook(self) -> Outlook:
        """The last layer's outputs, of the network as it was trained."""
        return NetworkOutlook(NumpyStepper(self.network), self.tokenizer.vocabulary.reserve)

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, top_k: int | None, top_p: float | None
    ) -> Iterator[Ids]:
        """Ids drawn in one graph, all streams at once."""
        return sample(self.network, prompt, seeds, temperature, Likeliest(top_k, top_p))


class NetworkOutlook:
    """An ``Outlook``: what a network's last layer puts out; what is outside the network is not fed to it."""

    def __init__(self, reader: NumpyStepper, reserve: Reserve) -> None:
        self._reader, self._outside = reader, reserve.outside

    @property
    def outputs(self) -> Floats:
        """The outputs (H,) after what was read."""
        return self._reader.outputs

    def feed(self, id_: int) -> None:
        """Read an id."""
        if id_ not in self._outside:
            self._reader.feed(id_)
