"""Models made of other models of one column: their mean, and a model that keeps learning (dynamic evaluation).

Dynamic evaluation: Krause, Kahembwe, Murray & Renals 2018, "Dynamic evaluation of neural sequence models".
"""

from collections.abc import Sequence

import numpy as np

from toolkit.errors import InputError
from toolkit.events.coding import Outlook, Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Events
from toolkit.inference.model import Combined, Model
from toolkit.inference.scores import DocumentScores, document_scores

LEARNING_EVENTS = 40  # between two updates of the weights; 20, at half the rate, are no better and slower
RATE_UNIT = 1 / 150  # of an update at rate 1, so that 0.3, the best rate of plain gradient descent, suits here as well
RULE = f"root mean square of {LEARNING_EVENTS} events, {RATE_UNIT:.6f}"  # rows with another rule are not comparable


def learning_rate(rate: float) -> float:
    """Return the rate. Raises InputError if it is not a finite number above 0."""
    if not 0 < rate < float("inf"):
        raise InputError(f"The rate of --adapt is {rate}; give a number above 0, such as 0.3.")
    return rate


class Adapting(Combined):
    """A model that keeps learning from the text that it has paid for, from one document to the next, as PPMd does.

    A coder makes the same updates after the same events. Raises InputError if the rate is not a number above 0.
    """

    def __init__(self, model: Model, rate: float) -> None:
        super().__init__([model], model.tokenizer)
        self.model, self.rate = model, learning_rate(rate)

    def fingerprint(self) -> bytes:
        """Return the model's own."""
        return self.model.fingerprint()

    def at_rate(self, rate: float) -> Stepper:
        """Return the model, learning at a rate."""
        return self.model.at_rate(rate)


class Ensemble(Combined):
    """The mean of the probabilities of models with one tokenizer, event by event.

    Raises InputError if there is no model, or their tokenizers have learned different things.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        states = [model.tokenizer.state() for model in models]
        if not models or any(state != states[0] for state in states):
            raise InputError("An ensemble needs models with one tokenizer. Give runs of one column and corpus.")
        super().__init__(models, models[0].tokenizer)
        self.counts = all(model.counts for model in models)

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores; spelling costs the same in all models."""
        by_model = [model.score(encodings) for model in self.models]
        return [
            document_scores(
                self.tokenizer,
                encoding,
                mean_bits([scores.network_bits for scores in of_document]),
                mean_bits([scores.ending_bits for scores in of_document]),
            )
            for encoding, *of_document in zip(encodings, *by_model, strict=True)
        ]

    def at_rate(self, rate: float) -> Stepper:
        """Return all models, each learning separately."""
        return EnsembleStepper([model.at_rate(rate) for model in self.models])

    def outlook(self) -> Outlook | None:
        """Return the first model's."""
        return self.models[0].outlook()


def mean_bits(bits: Sequence[Floats]) -> Floats:
    """Return −log2 of the mean of probabilities, given −log2 of each (n,).

    >>> mean_bits([np.array([1.0]), np.array([3.0])]).round(3).tolist()
    [1.678]
    """
    mean: Floats = -np.log2(np.mean([2.0**-of_model for of_model in bits], 0))
    return mean


class EnsembleStepper:
    """A ``Stepper``: the mean of several steppers' distributions."""

    def __init__(self, steppers: Sequence[Stepper]) -> None:
        self._steppers = steppers

    def distribution(self) -> Floats:
        """Return the mean distribution (V,)."""
        first, *further = (stepper.distribution() for stepper in self._steppers)
        return sum(further, first) / len(self._steppers)  # one after another: the same on every processor

    def feed(self, id_: int) -> None:
        """Pass an event to all of them."""
        for stepper in self._steppers:
            stepper.feed(id_)
