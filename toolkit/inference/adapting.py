"""Dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018): a model learns from the text that it has paid for."""

from toolkit.errors import InputError
from toolkit.events.coding import Outlook, Stepper
from toolkit.inference.model import Model

STEPS = 40  # events that are paid for before the weights change; 20, at half the rate, are no better and take longer
UNIT = 1 / 150  # of a step, at rate 1; chosen so that 0.3, the best rate of plain descent, is a good one here, too
RULE = f"root mean square of {STEPS} events, {UNIT:.6f}"  # by which networks learn: rows of other rules are no peers


def learning_rate(rate: float) -> float:
    """The rate. Raises InputError if it is not a finite number above 0."""
    if not 0 < rate < float("inf"):
        raise InputError(f"The rate of --adapt is {rate}; give a number above 0, such as 0.3.")
    return rate


class Adapting(Model):
    """A ``Model`` that keeps learning from what it has paid for, from one document to the next, as PPMd does.

    It is scored event by event: a coder makes the same updates after the same events, encoding and decoding.
    Raises InputError if the rate is not a number above 0.
    """

    def __init__(self, model: Model, rate: float) -> None:
        self.model, self.rate, self.tokenizer = model, learning_rate(rate), model.tokenizer

    @property
    def parameters(self) -> int:
        """The model's."""
        return self.model.parameters

    @property
    def embedding_parameters(self) -> int:
        """The model's."""
        return self.model.embedding_parameters

    @property
    def multiply_adds(self) -> int:
        """The model's, without those of learning."""
        return self.model.multiply_adds

    def fingerprint(self) -> bytes:
        """The model's."""
        return self.model.fingerprint()

    def decompress(self, data: bytes, *, name: str = "the data") -> str:
        """The text that this model coded, or the one that it learns from, at the rate that the data name."""
        return self.model.decompress(data, name=name)

    def outlook(self) -> Outlook | None:
        """The model's."""
        return self.model.outlook()

    def start(self) -> Stepper:
        """The model before the first document, ready to learn."""
        return self.model.learner(self.rate)

    def learner(self, rate: float) -> Stepper:
        """The model, learning at another rate."""
        return self.model.learner(rate)
