"""Case separated from the letters: a folded text, and the case that restores it."""

from collections.abc import Callable

# The names of cases, tried in this order: "I" is a capital before it is upper case.
CASES: dict[str, Callable[[str], str]] = {
    "lower": lambda folded: folded,
    "capital": lambda folded: folded[:1].upper() + folded[1:],
    "upper": str.upper,
}


def fold(text: str) -> tuple[str, str]:
    """The folded text and the case with which ``cased`` restores the text.

    A text that no case restores (McLeod, or a text without a folded form of its own) stays as it is, in lower case.

    >>> fold("Fen"), fold("FEN"), fold("fen"), fold("McLeod")
    (('fen', 'capital'), ('fen', 'upper'), ('fen', 'lower'), ('McLeod', 'lower'))
    """
    folded = text.lower()
    for case in CASES:
        if cased(folded, case) == text:
            return folded, case
    return text, "lower"


def cased(folded: str, case: str) -> str:
    """The folded text in a case: the inverse of ``fold``.

    >>> cased("fen", "capital")
    'Fen'
    """
    return CASES[case](folded)
