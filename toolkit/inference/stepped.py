"""Scores of a model that learns from what it reads: event by event, as a coder steps through it."""

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Stepper, Tokenizer
from toolkit.inference.scores import DocumentScores, EventBits, document_scores


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]  # for speed, as in coding
def stepped_scores(stepper: Stepper, tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> list[DocumentScores]:
    """What each document pays, after all before it: the stepper makes the same updates as in a coder."""
    vocabulary = tokenizer.vocabulary
    scores = []
    for encoding in encodings:
        probabilities, ending = np.ones(len(encoding.ids)), np.ones(len(encoding.ids))
        for i, id_ in enumerate(encoding.ids.tolist()):
            distribution = stepper.distribution()
            probabilities[i], ending[i] = distribution[id_], distribution[vocabulary.ends_words].sum()
            stepper.feed(id_)
        outside_bits = vocabulary.reserve.outside_bits(encoding.ids)
        inside = vocabulary.reserve.inside(encoding.ids)
        network_bits = np.where(inside, -np.log2(probabilities) - outside_bits, 0.0)
        scores.append(document_scores(tokenizer, encoding, EventBits(network_bits, -np.log2(ending))))
    return scores
