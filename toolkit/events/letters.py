r"""Which characters of a text are in its neutral words: what ``runs`` (text/neutral.py) finds, but all at once."""

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from toolkit.text.code_points import CODE_POINTS, Codes
from toolkit.text.combining import mark_ranges

# What a character may be: in \w, in \s, of a word's ' or ’, a space, a combining mark
LETTER, WHITE, APOSTROPHE, SPACE, MARK = 1, 2, 4, 8, 16


@cache
def kinds() -> npt.NDArray[np.uint8]:
    r"""What each code point (CODE_POINTS,) is, as the module ``re`` has it, and combining.py of marks."""
    every = np.arange(CODE_POINTS, dtype=np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    of = np.zeros(CODE_POINTS, np.uint8)
    for pattern, kind in ((r"\w+", LETTER), (r"\s+", WHITE), ("['’]", APOSTROPHE), (" ", SPACE)):
        for run in re.finditer(pattern, every):
            of[run.start() : run.end()] |= kind
    for first, last in mark_ranges():
        of[first : last + 1] |= MARK
    return of


def in_words(codes: Codes) -> npt.NDArray[np.bool_]:
    """Which characters (n,) are in a neutral word, or the single space directly before one.

    >>> from toolkit.text.code_points import code_points
    >>> in_words(code_points("a ’bee’s,  sea")).tolist().count(True)
    9
    """
    of = kinds()[codes]
    letter = with_marks((of & LETTER).astype(bool), (of & MARK).astype(bool))
    in_word = letter.copy()
    in_word[1:-1] |= ((of[1:-1] & APOSTROPHE) != 0) & letter[:-2] & letter[2:]
    before_word = ((of[:-1] & SPACE) != 0) & letter[1:]
    before_word[1:] &= (of[:-2] & WHITE) == 0
    in_word[:-1] |= before_word
    return in_word


def with_marks(letter: npt.NDArray[np.bool_], mark: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which characters (n,) are letters or marks on one; ``letter`` and ``mark`` (n,) are what they are themselves.

    >>> with_marks(np.array([False, True, False, False]), np.array([True, False, True, True])).tolist()
    [False, True, True, True]
    """
    bearer = np.maximum.accumulate(np.where(mark, 0, np.arange(len(mark))))  # the place of what marks stand on
    return letter[bearer] if len(letter) else letter
