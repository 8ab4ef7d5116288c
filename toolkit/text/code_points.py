"""Texts as arrays of code points, and which of them have a property: what Python says of each character, at once."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

CODE_POINTS = 0x110000

Codes = npt.NDArray[np.uint32]


def code_points(text: str) -> Codes:
    """Return the code points (n,) of a text.

    >>> code_points("aé").tolist()
    [97, 233]
    """
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def having(is_one: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """Return for each code point (0x110000,) whether its character has a property.

    >>> having(str.isspace)[code_points("a b")].tolist()
    [False, True, False]
    """
    return np.fromiter(map(is_one, map(chr, range(CODE_POINTS))), bool, CODE_POINTS)
