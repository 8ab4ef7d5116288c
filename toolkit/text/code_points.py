r"""Texts as arrays of code points, and properties of code points.

A combining mark (category M of Unicode) belongs to the letter before it: हिन्दी is three letters with their marks. The
class ``\w`` lacks them. The marks of Thai, Lao, Khmer and Burmese are left out: these scripts have no spaces between
words, and with their marks a clause would be a word.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

CODE_POINTS = 0x110000
UP_TO_THE_FIRST_MARK = r"[\0-\u02ff]"  # most characters of most texts: no search is needed for these
MARKED_BLOCKS = [(0x300, 0xE00), (0xF00, 0x1000), (0x10A0, 0x1780), (0x1800, 0xA9E0), (0xAA00, 0xAA60)]
MARKED_BLOCKS += [(0xAA80, 0x20000), (0xE0100, 0xE01F0)]

Codes = npt.NDArray[np.uint32]


def code_points(text: str) -> Codes:
    """Return the code points (n,) of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def having(predicate: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """Return which code points (CODE_POINTS,) are characters for which the predicate is true."""
    return np.fromiter(map(predicate, map(chr, range(CODE_POINTS))), bool, CODE_POINTS)


_MARKED = (chr(code) for block in MARKED_BLOCKS for code in range(*block))
MARKS = "".join(character for character in _MARKED if unicodedata.category(character)[0] == "M")  # for a class
MARK = rf"(?!{UP_TO_THE_FIRST_MARK})[{MARKS}]"
MARK_PATTERN = re.compile(MARK)


def without_marks(text: str) -> str:
    """Return the text without its combining marks."""
    return MARK_PATTERN.sub("", text)
