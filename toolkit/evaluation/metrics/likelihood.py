"""How bits are spread over the text: per character, per frequency band of neutral words, per word. All base 2."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.results.bits import BANDS, Band, Share
from toolkit.text import neutral


def by_label(
    scored: Iterable[tuple[Floats, float]], labels: Iterable[npt.NDArray[np.integer]], number: int
) -> list[list[Share]]:
    """For each of ``number`` labels its characters and bits (sums) in each text, from the label of each character.

    The bits of a text's end, which no character owns, go to the last label, "not a word".

    >>> (first, *_, last) = by_label([(np.array([1.0, 2.0, 3.0]), 0.5)], [np.array([0, 1, 0])], 3)
    >>> first, last
    ([Share(characters=2, bits=4.0)], [Share(characters=0, bits=0.5)])
    """
    shares: list[list[Share]] = [[] for _ in range(number)]
    for (per_character, end), text_labels in zip(scored, labels, strict=True):
        characters = np.bincount(text_labels, minlength=number)
        bits = np.bincount(text_labels, weights=per_character, minlength=number)
        bits[-1] += end
        for of_label, n, paid in zip(shares, characters.tolist(), bits.tolist(), strict=True):
            of_label.append(Share(characters=n, bits=paid))
    return shares


def total(shares: Iterable[Share]) -> dict[str, Any]:
    """Characters and bits of all texts together, and of each."""
    documents = list(shares)
    characters, bits = sum(share.characters for share in documents), math.fsum(share.bits for share in documents)
    return {"characters": characters, "bits": bits, "documents": documents}


def by_frequency(scored: Iterable[tuple[Floats, float]], texts: Sequence[str], counts: Mapping[str, int]) -> list[Band]:
    """The ledger by the text: characters and bits (sums) of the neutral words of each frequency band, as in ``BANDS``.

    ``scored`` has for each document the bits of its characters and of its end, as ``bits_by_word`` gives them;
    ``counts`` are the training text's. What lies outside neutral words, document ends included, is "not a word".

    >>> bands = by_frequency([(np.array([1.0, 2.0, 3.0]), 0.5)], ["a b"], {"a": 7})
    >>> [(band.band, band.characters, band.bits) for band in bands if band.bits]
    [('0', 2, 5.0), ('2-9', 1, 1.0), ('not a word', 0, 0.5)]
    """
    shares = by_label(scored, [neutral.bands_of(text, counts) for text in texts], len(BANDS))
    return [Band(band=band, **total(of_band)) for band, of_band in zip(BANDS, shares, strict=True)]


def word_perplexity(bits: float, words: int) -> float:
    """2^(bits / words): perplexity per neutral word of the raw text, whatever the model's own tokens are.

    With few words among much else it can exceed what a float holds; then it is the largest float.

    >>> word_perplexity(30.0, 10)
    8.0
    """
    exponent = bits / words
    return float(2.0**exponent) if exponent < sys.float_info.max_exp else sys.float_info.max
