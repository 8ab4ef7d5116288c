"""Temperature: which are tried, and the one at which a model repeats itself as the author does.

Below 1, text gets likelier and repeats itself more; above 1, wilder (Caccia et al. 2020 compare models by the whole
curve). A temperature per character is not one per word, so models are compared where they repeat as much as the author.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import isotonic_regression

from toolkit.results.generated import AtTemperature

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
DECIMALS = 2  # of a matched temperature


def matched(points: Sequence[AtTemperature], goal: float) -> tuple[float, bool]:
    """The temperature at which texts repeat a share ``goal`` of their word pairs, and whether there is one.

    Repetition falls with temperature, so chance is smoothed by the nearest falling curve (isotonic regression), which
    is linear between the points. Where it stays at the goal, the middle; if it never reaches it, the nearest end.

    >>> swept = ((0.5, 0.3), (0.7, 0.1), (0.9, 0.0))
    >>> at = [AtTemperature(temperature=t, repetition=r, bits=2.0, samples=[]) for t, r in swept]
    >>> matched(at, 0.2), matched(at, 0.4), matched(at, 0.05)
    ((0.6, True), (0.5, False), (0.8, True))
    """
    temperatures = np.array([at.temperature for at in points])
    falling = isotonic_regression([at.repetition for at in points], increasing=False).x
    if not falling[-1] <= goal <= falling[0]:
        return float(temperatures[0 if goal > falling[0] else -1]), False
    crossed = [
        float(np.interp(goal, falling[[i + 1, i]], temperatures[[i + 1, i]]))
        for i in range(len(falling) - 1)
        if falling[i] >= goal >= falling[i + 1] and falling[i] > falling[i + 1]
    ]
    equal = temperatures[falling == goal].tolist()
    both = [*crossed, *equal]
    return round((min(both) + max(both)) / 2, DECIMALS), True
