r"""A document as words without loss: spaCy's tokens re-cut so that white space can be put back.

Every maximal run of white space other than one space between two tokens, and any white space at the document's start
or end, is a token. Between two other tokens one space is implied; where there is none, the second is *joined*.
White-space tokens join both neighbours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.corpus import Document
from toolkit.rare_words.base import Word
from toolkit.spelling import JOINER
from toolkit.tagging import Tagged


@dataclass(frozen=True, slots=True)
class Segment:
    """A word and where it stands: ``text[start:end]``, the implied space not included.

    ``free`` is true where no mark is due: at the document's start and beside white space.
    """

    word: Word
    start: int
    end: int
    free: bool


def cuts(text: str, tagged: Sequence[Tagged]) -> list[Tagged]:
    """The tokens re-cut: each is white space or has none in it, and only single spaces between two are left out.

    What lies in the text outside all tokens given is a token without tags.
    """
    spans: list[Tagged] = []
    place = 0
    for token in [*tagged, Tagged(len(text), len(text), "", "", "")]:
        if token.start > place:
            spans.append(Tagged(place, token.start, "", "", ""))
        spans.append(token)
        place = max(place, token.end)
    bare = [
        span._replace(start=span.start + match.start(), end=span.start + match.end())
        for span in spans
        for match in re.finditer(r"\S+", text[span.start : span.end])
    ]
    return with_white_space(text, bare)


def with_white_space(text: str, bare: Sequence[Tagged]) -> list[Tagged]:
    """The tokens and, between them, the runs of white space that are tokens, tagged as white space is."""
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
    text = document.text
    spans = cuts(text, tagged)
    texts = [text[span.start : span.end] for span in spans]
    spaces = [piece.isspace() for piece in texts]
    found = []
    for i, span in enumerate(spans):
        free = i == 0 or spaces[i] or spaces[i - 1]
        joined = not free and spans[i - 1].end == span.start
        word = Word(
            texts[i],
            JOINER if joined else "",
            span.tag,
            span.pos,
            span.morph,
            texts[i - 1] if i else "",
            texts[i + 1] if i + 1 < len(spans) else "",
            document.name,
        )
        found.append(Segment(word, span.start, span.end, free))
    return found


def joined_text(pieces: Sequence[tuple[str, str]]) -> str:
    """The text of (marks, text) pairs: the inverse of ``segments``.

    >>> joined_text([("", "Do"), (JOINER, "n't"), ("", "go"), ("", "\\n"), ("", "now")])
    "Don't go\\nnow"
    """
    out: list[str] = []
    after_space = True
    for marks, text in pieces:
        if not (after_space or marks or text.isspace()):
            out.append(" ")
        out.append(text)
        after_space = text.isspace() if text else after_space
    return "".join(out)
