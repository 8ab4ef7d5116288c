r"""A document as words, without loss: spaCy's tokens, re-cut so that white space can be restored.

Every maximal run of white space is a word, except a single space between two other words, which is implied. If two
words touch, one has a mark. It is the first word, marked ``R`` ("nothing after me"), if only the second has a letter or
digit. Else it is the second word, marked ``L`` ("nothing before me"). White space needs no marks.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.text.code_points import code_points, having
from toolkit.text.corpus import Document

JOINER = "\ud800"  # "no space here"; a lone surrogate, so no text contains it
PRINTED_JOINER = "⁀"  # what readers see, since UTF-8 has no lone surrogates
SIDES = ("", "L", "R", "LR")  # sets of sides, by their bits
LEFT, RIGHT = 1, 2
WORD = np.dtype([("start", "i4"), ("end", "i4"), ("form", "i4"), ("tag", "u2"), ("marks", "u1"), ("due", "u1")])

Indices = npt.NDArray[np.integer[Any]]
Pieces = Sequence[tuple[int, str]]  # the marks, as bits of ``SIDES``, and the text of each word


class Tags(NamedTuple):
    """Fine tag, coarse tag and morphology: empty without a tagger. A model may have only coarse tags."""

    tag: str
    pos: str
    morph: str


NO_TAGS = Tags("", "", "")
WHITE_SPACE = Tags("_SP", "SPACE", "")


class Word(NamedTuple):
    """A word in context: its text, marks, tags, neighbours and document name, as strategies see it."""

    text: str
    marks: str
    tag: str
    pos: str
    morph: str
    left: str
    right: str
    document: str


@dataclass(frozen=True, eq=False)
class Words:
    """The n words of a document, or the n tokens of a tagger, which have no forms and marks.

    ``at`` (n,) of ``WORD``: a word is ``text[start:end]``, without an implied space. ``form`` and ``tag`` are places
    in ``forms`` and ``tags``. ``marks`` and ``due`` are bits of ``SIDES``. A word must say on its ``due`` sides
    whether there is a space. On its ``marks`` the text has no space.
    """

    name: str
    text: str
    at: npt.NDArray[np.void]
    forms: tuple[str, ...]
    tags: tuple[Tags, ...]

    @classmethod
    def of(cls, document: Document, at: npt.NDArray[np.void], tags: Sequence[Tags]) -> Self:
        """Return the words of a document, with their forms: the distinct texts, in order of appearance."""
        text, numbers = document.text, defaultdict[str, int]()
        numbers.default_factory = numbers.__len__  # the next number for a new form
        spans = zip(at["start"].tolist(), at["end"].tolist(), strict=True)
        at["form"] = [numbers[text[start:end]] for start, end in spans]
        return cls(document.name, text, at, tuple(numbers), tuple(tags))

    def __len__(self) -> int:
        return len(self.at)

    @property
    def texts(self) -> list[str]:
        """The text of each word."""
        return [self.forms[form] for form in self.at["form"].tolist()]

    def views(self, places: Indices) -> list[Word]:
        """Return the words at these places in their context."""
        texts = ["", *self.texts, ""]
        return [
            Word(texts[i + 1], SIDES[marks], *self.tags[int(tag)], texts[i], texts[i + 2], self.name)
            for i, (*_, tag, marks, _) in zip(places.tolist(), self.at[places].tolist(), strict=True)
        ]

    def surfaces(self, places: Indices) -> list[str]:
        """Return what is spelled for the words at these places: their texts with a joiner on each marked side."""
        words = zip(self.at["form"][places].tolist(), self.at["marks"][places].tolist(), strict=True)
        return [JOINER * bool(m & LEFT) + self.forms[form] + JOINER * bool(m & RIGHT) for form, m in words]


def columns(starts: npt.ArrayLike, ends: npt.ArrayLike, tags: npt.ArrayLike) -> npt.NDArray[np.void]:
    """Return an array of ``WORD`` with these starts, ends and tags, each (n,)."""
    at = np.zeros(len(np.asarray(starts)), WORD)
    at["start"], at["end"], at["tag"] = starts, ends, tags
    return at


def unmarked(surface: str) -> tuple[int, str]:
    """Return the marks, bits of ``SIDES``, and the text of a surface."""
    marks = LEFT * surface.startswith(JOINER) + RIGHT * surface.endswith(JOINER)
    return marks, surface.replace(JOINER, "")


def printable(text: str) -> str:
    """Return the text with joiners that can be written in UTF-8."""
    return text.replace(JOINER, PRINTED_JOINER)


def is_word(text: str) -> bool:
    """Return whether the text has a letter or digit."""
    return any(map(str.isalnum, text))


def words_of(document: Document, tokens: Words) -> Words:
    """Return a document's words, from a tagger's tokens of its text. Other text makes words without tags."""
    characters = code_points(document.text)
    space = having(str.isspace)[characters]
    is_edge = np.ones(len(characters) + 1, bool)
    is_edge[1:-1] = space[1:] != space[:-1]
    is_edge[tokens.at["start"]] = is_edge[tokens.at["end"]] = True
    is_edge[1:-1] &= ~(space[1:] & space[:-1])
    edges = np.flatnonzero(is_edge)
    is_implied = (np.diff(edges) == 1) & (characters[edges[:-1]] == ord(" "))
    is_implied[:1] = is_implied[-1:] = False
    starts, ends = edges[:-1][~is_implied], edges[1:][~is_implied]
    blank = space[starts]
    token = np.searchsorted(tokens.at["start"], starts, "right") - 1  # -1: before all tokens
    inside = starts < np.append(tokens.at["end"], 0)[token]
    tags = (*tokens.tags, NO_TAGS, WHITE_SPACE)
    token_tags = np.append(tokens.at["tag"], 0)[token]
    at = columns(starts, ends, np.where(blank, len(tags) - 1, np.where(inside, token_tags, len(tags) - 2)))
    letters = np.append(0, np.cumsum(having(str.isalnum)[characters]))
    has_letter = letters[ends] > letters[starts]
    due = ~(blank[:-1] | blank[1:])
    on_first = has_letter[1:] & ~has_letter[:-1]
    for field, sides in (("due", due), ("marks", due & (ends[:-1] == starts[1:]))):
        at[field][1:] |= LEFT * (sides & ~on_first).astype(np.uint8)
        at[field][:-1] |= RIGHT * (sides & on_first).astype(np.uint8)
    return Words.of(document, at, tags)


def joined_text(pieces: Pieces) -> str:
    """Return the text of (marks, text) pairs, the marks as bits of ``SIDES``: the inverse of ``words_of``.

    >>> joined_text([(0, "Do"), (LEFT, "n't"), (RIGHT, "("), (0, "go"), (LEFT, ")"), (0, "\\n"), (0, "now")])
    "Don't (go)\\nnow"
    """
    texts = [text for _, text in pieces[:1]]
    for (left_marks, left), (right_marks, right) in pairwise(pieces):
        joined = left_marks & RIGHT if is_word(right) and not is_word(left) else right_marks & LEFT
        texts.append(right if joined or left.isspace() or right.isspace() else " " + right)
    return "".join(texts)


# The text before a word that begins a sentence or a quotation.
SENTENCE_BEFORE = re.compile(r"""(?:[.!?…]["'”’»)\]]*\s+|\n\s*\n\s*|[,:]\s+(?=["“‘«]))["'“‘«(\[]*$""")
OPENING = "\"'“‘«([ \n\t"
LETTERS = re.compile(r"[^\W\d_]{2,}")  # of a word; a single letter says nothing: "I" is always a capital
NAME = "PROPN"  # the coarse tag of names, which keep their capital anywhere
CONTEXT = 200  # characters on each side of a place that decide its case


def cased(text: str, case: str) -> str:
    """Return a text in lower case in another case."""
    return text.upper() if case == "upper" else text[:1].upper() + text[1:] if case == "capital" else text


def case_at(before: str, after: str) -> str:
    """Return the case that a place asks of a word, from the text before and after it.

    It is "upper" among words in capitals, "capital" where a sentence begins, and else "lower".
    """
    near = before[-CONTEXT:]
    left = LETTERS.findall(near.rpartition("\n")[2])
    right = LETTERS.findall(after[:CONTEXT].partition("\n")[0])
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
