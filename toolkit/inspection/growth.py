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

# A line through a short range says little of the text. The bundled tales were put into a hundred orders and cut: up to
# 10,000 tokens, Heaps' exponent is within 0.09 of that of all tales in nine orders of ten, and within 0.13 in all (up
# to 2,000 tokens it is off by up to 0.18); up to rank 200, so is Zipf's (up to rank 60 it is off by up to 0.28).
LEAST_TOKENS = 10 * FIRST_TOKENS
LEAST_RANKS = 20 * FIRST_RANK


def heaps(train: Census) -> Heaps | None:
    """Heaps' law of V(n), how many types the first n tokens have, from ``FIRST_TOKENS`` on; None if the text has fewer
    than ``LEAST_TOKENS``.
    """
    if train.tokens < LEAST_TOKENS:
        return None
    points = [(n, train.types_after(n)) for n in log_spaced(FIRST_TOKENS, train.tokens)]
    law = power_law(points)
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
    """Zipf's law, from ``FIRST_RANK`` to the last rank with ``LEAST_COUNT``; None if that is below ``LEAST_RANKS``."""
    ranked = np.sort(np.fromiter(counts.values(), np.int64, len(counts)))[::-1]
    last = int((ranked >= LEAST_COUNT).sum())
    if last < LEAST_RANKS:
        return None
    law = power_law([(rank, int(ranked[rank - 1])) for rank in log_spaced(FIRST_RANK, last)])
    return Zipf(
        slope=law.exponent,
        constant=law.constant,
        first=FIRST_RANK,
        last=last,
        r_squared=law.r_squared,
        points=[(rank, int(ranked[rank - 1])) for rank in log_spaced(1, len(ranked))],
    )
