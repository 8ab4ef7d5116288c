"""How well held-out characters can be predicted by counting, without a network."""

import numpy as np

from toolkit.article.alphabet import Alphabet, Ids
from toolkit.article.results import Chance
from toolkit.article.windows import LEAD, Passages
from toolkit.events.distribution import Floats


def chance(alphabet: Alphabet, training: Ids, passages: Passages) -> Chance:
    """The scores that counts of the training text alone achieve on the passages' targets."""
    size = len(alphabet.characters)
    counts = np.bincount(training, minlength=size)  # (V,)
    shares = counts / counts.sum()
    came = np.bincount(passages.targets.ravel(), minlength=size) / passages.targets.size
    return Chance(
        most_common=alphabet.characters[int(counts.argmax())],
        accuracy=float(came[counts.argmax()]),
        binary_cross_entropy=constant_binary_cross_entropy(shares, came),
        binary_cross_entropy_of_nothing=constant_binary_cross_entropy(np.full(size, 1 / size), came),
        bits_per_character=float(-(came[came > 0] * np.log2(np.maximum(shares[came > 0], 1e-30))).sum()),
        by_distance=[(shift, by_pairs(training, passages, shift, size)) for shift in range(1, LEAD + 1)],
    )


def constant_binary_cross_entropy(answers: Floats, came: Floats) -> float:
    """Mean binary cross-entropy in nats of always answering the same numbers (V,), if characters occur with the
    frequencies ``came`` (V,): Σ_c [ −came_c · ln a_c − (1 − came_c) · ln(1 − a_c) ] / V.

    Two characters, each half of the time, answered with one half: ln 2.

    >>> round(constant_binary_cross_entropy(np.array([0.5, 0.5]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    clipped = np.clip(answers, 1e-7, 1 - 1e-7)  # as Keras does
    return float(-(came * np.log(clipped) + (1 - came) * np.log(1 - clipped)).mean())


def by_pairs(training: Ids, passages: Passages, shift: int, size: int) -> float:
    """The accuracy of answering the character that most often stood ``shift`` places after the one that is read.

    >>> abab = np.array([0, 1] * 150, np.int32)
    >>> by_pairs(abab, Passages.of(abab), 1, 2), by_pairs(abab, Passages.of(abab), 2, 2)
    (1.0, 1.0)
    """
    pairs = np.bincount(training[:-shift].astype(np.int64) * size + training[shift:], minlength=size * size)
    answers = pairs.reshape(size, size).argmax(-1)  # (V,)
    return float(np.mean(answers[passages.inputs(shift)] == passages.targets))
