"""How a text's vocabulary grows and is shared out: Zipf, Heaps and the moving-average type–token ratio.

All three depend on length. Each text is measured by itself and the mean is given, so texts of equal length compare.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np

from toolkit.evaluation.metrics.measure import Measure
from toolkit.events.distribution import Floats
from toolkit.text import neutral

WINDOW = 100  # words of a window of the type–token ratio


def slope(x: Floats, y: Floats) -> float:
    """The slope of the least-squares line through points; 0 if all have the same x.

    >>> slope(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 6.0]))
    2.5
    """
    apart = x - x.mean()
    return float(apart @ y / (apart @ apart)) if len(x) and np.ptp(x) > 0 else 0.0


def zipf(words: Sequence[str]) -> float:
    """The exponent s of frequency ~ rank^−s: minus the slope of log frequency on log rank (Zipf 1949)."""
    if not words:
        return 0.0
    counts = np.sort(list(Counter(words).values()))[::-1]
    return max(0.0, -slope(np.log(np.arange(1, len(counts) + 1)), np.log(counts)))


def heaps(words: Sequence[str]) -> float:
    """The exponent β of V(n) = K · n^β, V(n) the types among the first n words: a slope of logarithms (Heaps 1978)."""
    if not words:
        return 0.0
    first = np.zeros(len(words))
    first[np.unique(np.array(words, object), return_index=True)[1]] = 1
    return slope(np.log(np.arange(1, len(words) + 1)), np.log(first.cumsum()))


def mattr(words: Sequence[str]) -> float:
    """The mean share of different words in all windows of 100 words (Covington & McFall 2010); of a shorter text, all.

    >>> mattr(["the", "old", "the"])
    0.6666666666666666
    """
    if not words:
        return 0.0
    window = min(WINDOW, len(words))
    inside = Counter(words[:window])
    different = [len(inside)]
    for leaving, entering in zip(words, words[window:], strict=False):
        inside[entering] += 1
        inside[leaving] -= 1
        if not inside[leaving]:
            del inside[leaving]
        different.append(len(inside))
    return fmean(different) / window


def mean_of_texts(of: Callable[[Sequence[str]], float], texts: Sequence[str]) -> float:
    """The mean of a quantity of the texts' neutral words; 0 without texts."""
    return fmean(of(neutral.words(text)) for text in texts) if texts else 0.0


ZIPF = Measure(
    lambda texts, _: mean_of_texts(zipf, texts),
    label="Zipf’s exponent",
    unit="exponent",
    definition="how fast frequency falls with rank, in each sample",
    trap="It depends on length; over a whole corpus it is near 1, in a page it is lower.",
    source="Zipf 1949",
    most=None,
)
HEAPS = Measure(
    lambda texts, _: mean_of_texts(heaps, texts),
    label="Heaps’ exponent",
    unit="exponent",
    definition="how fast the vocabulary grows in each sample: 1 means that every word is new",
    trap="It falls with length: compare only texts of equal lengths.",
    source="Heaps 1978",
)
MATTR = Measure(
    lambda texts, _: mean_of_texts(mattr, texts),
    label="Variety within 100 words",
    unit="share",
    definition="different words as a share of all, mean over all windows of 100 words",
    trap="It hardly depends on length, but invented words raise it.",
    source="Covington & McFall 2010",
)
