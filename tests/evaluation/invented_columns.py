"""Invented bits of columns, in nine documents of unequal length."""

from collections.abc import Sequence

import numpy as np

from toolkit.events.distribution import Floats

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])


def columns(
    means: Sequence[float], seeds: int = 1, seed_sd: float = 0.01, seed: int = 0, characters: Floats = CHARACTERS
) -> list[Floats]:
    """Bits (seeds, documents) of each column: a mean plus effects of documents, of seeds, and of both."""
    rng = np.random.default_rng(seed)
    common = 0.3 * rng.normal(size=len(characters))
    bits = []
    for mean in means:
        rates = mean + common + 0.03 * rng.normal(size=len(characters)) + seed_sd * rng.normal(size=(seeds, 1))
        bits.append((rates + 0.01 * rng.normal(size=(seeds, len(characters)))) * characters)
    return bits
