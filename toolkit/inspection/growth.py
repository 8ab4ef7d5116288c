"""How the vocabulary grows with the text (Heaps), and how frequency falls with rank (Zipf).

Tokens are neutral words and punctuation marks of the training documents, in reading order. Heaps 1978; Zipf 1949;
Piantadosi 2014 on fitting ranks.
"""

from collections import Counter

import numpy as np

from toolkit.inspection.fitting import end_exponent, log_spaced, power_law
from toolkit.results.inspection import Heaps, Zipf
from toolkit.text.census import Census

FIRST_TOKENS = 1_000  # before them the curve is steeper, in any text: with them its end is forecast worse
FIRST_RANK = 10  # the most frequent words of every language lie below a power law
LEAST_COUNT = 5  # rarer words lie on steps: their rank says little


def heaps(train: Census) -> Heaps | None:
    """Heaps' law of V(n), how many types the first n tokens have, from ``FIRST_TOKENS`` on; None if the text is too
    short for a fit.
    """
    points = [(n, train.types_after(n)) for n in log_spaced(FIRST_TOKENS, train.tokens)]
    law = power_law(points)
    if law is None:
        return None
    return Heaps(
        K=law.constant,
        beta=law.exponent,
        first=points[0][0],
        last=points[-1][0],
        r_squared=law.r_squared,
        end_exponent=end_exponent(points),
        points=points,
    )


def zipf(counts: Counter[str]) -> Zipf | None:
    """Zipf's law, from ``FIRST_RANK`` to the last rank with ``LEAST_COUNT``; None if the text is too short."""
    ranked = np.sort(np.fromiter(counts.values(), np.int64, len(counts)))[::-1]
    last = int((ranked >= LEAST_COUNT).sum())
    law = power_law([(rank, int(ranked[rank - 1])) for rank in log_spaced(FIRST_RANK, last)])
    if law is None:
        return None
    return Zipf(
        slope=law.exponent,
        constant=law.constant,
        first=FIRST_RANK,
        last=last,
        r_squared=law.r_squared,
        points=[(rank, int(ranked[rank - 1])) for rank in log_spaced(1, len(ranked))],
    )
