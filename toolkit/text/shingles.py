"""Runs of words as hashes, over the words of a text in lower case, without punctuation.

*Spans* of 13 words (Brown et al. 2020, appendix C) find what is copied, however little of a document it is. *Shingles*,
spans of 5 words (Broder 1997), also find another edition, in which every few words differ.
"""

import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from toolkit.text.neutral import words

SPAN, SHINGLE = 13, 5  # words
# Shares of a document that is held out, above which it is named. Tales of one author, in which nothing is copied, share
# up to 0.0003 of their spans and 0.003 of their shingles.
MANY_SPANS, MANY_SHINGLES = 0.01, 0.05
FEWEST_SHINGLES = 8  # a phrase in common is no copy
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits in no pattern

Hashes = npt.NDArray[np.uint64]


class WordHashes(dict[str, int]):
    """The hash of each word in lower case, computed when it is first asked for."""

    def __missing__(self, word: str) -> int:
        lower = word.lower().encode()
        self[word] = found = zlib.crc32(lower) << 8 | len(lower) & 0xFF
        return found


def hashed(text: str, hashes: Mapping[str, int]) -> Hashes:
    """A hash of each word (words,), in lower case."""
    return np.fromiter(map(hashes.__getitem__, words(text)), np.uint64)


def all_runs(hashes: Hashes, length: int) -> Hashes:
    """The hashes of all runs of ``length`` words, in their order."""
    number = max(0, len(hashes) - length + 1)
    combined = np.zeros(number, np.uint64)
    for place in range(length):  # modulo 2^64
        combined = (combined ^ hashes[place : place + number]) * MULTIPLIER
        combined ^= combined >> np.uint64(29)
    return combined
