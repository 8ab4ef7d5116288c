r"""Text that is already tokenised, as in benchmark corpora: words between white space, and line ends.

    ' the <unk> rose N points \n the dow fell \n'

A single space is implied between two words, on either side of a line end, and before a document's first word. If it is
missing, the line end's marks say so, or those of the document's first word or line end. Any other white space (two
spaces, a tab, a space at a document's end) is a token of its own, with nothing between it and its neighbours. Every
line end is one token, as in the token counts of the literature.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np

from toolkit.text.corpus import Document
from toolkit.text.segmentation import LEFT, RIGHT, Segmenter, Segments, in_context
from toolkit.text.tagged import Tagged, TaggedText
from toolkit.tokenizers.lexical import Lexical
from toolkit.tokenizers.patterns import NOTHING, PatternWords, TagsWithin

NEWLINE = "\n"
PIECES = re.compile(r"\n|[^\S\n]+|\S+")
FIRST, SECOND = range(2)  # of two neighbours


class WhitespaceWords(PatternWords):
    """A ``Segmenter``: words between white space, and line ends."""

    def cut(self, document: Document) -> Segments:
        """Words, line ends, and white space other than the implied spaces."""
        text = document.text
        spans = list(cuts(text, self.tags(document)))
        due, marks = np.zeros(len(spans), np.uint8), np.zeros(len(spans), np.uint8)
        for i, (left, right) in enumerate(pairwise([NOTHING, *spans])):
            says = teller(text[left.start : left.end], text[right.start : right.end])
            if says is not None:
                place, side = (i, LEFT) if says == SECOND else (i - 1, RIGHT)
                due[place] |= side
                marks[place] |= side * (left.end == right.start)
        return in_context(document, TaggedText.of(spans), marks, due)

    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """The words joined by the spaces that they imply."""
        return "".join(" " * spaced(left, right) + right[1] for left, right in pairwise([("", ""), *pieces]))

    def implies_end(self, text: str) -> bool:
        """Whether the text ends with a single space, which may be the whole text."""
        return text.endswith(" ") and not is_blank(text[-2:-1])


class Whitespace(Lexical):
    """The tokenizer ``whitespace:STRATEGY``: words between white space, of text already tokenised.

    With ``whitespace:keep`` and its option ``closed`` a token's probability is the network's softmax over the training
    text's words, line end and ``<doc>``, as in the literature. The differences between the two are the coder's floor,
    at most 0.0012 nats per token with 10,000 words, and the reserve of marks never seen in training (vocabulary.py).
    """

    default_strategy: ClassVar[str] = "keep"
    segmenter_class: ClassVar[type[Segmenter]] = WhitespaceWords


def is_blank(text: str) -> bool:
    """Whether the text is white space other than a line end."""
    return text.isspace() and text != NEWLINE


def teller(left: str, right: str) -> int | None:
    r"""Which of two neighbours says by a mark whether a space is between them; None if neither needs to.

    A document's first token has nothing to its left.

    >>> teller("a", "\n"), teller("\n", "a"), teller("\n", "\n"), teller("", "a"), teller("a", "b"), teller("a", "\t")
    (1, 0, 1, 1, None, None)
    """
    if is_blank(left) or is_blank(right):
        return None
    if right == NEWLINE or not left:
        return SECOND
    return FIRST if left == NEWLINE else None


def spaced(left: tuple[str, str], right: tuple[str, str]) -> bool:
    """Whether a space is between two neighbours, given by marks and text."""
    says = teller(left[1], right[1])
    if says is None:
        return not (is_blank(left[1]) or is_blank(right[1]))
    return "R" not in left[0] if says == FIRST else "L" not in right[0]


def cuts(text: str, tags: TagsWithin) -> Iterator[Tagged]:
    """Words, line ends and white space other than single spaces before something."""
    for match in PIECES.finditer(text):
        start, end = match.span()
        if match[0].isspace():
            if match[0] != " " or end == len(text):
                yield Tagged(start, end, "_SP", "SPACE", "")
            continue
        yield tags.of(start, end)
