r"""Texts cut by the library ``tokenizers``: whole, or in pieces, each of which it cuts only once.

GPT-2's pattern, with which a byte-level tokenizer cuts a text before it merges anything, begins anew at a space before
a visible character, and at a line end after one, whatever else stands around: the tokens of a text are those of its
pieces. Most pieces are words that were seen before, so that a text takes a small part of the library's time.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer as LibraryTokenizer

MOST = 500_000  # pieces that are remembered
NO_SPACE, FIRST = "\ud800", "\ud801"  # for a space at which no piece begins, and before the first; no text has any
VISIBLE = rf"[^\s\u180e\u200b\ufeff{NO_SPACE}]"  # the three are white space in some versions of Unicode
WITHIN = re.compile(rf" (?!{VISIBLE})")
LINE_END = re.compile(rf"(?<={VISIBLE})\n")


class Tokens(NamedTuple):
    """The library's ids (n,), and the characters that it says each came from, unless it was cut in pieces."""

    ids: npt.NDArray[np.int32]
    spans: Sequence[tuple[int, int]]


class Cutter(Protocol):
    """What cuts a text into the library's tokens."""

    def cut(self, text: str) -> Tokens:
        """The tokens of a text. Raises what the library raises."""
        ...


class Whole:
    """A ``Cutter``: the library."""

    def __init__(self, library: LibraryTokenizer) -> None:
        self._library = library

    def cut(self, text: str) -> Tokens:
        """The tokens of a text."""
        encoding = self._library.encode(text, add_special_tokens=False)
        return Tokens(np.array(encoding.ids, np.int32), encoding.offsets)


class InPieces:
    """A ``Cutter``: the library, asked once for each piece, as long as there are not too many."""

    def __init__(self, library: LibraryTokenizer) -> None:
        self._library = library
        self._known: dict[str, bytes] = {}  # the ids of each piece

    def cut(self, text: str) -> Tokens:
        """The tokens of a text."""
        marked = pieces(text)
        if len(self._known) > MOST:
            self._known.clear()
        new = list(set(marked) - self._known.keys())
        encodings = self._library.encode_batch([piece_text(piece) for piece in new], add_special_tokens=False)
        for piece, encoding in zip(new, encodings, strict=True):
            self._known[piece] = np.array(encoding.ids, np.int32).tobytes()
        return Tokens(np.frombuffer(b"".join(map(self._known.__getitem__, marked)), np.int32), ())


def pieces(text: str) -> list[str]:
    r"""The pieces of a text, marked so that ``piece_text`` gives each.

    >>> [piece_text(piece) for piece in pieces("the  sea, he\n\nsaid ")]
    ['the ', ' sea,', ' he', '\n\nsaid ']
    """
    return LINE_END.sub(" \n", FIRST + WITHIN.sub(NO_SPACE, text)).split(" ")


def piece_text(piece: str) -> str:
    """The text of a piece."""
    before = "" if piece[0] in (FIRST, "\n") else " "
    return before + piece.removeprefix(FIRST).replace(NO_SPACE, " ")


def comes_in_pieces(json_text: str) -> bool:
    """Whether the tokens of a text are those of its pieces, for the library's tokenizer in a tokenizer.json.

    Added tokens are found in a text before anything else, and white space before them is cut as at its end.
    """
    parts = json.loads(json_text)
    before = parts.get("pre_tokenizer") or {}
    by_pattern = before.get("type") == "ByteLevel" and before.get("use_regex", True) and not before["add_prefix_space"]
    return bool(by_pattern) and not parts.get("normalizer") and not parts.get("added_tokens")
