"""Case separated from the letters: a folded text, the case that restores it, and the case that a place asks for."""

import re
from collections.abc import Callable

# Their order decides: "I" is a capital before it is upper case.
CASES: dict[str, Callable[[str], str]] = {
    "lower": lambda folded: folded,
    "capital": lambda folded: folded[:1].upper() + folded[1:],
    "upper": str.upper,
}
# The text before a word that begins a sentence or a quotation.
SENTENCE_BEFORE = re.compile(r"""(?:[.!?…]["'”’»)\]]*\s+|\n\s*\n\s*|[,:]\s+(?=["“‘«]))["'“‘«(\[]*$""")
OPENING = "\"'“‘«([ \n\t"
LETTERS = re.compile(r"[^\W\d_]{2,}")  # of a word; a single letter says nothing: "I" is always a capital
CONTEXT = 200  # characters on each side of a place that decide its case


def fold(text: str) -> tuple[str, str]:
    """Return the folded text and the case that restores the text (``cased``).

    A text that no case restores (McLeod, or a text without a folded form) stays as it is, in lower case.

    >>> fold("Fen"), fold("FEN"), fold("fen"), fold("McLeod")
    (('fen', 'capital'), ('fen', 'upper'), ('fen', 'lower'), ('McLeod', 'lower'))
    """
    folded = text.lower()
    return next(((folded, case) for case in CASES if cased(folded, case) == text), (text, "lower"))


def cased(folded: str, case: str) -> str:
    """Return the folded text in a case: the inverse of ``fold``.

    >>> cased("fen", "capital")
    'Fen'
    """
    return CASES[case](folded)


def case_at(before: str, after: str) -> str:
    """Return the case that a place asks of a word, from the text before and after it.

    "upper" if the words on both sides, or all others of its line, are in capitals; "capital" if a sentence begins
    there; else "lower".

    >>> case_at("He went ", " slowly."), case_at("He went. “", " slowly."), case_at("SPECIMENS OF ", " STOP")
    ('lower', 'capital', 'upper')
    """
    near = before[-CONTEXT:]
    left, right = LETTERS.findall(near.rpartition("\n")[2]), LETTERS.findall(after[:CONTEXT].partition("\n")[0])
    judges = left[-1:] + right[:1] if left and right else left + right
    if judges and all(map(str.isupper, judges)):
        return "upper"
    return "capital" if not near.strip(OPENING) or SENTENCE_BEFORE.search(near) else "lower"
