"""The mean of several models."""

from collections.abc import Sequence

import numpy as np

from toolkit.errors import InputError
from toolkit.events.coding import Outlook, Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Events
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, EventBits, document_scores
from toolkit.inference.several import Several
from toolkit.tokenizers.fillings import deciding


class Ensemble(Several):
    """A ``Model``: the mean of the probabilities of models with one tokenizer, event by event.

    Raises InputError if there is none, or if their tokenizers have learnt different things.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        if not models:
            raise InputError("An ensemble needs a model; give at least one.")
        first, *others = (model.tokenizer for model in models)
        if any(other is not first and deciding(other.state()) != deciding(first.state()) for other in others):
            raise InputError("The models of an ensemble have different tokenizers; give runs of one column and corpus.")
        self.models, self.tokenizer = models, first
        self.counts = all(model.counts for model in models)

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """−log2 of the mean probability of each event; spelling costs the same in all models."""
        scores = []
        for encoding, of_models in zip(
            encodings, zip(*(m.score(encodings) for m in self.models), strict=True), strict=True
        ):
            bits = mean_bits([document.network_bits for document in of_models])
            ending_bits = mean_bits([document.ending_bits for document in of_models])
            scores.append(document_scores(self.tokenizer, encoding, EventBits(bits, ending_bits)))
        return scores

    def start(self) -> Stepper:
        """All models at the beginning of a first document."""
        return EnsembleStepper([model.start() for model in self.models])

    def learner(self, rate: float) -> Stepper:
        """All models, each learning separately."""
        return EnsembleStepper([model.learner(rate) for model in self.models])

    def outlook(self) -> Outlook | None:
        """That of its first model that has one."""
        return next((outlook for model in self.models if (outlook := model.outlook()) is not None), None)


def mean_bits(bits: Sequence[Floats]) -> Floats:
    """−log2 of the mean of probabilities, given −log2 of each (n,).

    >>> mean_bits([np.array([1.0]), np.array([3.0])]).round(3).tolist()
    [1.678]
    """
    mean: Floats = -np.log2(np.mean([2.0**-of_one for of_one in bits], 0))
    return mean


class EnsembleStepper:
    """A ``Stepper``: the mean of several steppers' distributions."""

    def __init__(self, steppers: Sequence[Stepper]) -> None:
        self._steppers = steppers

    def distribution(self) -> Floats:
        """The mean distribution (V,)."""
        first, *others = (stepper.distribution() for stepper in self._steppers)
        return sum(others, first) / len(self._steppers)  # one after another: the same on every processor

    def feed(self, id_: int) -> None:
        """Pass an event in all of them."""
        for stepper in self._steppers:
            stepper.feed(id_)
