"""Tokens as a tagger would give them."""

import numpy as np

from toolkit.text.words import Tags, Words, columns


def tokens_of(text: str, tokens: list[tuple[int, int, str]]) -> Words:
    """Return tokens from their starts, ends and coarse tags."""
    starts, ends, pos = zip(*tokens, strict=True) if tokens else ((), (), ())
    tags = tuple(dict.fromkeys(pos))
    numbers = np.array([tags.index(name) for name in pos], int)
    return Words("", text, columns(starts, ends, numbers), (), tuple(Tags("", name, "") for name in tags))
