"""The mean of several models."""

from collections.abc import Iterator, Sequence

import numpy as np

from toolkit.errors import InputError
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Encoding, Ids
from toolkit.events.protocols import Stepper
from toolkit.inference.drawing import draw
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, EventBits, document_scores


class Ensemble(Model):
    """A ``Model``: the mean of the probabilities of models with one tokenizer, event by event.

    Raises InputError if their tokenizers have learnt different things.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        first, *others = (model.tokenizer for model in models)
        if any(other is not first and other.state() != first.state() for other in others):
            raise InputError("The models of an ensemble have different tokenizers; give runs of one column and corpus.")
        self.models, self.tokenizer = models, first

    @property
    def parameters(self) -> int:
        """Of all models together."""
        return sum(model.parameters for model in self.models)

    @property
    def embedding_parameters(self) -> int:
        """Of all models together."""
        return sum(model.embedding_parameters for model in self.models)

    @property
    def multiply_adds(self) -> int:
        """Of all models together."""
        return sum(model.multiply_adds for model in self.models)

    def score(self, encodings: Sequence[Encoding]) -> list[DocumentScores]:
        """−log2 of the mean probability of each event; spelling costs the same in all models."""
        scores = []
        for encoding, of_models in zip(
            encodings, zip(*(m.score(encodings) for m in self.models), strict=True), strict=True
        ):
            bits, ending_bits = (
                -np.log2(np.mean([2.0 ** -getattr(document, name) for document in of_models], 0))
                for name in ("network_bits", "ending_bits")
            )
            scores.append(document_scores(self.tokenizer, encoding, EventBits(bits, ending_bits)))
        return scores

    def start(self) -> Stepper:
        """All models at the beginning of a first document."""
        return EnsembleStepper([model.start() for model in self.models])

    def learner(self, rate: float) -> Stepper:
        """All models, each learning separately."""
        return EnsembleStepper([model.learner(rate) for model in self.models])

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, top_k: int | None, top_p: float | None
    ) -> Iterator[Ids]:
        """Ids drawn one at a time."""
        return draw(self, prompt, seeds, temperature, top_k, top_p)


class EnsembleStepper:
    """A ``Stepper``: the mean of several steppers' distributions."""

    def __init__(self, steppers: Sequence[Stepper]) -> None:
        self._steppers = steppers

    def distribution(self) -> Floats:
        """The mean distribution (V,)."""
        mean: Floats = np.mean([stepper.distribution() for stepper in self._steppers], 0)
        return mean

    def feed(self, id_: int) -> None:
        """Pass an event in all of them."""
        for stepper in self._steppers:
            stepper.feed(id_)
