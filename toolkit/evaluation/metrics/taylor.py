"""Taylor's law: how much the count of a word varies from one stretch of a text to the next, given its mean."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from toolkit.evaluation.metrics.growth import slope
from toolkit.evaluation.metrics.measure import Measure
from toolkit.text import neutral

WINDOW = 50  # words: short, so that a sample of a page has several
INDEPENDENT = 0.5


def taylor_exponent(texts: Sequence[str]) -> float:
    """α of std = c · mean^α, over the words, of their counts per window (Takahashi & Tanaka-Ishii 2019).

    The slope of the logarithms; no window crosses from one text to the next, and the rest of a text is left out. It is
    0.5 for independently drawn words, and what has no slope, such as a single word, is given that.

    >>> once = [f"word{i}" for i in range(92)]  # each word in one of two windows: its deviation is its mean
    >>> round(taylor_exponent([" ".join(["sea"] * 8 + once)]), 6)
    1.0
    """
    windows = [
        Counter(words[start : start + WINDOW])
        for words in map(neutral.words, texts)
        for start in range(0, len(words) - WINDOW + 1, WINDOW)
    ]
    types = sorted(set().union(*windows))
    if not types:
        return INDEPENDENT
    counts = np.array([[window[word] for word in types] for window in windows])  # (windows, types)
    means, deviations = counts.mean(0), counts.std(0)
    varying = deviations > 0
    if len(np.unique(means[varying])) < 2:
        return INDEPENDENT
    return slope(np.log(means[varying]), np.log(deviations[varying]))


TAYLOR = Measure(
    lambda texts, _: taylor_exponent(texts),
    label="Taylor’s exponent",
    unit="exponent",
    definition=(
        "how words cluster: how the spread of counts per 50 words grows with the mean; in a long text 0.5 is chance"
    ),
    trap="In texts of a page it says little, and chance is less; over a whole work an author’s is near 0.6.",
    source="Takahashi & Tanaka-Ishii 2019",
    least=-5.0,
    most=5.0,
)
