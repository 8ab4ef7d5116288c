"""Dashes between words, written as two hyphens or more: each becomes a token of its own.

spaCy cuts dashes in ``moon--grey``, but not in ``hakee.--Ventovieraatkin`` or ``said,--and``. Here it cuts
the text on either side of all dashes as if it stood alone.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc

DASHES = re.compile(r"(-{2,})")
INNER = re.compile(r"[^\W_].*[^\W_]", re.DOTALL)  # from the first letter or digit to the last


def parts(token: str) -> list[str]:
    """Cut a token before and after its dashes that have a letter or digit on either side.

    >>> parts("hakee.--Ventovieraatkin"), parts("--he--\\"No--"), parts("--"), parts("half-way")
    (['hakee.', '--', 'Ventovieraatkin'], ['--he', '--', '"No--'], ['--'], ['half-way'])
    """
    if not (inner := INNER.search(token)):
        return [token]
    first, *texts = DASHES.split(inner[0])
    texts = [token[: inner.start()] + first, *texts]
    texts[-1] += token[inner.end() :]
    return texts


def with_dashes_cut(doc: "Doc", tokenizer: "Tokenizer") -> "Doc":
    """Return a spaCy document with the dashes in its tokens cut, except in addresses.

    The tokens on either side have the norms of spaCy's exceptions ("n't"), which taggers read.
    """
    from spacy.tokens import Doc

    words, norms, spaces = [], [], []
    for token in doc:
        texts = [token.text] if token.like_url else parts(token.text)
        tokens = [token] if len(texts) == 1 else [piece for text in texts for piece in tokenizer(text)]
        words += [piece.text for piece in tokens]
        norms += [piece.norm_ for piece in tokens]
        spaces += [*[False] * (len(tokens) - 1), bool(token.whitespace_)]
    if len(words) == len(doc):
        return doc
    recut = Doc(doc.vocab, words, spaces)
    for piece, norm in zip(recut, norms, strict=True):
        piece.norm_ = norm
    return recut
