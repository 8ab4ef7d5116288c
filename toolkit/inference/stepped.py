"""Scores of a model, event by event, as a coder steps through it: for models without a faster way."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from toolkit.events.coding import Stepper, encode_document
from toolkit.events.distribution import Distribution, Floats
from toolkit.events.encoding import Events, Tokenizer
from toolkit.inference.scores import DocumentScores, EventBits, document_scores


def stepped_scores(stepper: Stepper, tokenizer: Tokenizer, encodings: Sequence[Events]) -> list[DocumentScores]:
    """What each document pays, after all before it: the stepper makes the same updates as in a coder."""
    return [scored_on_the_way(stepper, tokenizer, encoding, lambda *_: None) for encoding in encodings]


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]  # for speed, as in coding
def scored_on_the_way(
    stepper: Stepper, tokenizer: Tokenizer, encoding: Events, put: Callable[[Distribution, int], None]
) -> DocumentScores:
    """What a document pays while ``put`` gets each of its events, with its distribution, as a coder does."""
    vocabulary = tokenizer.vocabulary
    recorded = Recorded(stepper, vocabulary.ends_words)
    encode_document(recorded, tokenizer, encoding, put)
    outside_bits = vocabulary.reserve.outside_bits(encoding.ids)
    inside = vocabulary.reserve.inside(encoding.ids)
    network_bits = np.where(inside, -np.log2(recorded.probabilities) - outside_bits, 0.0)
    return document_scores(tokenizer, encoding, EventBits(network_bits, -np.log2(recorded.ending)))


class Recorded:
    """A ``Stepper`` that steps as another does, and keeps the probability of each event and, before it, of a set.

    Every event's distribution is asked for before it is fed, as a coder does.
    """

    def __init__(self, stepper: Stepper, among: npt.NDArray[np.bool_]) -> None:
        self._stepper, self._among = stepper, among
        self.probabilities: list[float] = []
        self.ending: list[float] = []  # of the ids ``among`` (V,) together

    def distribution(self) -> Floats:
        """P (V,) of the next event."""
        self._next = self._stepper.distribution()
        return self._next

    def feed(self, id_: int) -> None:
        """Pass an event."""
        self.probabilities.append(self._next[id_])
        self.ending.append(self._next[self._among].sum())
        self._stepper.feed(id_)
