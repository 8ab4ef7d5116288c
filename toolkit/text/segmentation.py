r"""A document as words, without loss: spaCy's tokens, re-cut so that white space can be restored.

Every maximal run of white space other than one space between two tokens, and any white space at the document's start
or end, is a token. Between two other tokens one space is implied; if there is none, a mark says so: the first token's
mark ``R`` ("nothing after me") if it has no letter or digit and the second has one, otherwise the second's mark ``L``
("nothing before me"). White-space tokens join both neighbours without a mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, overload

import numpy as np
import numpy.typing as npt

from toolkit.text.code_points import code_points, having
from toolkit.text.corpus import Document
from toolkit.text.tagged import NO_TAGS, Places, Tagged, TaggedText, Tags
from toolkit.text.tagging import Tagger

JOINER = "\ud800"  # "no space here"; a lone surrogate, so no text contains it
PRINTED_JOINER = "⁀"  # stands for it where it is shown, since UTF-8 does not have it


SIDES = ("", "L", "R", "LR")  # sides as bits: none, left, right, both
LEFT, RIGHT = 1, 2
WHITE_SPACE = Tags("_SP", "SPACE", "")

Bits = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.integer[Any]]


class Word(NamedTuple):
    """A token in context: its marks, tags (empty without a tagger), neighbours and document name."""

    text: str
    marks: str
    tag: str
    pos: str
    morph: str
    left: str
    right: str
    document: str


class Segment(NamedTuple):
    """A word and its place: ``text[start:end]``, without the implied space.

    ``due`` lists the sides, ``L`` or ``R``, on which this word must say whether there is a space: none at the start and
    end of the document, beside white space, and where the neighbour says it.
    """

    word: Word
    start: int
    end: int
    due: str

    @property
    def surface(self) -> str:
        """What is spelled for the word: its text with a joiner on each marked side."""
        return marked(self.word.text, SIDES.index(self.word.marks))


@dataclass(frozen=True, eq=False)
class Segments(Sequence[Segment]):
    """The n words of a document in columns; a ``Segment`` is made of the columns when it is asked for.

    ``marks`` and ``due`` (n,) are sides, as bits. ``words`` has their places and tags.
    """

    document: str  # its name
    texts: Sequence[str]
    words: TaggedText
    marks: Bits
    due: Bits

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Segment: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Segment]: ...
    def __getitem__(self, place: int | slice) -> Segment | Sequence[Segment]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        start, end, tag, pos, morph = self.words[place]
        text, marks, due = self.texts[place], SIDES[self.marks[place]], SIDES[self.due[place]]
        left = self.texts[place - 1] if place % len(self) else ""
        right = self.texts[place + 1] if (place + 1) % len(self) else ""
        return Segment(Word(text, marks, tag, pos, morph, left, right, self.document), start, end, due)

    def surfaces(self, places: Indices) -> list[str]:
        """What is spelled for the words at these places (n,)."""
        marks = zip(places.tolist(), self.marks[places].tolist(), strict=True)
        return [marked(self.texts[place], sides) if sides else self.texts[place] for place, sides in marks]


def marked(text: str, sides: int) -> str:
    """A text with a joiner on each of these sides.

    >>> marked("n't", LEFT) == JOINER + "n't"
    True
    """
    return JOINER * bool(sides & LEFT) + text + JOINER * bool(sides & RIGHT)


class Segmenter(Protocol):
    """How a text is cut into words, and put together from them again."""

    def __init__(self, tagger: Tagger) -> None: ...

    def check(self) -> None:
        """Raise InputError where something that it needs is not installed."""
        ...

    def cut(self, document: Document) -> Segments:
        """The document's words: where each stands, its marks, and its tags where there are any."""
        ...

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The text of the marks and the text of each word: the inverse of ``cut``."""
        ...

    def implies_end(self, text: str) -> bool:
        """Whether the text ends with a space that the next word would imply."""
        ...


def unmarked(surface: str) -> tuple[str, str]:
    """Marks and text of a surface: the inverse of ``Segment.surface``.

    >>> unmarked(JOINER + "n't")
    ('L', "n't")
    """
    return "L" * surface.startswith(JOINER) + "R" * surface.endswith(JOINER), surface.replace(JOINER, "")


def is_word(text: str) -> bool:
    """Whether the text has a letter or digit."""
    return any(map(str.isalnum, text))


def first_says(first: str, second: str) -> bool:
    """Whether the mark between two tokens is on the first of them.

    >>> first_says('"', "The"), first_says("do", "n't"), first_says("Dunwich", ","), first_says(",", '"')
    (True, False, False, False)
    """
    return is_word(second) and not is_word(first)


def cuts(text: str, tagged: Sequence[Tagged]) -> TaggedText:
    """The tokens re-cut: each is white space or contains none, and only single spaces between two are left out.

    Text outside all the given tokens becomes a token without tags; white space has the tags of white space.
    """
    tokens = tagged if isinstance(tagged, TaggedText) else TaggedText.of(tagged)
    space = having(str.isspace)[code_points(text)]
    bare = without_white_space(space, tokens)
    befores = np.concatenate([[0], bare.ends])
    afters = np.concatenate([bare.starts, [len(text)]])
    stands = befores < afters  # what is not a token: a single space between two others
    if len(bare):
        single = np.flatnonzero(afters[1:-1] - befores[1:-1] == 1) + 1
        stands[single] = code_points(text)[befores[single]] != ord(" ")
    order = np.argsort(np.concatenate([bare.starts, befores[stands]]), kind="stable")

    def inserted(column: Places, white: npt.ArrayLike) -> Places:
        return np.concatenate([column, white])[order].astype(np.int32)

    labels = inserted(bare.labels, np.full(int(stands.sum()), len(bare.tags)))
    return TaggedText(
        inserted(bare.starts, befores[stands]), inserted(bare.ends, afters[stands]), labels, (*bare.tags, WHITE_SPACE)
    )


def without_white_space(space: npt.NDArray[np.bool_], tokens: TaggedText) -> TaggedText:
    """The runs without white space, cut at the ends of tokens too; nearly all are tokens.

    ``space`` (n,) says which characters of the text are white space.
    """
    ends_here = np.zeros(len(space) + 1, bool)
    ends_here[[0, -1]] = True
    ends_here[1:-1] |= space[1:] != space[:-1]
    ends_here[tokens.starts] = ends_here[tokens.ends] = True
    edges = np.flatnonzero(ends_here).astype(np.int32)
    text = ~space[edges[:-1]]
    starts, ends = edges[:-1][text], edges[1:][text]
    within = np.searchsorted(tokens.starts, starts, "right") - 1
    labels = np.full(len(starts), len(tokens.tags), np.int32)
    if len(tokens):
        inside = (within >= 0) & (starts < tokens.ends[within])
        labels[inside] = tokens.labels[within[inside]]
    return TaggedText(starts, ends, labels, (*tokens.tags, NO_TAGS))


def segments(document: Document, tagged: Sequence[Tagged]) -> Segments:
    """The document's words with their marks, tags and neighbours."""
    spans = cuts(document.text, tagged)
    characters = code_points(document.text)
    letters = np.concatenate([[0], np.cumsum(having(str.isalnum)[characters])])
    word = letters[spans.ends] > letters[spans.starts]
    space = having(str.isspace)[characters[spans.starts]]
    told = ~(space[:-1] | space[1:])
    joined = told & (spans.ends[:-1] == spans.starts[1:])
    first = word[1:] & ~word[:-1]
    due, marks = np.zeros(len(spans), np.uint8), np.zeros(len(spans), np.uint8)
    for bits, say in ((due, told), (marks, joined)):
        bits[1:] |= LEFT * (say & ~first).astype(np.uint8)
        bits[:-1] |= RIGHT * (say & first).astype(np.uint8)
    return in_context(document, spans, marks, due)


def in_context(document: Document, spans: TaggedText, marks: Bits, due: Bits) -> Segments:
    """The words of the spans, with their marks, the sides on which marks are due, tags and neighbours."""
    text = document.text
    texts = [text[start:end] for start, end in zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)]
    return Segments(document.name, texts, spans, marks, due)


def joined_text(pieces: Sequence[tuple[str, str]]) -> str:
    """The text of (marks, text) pairs: the inverse of ``segments``.

    >>> joined_text([("", "Do"), ("L", "n't"), ("R", "("), ("", "go"), ("L", ")"), ("", "\\n"), ("", "now")])
    "Don't (go)\\nnow"
    """
    out = [text for _, text in pieces[:1]]
    for (left_marks, left), (right_marks, right) in pairwise(pieces):
        joined = "R" in left_marks if first_says(left, right) else "L" in right_marks
        out.append(right if joined or left.isspace() or right.isspace() else " " + right)
    return "".join(out)


def printable(text: str) -> str:
    """A text that may have joiners, as it can be written in UTF-8.

    >>> printable(JOINER + "n't")
    "⁀n't"
    """
    return text.replace(JOINER, PRINTED_JOINER)
