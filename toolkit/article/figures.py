"""The decisions that the article's page needs, and the table of the loss."""

import math
from collections.abc import Mapping

from toolkit.article.results import Reproduction

MIN_NOISE = 0.01  # of accuracy: smaller differences count as none, however little two seeds differ
MEMORY_MARGIN = 0.1  # of accuracy on the training text above accuracy on held-out text


class Figures:
    """The decisions that a reproduction supports.

    ``constant_answer`` is the most common character, for readers.
    ``noise`` is the difference in accuracy below which two networks count as equal: twice the difference of two seeds.
    ``first_learned``: the first network, as the article describes it, beats the constant answer.
    ``repairs_help``: the repaired network beats both the first network and the constant answer.
    ``memorised``: the network with the short text knows it much better than held-out text.
    """

    def __init__(self, reproduction: Reproduction) -> None:
        repaired, short = reproduction["repaired"], reproduction["short-text"]
        character = reproduction.text.chance.most_common
        self._reproduction = reproduction
        self.constant_answer = "a space" if character == " " else f"“{character}”"
        self.noise = max(MIN_NOISE, 2 * abs(repaired.accuracy - reproduction["other-seed"].accuracy))
        self.first_learned = self.beats_constant("network-1")
        better = repaired.accuracy > reproduction["network-1"].accuracy + self.noise
        self.repairs_help = better and self.beats_constant("repaired")
        self.memorised = short.training.accuracy > short.accuracy + MEMORY_MARGIN

    def beats_constant(self, name: str) -> bool:
        """Return whether a network predicts more than always answering the most common character."""
        return self._reproduction[name].accuracy > self._reproduction.text.chance.accuracy + self.noise

    def effect(self, name: str, reference: str) -> str:
        """Return "higher", "lower" or "none": the accuracy of a network compared with a reference."""
        difference = self._reproduction[name].accuracy - self._reproduction[reference].accuracy
        if abs(difference) < self.noise:
            return "none"
        return "higher" if difference > 0 else "lower"


def loss_parts(frequencies: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Return each character, its share p, and the loss in nats of an output that always answers this share.

    The loss is −p · ln p − (1 − p) · ln(1 − p).
    """
    return [
        (character, share, -math.fsum(p * math.log(p) for p in (share, 1 - share) if 0 < p < 1))
        for character, share in frequencies.items()
    ]
