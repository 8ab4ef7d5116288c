"""The case that a place asks of a word, and the case that a word has in running text."""

import re

from toolkit.text.words import Indices, Words

# The text before a word that begins a sentence or a quotation.
SENTENCE_BEFORE = re.compile(r"""(?:[.!?…]["'”’»)\]]*\s+|\n\s*\n\s*|[,:]\s+(?=["“‘«]))["'“‘«(\[]*$""")
OPENING = "\"'“‘«([ \n\t"
LETTERS = re.compile(r"[^\W\d_]{2,}")  # of a word; a single letter says nothing: "I" is always a capital
NAME = "PROPN"  # the coarse tag of names, which keep their capital anywhere
CONTEXT = 200  # characters on each side of a place that decide its case


def cased(text: str, case: str) -> str:
    """Return a text in lower case in another case.

    >>> cased("fen", "capital"), cased("fen", "upper")
    ('Fen', 'FEN')
    """
    return text.upper() if case == "upper" else text[:1].upper() + text[1:] if case == "capital" else text


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


def surfaces_in_running_text(words: Words, places: Indices) -> list[str]:
    """Return the surfaces of the words at these places, with the case that they have in running text.

    Capitals that its place asks for are taken away, except the first letter of a name, if a tagger says that it is one.
    """
    surfaces = words.surfaces(places)
    for i, (start, end, _, tag, *_) in enumerate(words.at[places].tolist()):
        word = words.text[start:end]
        lower = word.lower()
        if word in (capital := cased(lower, "capital"), lower.upper()) and word != lower:
            case = case_at(words.text[max(0, start - CONTEXT) : start], words.text[end : end + CONTEXT])
            if case == "upper" or (case == "capital" and word == capital):
                surfaces[i] = surfaces[i].replace(word, capital if words.tags[tag].pos == NAME else lower)
    return surfaces
