r"""Neutral words: the words of the text itself, the same for every tokenizer.

A neutral word is ``\w+(?:['’]\w+)*``, with the combining marks on its letters and the single space directly before it,
if there is one. Words keep their case: *The* and *the* are different words. In scripts without spaces between words,
the language's segmenter cuts each run of letters into words (unspaced.py).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from toolkit.results.bits import BANDS
from toolkit.text.code_points import MARK
from toolkit.text.corpus import Document
from toolkit.text.unspaced import inner_ends

LETTERS = rf"\w+(?:(?:{MARK})+\w*)*"  # and the marks on them
WORD = rf"{LETTERS}(?:['’]{LETTERS})*"
LETTER_PATTERN = re.compile(r"\w")
CONTINUING_PATTERN = re.compile(rf"\w|{MARK}")
WORD_PATTERN = re.compile(WORD)
SPACED_WORD_PATTERN = re.compile(rf"(?:(?<!\s) )?{WORD}")
TOKEN_PATTERN = re.compile(rf"{WORD}|\S")
CONTEXT_CHARACTERS = 32  # around a place: more than marks stand on one letter
BAND_COUNTS = (1, 2, 10, 100)  # the lowest training count of each band after "0"
NOT_A_WORD = BANDS.index("not a word")

Mask = npt.NDArray[np.bool_]


def words(text: str) -> list[str]:
    """Return the neutral words of a text, without their spaces.

    >>> words("Don’t stop--the 2 moons!")
    ['Don’t', 'stop', 'the', '2', 'moons']
    """
    return [word for piece in _pieces(text) for word in WORD_PATTERN.findall(piece)]


def tokens(text: str) -> list[str]:
    """Return neutral words and single punctuation marks: every character except white space belongs to one.

    >>> tokens("“Don’t!” he said...")
    ['“', 'Don’t', '!', '”', 'he', 'said', '.', '.', '.']
    """
    return [token for piece in _pieces(text) for token in TOKEN_PATTERN.findall(piece)]


def _pieces(text: str) -> Iterator[str]:
    """Yield the text, cut where words end within runs of letters."""
    return (text[start:end] for start, end in pairwise((0, *inner_ends(text), len(text))))


def runs(text: str) -> list[tuple[int, int]]:
    """Return start and end of each run of letters, with the single space directly before it.

    A run is one neutral word, or several where the script has no spaces between them.

    >>> runs("a bee,  sea")
    [(0, 1), (1, 5), (8, 11)]
    """
    return [match.span() for match in SPACED_WORD_PATTERN.finditer(text)]


def in_words(text: str) -> Mask:
    """Return which characters (n,) are in a neutral word, or the single space directly before one.

    >>> in_words("a ’bee’s,  sea").tolist().count(True)
    9
    """
    changes = np.zeros(len(text) + 1, np.int8)
    starts, ends = np.array(runs(text), np.intp).reshape(-1, 2).T
    changes[starts] += 1
    changes[ends] -= 1
    return changes[:-1].cumsum() > 0


def word_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and word of each neutral word. The span includes the single space directly before it.

    >>> list(word_spans("a bee,  sea"))
    [(0, 1, 'a'), (1, 5, 'bee'), (8, 11, 'sea')]
    """
    inner = inner_ends(text)
    for start, end in runs(text):
        first = start + (text[start] == " ")
        for word_end in (*inner[bisect_right(inner, first) : bisect_left(inner, end)], end):
            yield start, word_end, text[first:word_end]
            start = first = word_end


def goes_on(text: str) -> bool:
    r"""Return whether a text continues a word before it: it begins with a character of ``\w``, or with a mark.

    >>> [goes_on(text) for text in ("n't", "\u0301s", "’s", " the", ",", "")]
    [True, True, False, False, False, False]
    """
    return CONTINUING_PATTERN.match(text) is not None


def training_counts(documents: Iterable[Document]) -> Counter[str]:
    """Return how often each neutral word occurs in the training documents."""
    counts = Counter[str]()
    for document in documents:
        counts.update(words(document.text))
    return counts


def band(count: int) -> str:
    """Return the frequency band of a word that occurs ``count`` times in training.

    >>> [band(count) for count in (0, 1, 2, 9, 10, 99, 100)]
    ['0', '1', '2-9', '2-9', '10-99', '10-99', '100+']
    """
    return BANDS[bisect_right(BAND_COUNTS, count)]


def bands_of(text: str, counts: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """Return the position in ``BANDS`` (n,) of each character's neutral word, or of "not a word".

    >>> bands_of("a bee!", {"a": 12}).tolist()
    [3, 0, 0, 0, 0, 5]
    """
    positions = np.full(len(text), NOT_A_WORD, np.int8)
    for start, end, word in word_spans(text):
        positions[start:end] = bisect_right(BAND_COUNTS, counts.get(word, 0))
    return positions
