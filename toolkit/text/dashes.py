"""Dashes between words, written as two hyphens or more, which spaCy leaves inside a token unless letters touch them.

It cuts ``moon--grey``, but not ``hakee.--Ventovieraatkin`` or ``said,--and``. Here the dashes become a token of their
own, and what stands on either side of them is cut by spaCy as if it stood alone.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc

DASHES = re.compile(r"-{2,}")
WORD = re.compile(r"[^\W_]")  # a letter or digit


def parts(token: str) -> list[str]:
    """What a token is cut into: before, between and after its dashes that have a letter or digit on either side.

    >>> parts("hakee.--Ventovieraatkin"), parts("--he--\\"No--"), parts("--"), parts("half-way")
    (['hakee.', '--', 'Ventovieraatkin'], ['--he', '--', '"No--'], ['--'], ['half-way'])
    """
    cut, start = [], 0
    letters = [match.start() for match in WORD.finditer(token)]
    for dashes in DASHES.finditer(token):
        if letters and letters[0] < dashes.start() and dashes.end() <= letters[-1]:
            cut += [token[start : dashes.start()], dashes[0]]
            start = dashes.end()
    return [part for part in [*cut, token[start:]] if part]


def has_dashes(text: str) -> bool:
    """Whether a text has dashes between words without a space, some of which spaCy cuts too.

    >>> has_dashes("He said,--and left."), has_dashes("He said -- and left--")
    (True, False)
    """
    return "--" in text and any("--" in piece and len(parts(piece)) > 1 for piece in text.split())


def with_dashes_cut(doc: "Doc", tokenizer: "Tokenizer") -> "Doc":
    """A document as this tokenizer of spaCy's has cut it, with the dashes in its tokens cut too; addresses stay whole.

    The tokens on either side have the norms of spaCy's exceptions ("n't"), which taggers read. A document without such
    dashes is returned as it is.
    """
    from spacy.tokens import Doc

    words, norms, spaces = [], [], []
    for token in doc:
        cut = [token.text] if token.like_url else parts(token.text)
        pieces = [token] if len(cut) == 1 else [piece for part in cut for piece in tokenizer(part)]
        words += [piece.text for piece in pieces]
        norms += [piece.norm_ for piece in pieces]
        spaces += [*[False] * (len(pieces) - 1), bool(token.whitespace_)]
    if len(words) == len(doc):
        return doc
    again = Doc(doc.vocab, words, spaces)
    for piece, norm in zip(again, norms, strict=True):
        piece.norm_ = norm
    return again
