"""Combining marks (category M of Unicode): vowel signs, viramas, points, accents for which no letter is made.

A mark belongs to the letter before it: हिन्दी is three letters with their marks. Python's module ``re`` has no name for
marks, and ``\\w`` lacks them. Those of Thai, Lao, Khmer and Burmese are left out: these are written without spaces, and
with their marks a clause would be a word.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

BEFORE_THEM = r"[\0-\u02ff]"  # most characters of most texts, which are so told apart without a search
PLACES = (  # code points among which all marks are, but for the blocks of those four scripts
    range(0x300, 0xE00), range(0xF00, 0x1000), range(0x10A0, 0x1780), range(0x1800, 0xA9E0), range(0xAA00, 0xAA60),
    range(0xAA80, 0x20000), range(0xE0100, 0xE01F0),
)  # fmt: skip


def mark_ranges() -> Iterator[tuple[int, int]]:
    """The first and the last code point of each run of marks, ascending."""
    marks = [code for code in chain(*PLACES) if unicodedata.category(chr(code))[0] == "M"]
    first = last = marks[0]
    for code in marks[1:]:
        if code != last + 1:
            yield first, last
            first = code
        last = code
    yield first, last


MARKS = "".join(f"{chr(first)}-{chr(last)}" for first, last in mark_ranges())  # within a class
MARK = rf"(?!{BEFORE_THEM})[{MARKS}]"
MARK_PATTERN = re.compile(MARK)


def without_marks(text: str) -> str:
    """The text without its combining marks.

    >>> without_marks("हिन्दी") == "हनद", without_marks("é")
    (True, 'é')
    """
    return MARK_PATTERN.sub("", text)
