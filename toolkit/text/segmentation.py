r"""A document as words, without loss: spaCy's tokens, re-cut so that white space can be restored.

Every maximal run of white space other than one space between two tokens, and any white space at the document's start
or end, is a token. Between two other tokens one space is implied; if there is none, a mark says so: the first token's
mark ``R`` ("nothing after me") if it has no letter or digit and the second has one, otherwise the second's mark ``L``
("nothing before me"). White-space tokens join both neighbours without a mark.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagged, Tagger

JOINER = "\ud800"  # "no space here"; a lone surrogate, so no text contains it


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
        marks = self.word.marks
        return JOINER * ("L" in marks) + self.word.text + JOINER * ("R" in marks)


class Segmenter(Protocol):
    """How a text is cut into words, and put together from them again."""

    def __init__(self, tagger: Tagger) -> None: ...

    def check(self) -> None:
        """Raise InputError where something that it needs is not installed."""
        ...

    def cut(self, document: Document) -> list[Segment]:
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


def cuts(text: str, tagged: Sequence[Tagged]) -> list[Tagged]:
    """The tokens re-cut: each is white space or contains none, and only single spaces between two are left out.

    Text outside all the given tokens becomes a token without tags.
    """
    spans: list[Tagged] = []
    place = 0
    for token in [*tagged, Tagged(len(text), len(text), "", "", "")]:
        if token.start > place:
            spans.append(Tagged(place, token.start, "", "", ""))
        spans.append(token)
        place = max(place, token.end)
    return with_white_space(text, [bare for span in spans for bare in without_white_space(text, span)])


def without_white_space(text: str, span: Tagged) -> list[Tagged]:
    """The runs of a token that have no white space: nearly always the token itself."""
    piece = text[span.start : span.end]
    if piece.split() == [piece]:
        return [span]
    return [
        span._replace(start=span.start + match.start(), end=span.start + match.end())
        for match in re.finditer(r"\S+", piece)
    ]


def with_white_space(text: str, bare: Sequence[Tagged]) -> list[Tagged]:
    """The tokens and, between them, the runs of white space that are tokens, tagged as white space."""
    whole: list[Tagged] = []
    place = 0
    for token in bare:
        gap = text[place : token.start]
        if gap and (gap != " " or place == 0):
            whole.append(Tagged(place, token.start, "_SP", "SPACE", ""))
        whole.append(token)
        place = token.end
    if place < len(text):
        whole.append(Tagged(place, len(text), "_SP", "SPACE", ""))
    return whole


def segments(document: Document, tagged: Sequence[Tagged]) -> list[Segment]:
    """The document's words with their marks, tags and neighbours."""
    spans = cuts(document.text, tagged)
    texts = [document.text[span.start : span.end] for span in spans]
    due, marks = [""] * len(spans), [""] * len(spans)
    for i, ((a, b), (left, right)) in enumerate(zip(pairwise(texts), pairwise(spans), strict=True)):
        if not (a.isspace() or b.isspace()):
            teller, side = (i, "R") if first_says(a, b) else (i + 1, "L")
            due[teller] += side
            marks[teller] += side * (left.end == right.start)
    return in_context(document, spans, marks, due)


def in_context(document: Document, spans: Sequence[Tagged], marks: Sequence[str], due: Sequence[str]) -> list[Segment]:
    """The words of the spans, with their marks, the sides on which marks are due, tags and neighbours."""
    texts = [document.text[span.start : span.end] for span in spans]
    neighbours = ["", *texts, ""]  # of word i: i and i + 2
    return [
        Segment(
            Word(texts[i], marks[i], span.tag, span.pos, span.morph, neighbours[i], neighbours[i + 2], document.name),
            span.start,
            span.end,
            due[i],
        )
        for i, span in enumerate(spans)
    ]


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
