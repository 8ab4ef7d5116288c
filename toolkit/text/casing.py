"""Upper and lower case apart from the letters: a text folded, and what gives it back."""

from collections.abc import Callable

# The names of cases, tried in this order: "I" is a capital before it is upper case.
CASES: dict[str, Callable[[str], str]] = {
    "lower": lambda folded: folded,
    "capital": lambda folded: folded[:1].upper() + folded[1:],
    "upper": str.upper,
}


def fold(text: str) -> tuple[str, str]:
    """The folded text and the case that ``cased`` needs to give the text back.

    A text that no case gives back (McLeod, or what has no folded form of its own) is left as it is, in lower case.

    >>> fold("Fen"), fold("FEN"), fold("fen"), fold("McLeod")
    (('fen', 'capital'), ('fen', 'upper'), ('fen', 'lower'), ('McLeod', 'lower'))
    """
    folded = text.lower()
    for case in CASES:
        if cased(folded, case) == text:
            return folded, case
    return text, "lower"


def cased(folded: str, case: str) -> str:
    """The text of a folded one in a case: the inverse of ``fold``.

    >>> cased("fen", "capital")
    'Fen'
    """
    return CASES[case](folded)
