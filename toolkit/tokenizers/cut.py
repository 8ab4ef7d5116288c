"""The ways to cut a text into words: spaCy's, words between white space, and words with the space before them."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

import numpy as np

from toolkit.rare_words import OTHER
from toolkit.text.corpus import Document
from toolkit.text.neutral import LETTERS
from toolkit.text.words import LEFT, NO_TAGS, RIGHT, Pieces, Words, columns, joined_text, words_of
from toolkit.tokenizers.words import Lexical

NEWLINE = "\n"
SPACE = " "
BETWEEN_SPACES = re.compile(r"\n|[^\S\n]{2,}|[^\S\n ]|\S+| \Z")
WITH_SPACE = re.compile(rf" ?{LETTERS}| ?[^\w\s]|\s")
FIRST, SECOND = range(2)  # of two neighbours


class SpacyWords(Lexical):
    """The tokenizer ``word:STRATEGY``: spaCy's words without loss, with a strategy for rare ones."""

    default_strategy: ClassVar[str] = "pos"
    has_tags: ClassVar[bool] = True

    @property
    def spacy_model(self) -> str | None:
        """The name of the model that tags or only cuts words; None if spaCy's language alone cuts them."""
        return self.tagger.model if self.tagger.tags else self.tagger.named

    def check(self) -> None:
        """Raise InputError if the tagger's model or language is not installed."""
        self.tagger.check()

    def cut(self, document: Document) -> Words:
        """Return spaCy's tokens, and the runs of white space that are tokens."""
        return words_of(document, self.tagger.tag(document.text))

    def join(self, pieces: Pieces) -> str:
        """Return the words joined by the spaces they imply."""
        return joined_text(pieces)


class Spaced(Lexical):
    r"""The tokenizer ``spaced:STRATEGY``: words with the space before them, and the case that they have.

        "The moon, he said\n" -> "The", " moon", ",", " he", " said", "\n"

    A token is a run of ``\w`` with the combining marks on its letters, or a single other character. A single space
    before it belongs to it. The characters so far decide where each token ends, as a mixture needs.
    """

    default_strategy: ClassVar[str] = "unk"

    def cut(self, document: Document) -> Words:
        """Return the tokens, without marks."""
        return _matches(WITH_SPACE, document)

    def join(self, pieces: Pieces) -> str:
        """Return the tokens joined."""
        return "".join(text for _, text in pieces)

    def implies_end(self, text: str) -> bool:  # noqa: ARG002 - every space is written
        """Return False: every space belongs to a token."""
        return False

    @property
    def kept_ids(self) -> Mapping[str, int]:
        """The ids of the kept words."""
        return self._ids.ids

    @property
    def placeholder(self) -> int | None:
        """The id that stands for every rare word; None if the strategy has several, or writes them with more events."""
        ids = [id_ for id_, name in self.vocabulary.spelled.items() if name in self.strategy.classes]
        return (
            ids[0] if len(ids) == 1 and len(self._ids.symbols) == len([*self.strategy.classes, OTHER]) else None
        )


class Whitespace(Lexical):
    r"""The tokenizer ``whitespace:STRATEGY``: words between white space, of text already tokenised.

        ' the <unk> rose N points \n the dow fell \n'

    A single space is implied between two words, on either side of a line end, and before a document's first word. If
    it is missing, the line end's marks say so, or the marks of the document's first token. Any other white
    space (two spaces, a tab, a space at a document's end) is a token of its own, with nothing between it and its
    neighbours. Every line end is one token, as in the token counts of the literature.

    With ``whitespace:keep`` a token's probability is the network's softmax over the training text's words, line end and
    ``<doc>``, as in the literature, but for the coder's floor and the reserve of what training never shows.
    """

    default_strategy: ClassVar[str] = "keep"

    def cut(self, document: Document) -> Words:
        """Return words, line ends, and white space other than the implied spaces."""
        words = _matches(BETWEEN_SPACES, document)
        at = words.at
        for i, (left, right) in enumerate(pairwise(["", *words.texts])):
            if (says := teller(left, right)) is not None:
                place, side = (i, LEFT) if says == SECOND else (i - 1, RIGHT)
                at["due"][place] |= side
                at["marks"][place] |= side * (at["start"][i] == (at["end"][i - 1] if i else 0))
        return words

    def join(self, pieces: Pieces) -> str:
        """Return the words joined by the spaces that they imply."""
        return "".join(" " * spaced(left, right) + right[1] for left, right in pairwise([(0, ""), *pieces]))

    def implies_end(self, text: str) -> bool:
        """Return whether the text ends with a single space, which may be the whole text."""
        return text.endswith(" ") and not is_blank(text[-2:-1])


def _matches(pattern: re.Pattern[str], document: Document) -> Words:
    """The pattern's matches as words without tags."""
    starts, ends = (
        np.array([match.span() for match in pattern.finditer(document.text)], np.int64).reshape(-1, 2).T
    )
    return Words.of(document, columns(starts, ends, np.zeros(len(starts))), [NO_TAGS])


def is_blank(text: str) -> bool:
    """Return whether the text is white space other than a line end."""
    return text.isspace() and text != NEWLINE


def teller(left: str, right: str) -> int | None:
    r"""Return which of two neighbours says by a mark whether a space is between them; None if neither needs to.

    A document's first token has nothing to its left.

    >>> teller("a", "\n"), teller("\n", "a"), teller("\n", "\n"), teller("", "a"), teller("a", "b"), teller("a", "\t")
    (1, 0, 1, 1, None, None)
    """
    if is_blank(left) or is_blank(right):
        return None
    if right == NEWLINE or not left:
        return SECOND
    return FIRST if left == NEWLINE else None


def spaced(left: tuple[int, str], right: tuple[int, str]) -> bool:
    """Return whether a space is between two neighbours, from their marks and texts."""
    says = teller(left[1], right[1])
    if says is None:
        return not (is_blank(left[1]) or is_blank(right[1]))
    return not (left[0] & RIGHT if says == FIRST else right[0] & LEFT)


def goes_on_with(begun: str, character: str) -> bool:
    """Return whether a token of ``Spaced`` that has begun like this continues with the character."""
    return WITH_SPACE.fullmatch(begun + character) is not None


def is_whole(begun: str) -> bool:
    """Return whether a token of ``Spaced`` that has begun like this has ended, whatever follows."""
    return begun not in ("", SPACE) and not goes_on_with(begun, "a")
