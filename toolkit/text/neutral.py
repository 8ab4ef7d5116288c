r"""Neutral words: the words of the text itself, the same for every tokenizer.

A neutral word is ``\w+(?:['’]\w+)*``, with the combining marks that stand on its letters, together with the single
space directly before it, if there is one. Words keep their case: *The* and *the* are different words. Where a script
has no spaces between words, the run of letters is cut into the words that the language's segmenter finds in it
(unspaced.py).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from toolkit.results.bits import BANDS
from toolkit.text.combining import MARK, MARK_PATTERN
from toolkit.text.corpus import Document
from toolkit.text.unspaced import UNSPACED, inner_ends

LETTERS = rf"\w+(?:(?:{MARK})+\w*)*"  # and the marks on them
WORD = rf"{LETTERS}(?:['’]{LETTERS})*"
LETTER_PATTERN = re.compile(r"\w")
WORD_PATTERN = re.compile(WORD)
SPAN_PATTERN = re.compile(rf"(?:(?<!\s) )?({WORD})")  # a space after other white space belongs to that white space
TOKEN_PATTERN = re.compile(rf"{WORD}|\S")
LOWEST_COUNTS = (1, 2, 10, 100)  # the lowest training count of each band after "0"
NOT_A_WORD = BANDS.index("not a word")


def words(text: str) -> list[str]:
    """The neutral words of a text, without their spaces.

    >>> words("Don’t stop--the 2 moons!")
    ['Don’t', 'stop', 'the', '2', 'moons']
    """
    if UNSPACED.search(text):
        return [word for _, _, word in word_spans(text)]
    return WORD_PATTERN.findall(text)


def runs(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each run of letters, the single space directly before it included: of one neutral word, or of
    several where the script has no spaces between them.

    >>> list(runs("a bee,  sea"))
    [(0, 1), (1, 5), (8, 11)]
    """
    return (match.span() for match in SPAN_PATTERN.finditer(text))


def word_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and word of each neutral word; the span includes the single space directly before it.

    >>> list(word_spans("a bee,  sea"))
    [(0, 1, 'a'), (1, 5, 'bee'), (8, 11, 'sea')]
    """
    ends = inner_ends(text)
    for match in SPAN_PATTERN.finditer(text):
        start, first = match.start(), match.start(1)
        for end in [*ends[bisect_right(ends, first) : bisect_left(ends, match.end())], match.end()]:
            yield start, end, text[first:end]
            start = first = end


def goes_on(text: str) -> bool:
    r"""Whether a text goes on with a word before it: whether it begins with a character of ``\w``, or with a mark.

    >>> [goes_on(text) for text in ("n't", "\u0301s", "’s", " the", ",", "")]
    [True, True, False, False, False, False]
    """
    return LETTER_PATTERN.match(text) is not None or MARK_PATTERN.match(text) is not None


def tokens(text: str) -> list[str]:
    """Neutral words and single punctuation marks: every character except white space belongs to one.

    >>> tokens("“Don’t!” he said...")
    ['“', 'Don’t', '!', '”', 'he', 'said', '.', '.', '.']
    """
    if not UNSPACED.search(text):
        return TOKEN_PATTERN.findall(text)
    found: list[str] = []
    place = 0
    for _, end, word in word_spans(text):
        found += [*TOKEN_PATTERN.findall(text, place, end - len(word)), word]
        place = end
    return found + TOKEN_PATTERN.findall(text, place)


def training_counts(documents: Iterable[Document]) -> Counter[str]:
    """How often each neutral word occurs in the training documents."""
    counts = Counter[str]()
    for document in documents:
        counts.update(words(document.text))
    return counts


def band(count: int) -> str:
    """The frequency band of a word that occurs ``count`` times in training.

    >>> [band(count) for count in (0, 1, 2, 9, 10, 99, 100)]
    ['0', '1', '2-9', '2-9', '10-99', '10-99', '100+']
    """
    return BANDS[sum(count >= lowest for lowest in LOWEST_COUNTS)]


def bands_of(text: str, counts: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """For each character (len(text),), the position in ``BANDS`` of its neutral word's band, or of "not a word".

    >>> bands_of("a bee!", {"a": 12}).tolist()
    [3, 0, 0, 0, 0, 5]
    """
    positions = np.full(len(text), NOT_A_WORD, np.int8)
    for start, end, word in word_spans(text):
        positions[start:end] = BANDS.index(band(counts.get(word, 0)))
    return positions
