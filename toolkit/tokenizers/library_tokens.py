r"""The tokens of a tokenizer.json of the library ``tokenizers``: how they cut a text, and the text that they stand for.

GPT-2's pattern cuts a text before a byte-level tokenizer merges anything. It begins anew at a space before a visible
character, and at a line end after one. So the pieces between these places have the tokens of the whole text. Most
pieces are words that were cut before, which saves most of the library's time.
"""

import codecs
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import decoders

from toolkit.events.encoding import Ids

BYTES = 256
MAX_CHARACTER_BYTES = 4  # in UTF-8
MAX_PIECES = 500_000  # whose tokens are cached
NO_SPACE, FIRST = "\ud800", "\ud801"  # for a space at which no piece begins, and before the first; no text has any
VISIBLE = rf"[^\s\u180e\u200b\ufeff{NO_SPACE}]"  # the three are white space in some versions of Unicode
WITHIN = re.compile(rf" (?!{VISIBLE})")
LINE_END = re.compile(rf"(?<={VISIBLE})\n")

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_OTHERS = sorted(set(range(BYTES)) - set(_PRINTABLE))
BYTE_OF = {chr(byte): byte for byte in _PRINTABLE} | {chr(BYTES + n): byte for n, byte in enumerate(_OTHERS)}
"""The byte of each character of a byte-level token (``bytes_to_unicode`` of Radford et al. 2019)."""

Places = npt.NDArray[np.int64]


class LibraryTokens:
    """Tokens whose text is whatever the library's decoder returns.

    Attributes:
        json: the tokenizer.json.
        names: by the library's id, its name of the token.
    """

    def __init__(self, json_text: str) -> None:
        self.json = json_text
        self._library = LibraryTokenizer.from_str(json_text)
        self._library.no_truncation()
        self._library.no_padding()
        self.names = {id_: token for token, id_ in self._library.get_vocab(with_added_tokens=True).items()}

    @cached_property
    def _word(self) -> tuple[int, str]:
        """An id that stands for a word, with its text, or else the first id."""
        ids = sorted(self._library.get_vocab(with_added_tokens=False).values())
        texts = ((id_, self.text([id_], whole=True)) for id_ in ids)
        return next(((id_, text) for id_, text in texts if text.isalpha()), (ids[0], ""))

    def cut(self, text: str) -> tuple[Ids, Places]:
        """Return the ids (n,) of a text and the place (n,) where each ends. Raises the library's errors.

        A gap between the library's spans goes to the token after it, or at the end of the text to the last token. A
        character that several tokens share goes to the last of them.
        """
        encoding = self._library.encode(text, add_special_tokens=False)
        begins, ends = np.array(encoding.offsets, np.int64).reshape(-1, 2).T  # (n,) each
        begins = np.where(begins < ends, begins, len(text))  # an empty span says nothing
        later_begins = np.append(np.minimum.accumulate(begins[::-1])[::-1], len(text))[1:]
        ends = np.minimum(np.maximum.accumulate(ends), later_begins)
        ends[-1:] = len(text)
        return np.array(encoding.ids, np.int32), ends

    def text(self, ids: Sequence[int], *, whole: bool) -> str:  # noqa: ARG002 - the library has no unfinished text
        """Return the text of ids. ``whole``: no more ids follow."""
        return self._library.decode(list(ids), skip_special_tokens=False)

    def after_word(self, id_: int) -> str:
        """Return the text that an id adds after a word, or its first character; "" if it cannot follow a word."""
        word, text = self._word
        both = self.text([word, id_], whole=True)
        return both.removeprefix(text) if both.startswith(text) else ""


class ByteTokens(LibraryTokens):
    """Tokens that stand for bytes, as the library's byte-level decoder reads them."""

    def __init__(self, json_text: str) -> None:
        super().__init__(json_text)
        self._bytes = {id_: token_bytes(name) for id_, name in self.names.items()}
        self._lengths = np.zeros(max(self._bytes) + 1, np.int64)  # by id
        self._lengths[list(self._bytes)] = list(map(len, self._bytes.values()))
        self._by_piece: dict[str, bytes] | None = {} if comes_in_pieces(json_text) else None

    def cut(self, text: str) -> tuple[Ids, Places]:
        """Return the ids (n,) of a text and the place (n,) where each ends: a character ends with its last byte."""
        ids = self._ids(text)
        begins = (np.frombuffer(text.encode(), np.uint8) & 0xC0) != 0x80  # (bytes,), false inside a character
        begun = np.append(0, np.cumsum(begins))  # (bytes + 1,), characters that begin within the first n bytes
        complete = begun - np.append(~begins, False)  # without the one that the next byte continues
        return ids, complete[np.minimum(np.cumsum(self._lengths[ids]), len(begins))]

    def _ids(self, text: str) -> Ids:
        if self._by_piece is None:
            return np.array(self._library.encode(text, add_special_tokens=False).ids, np.int32)
        marked = pieces(text)
        if len(self._by_piece) > MAX_PIECES:
            self._by_piece.clear()
        new = list(set(marked) - self._by_piece.keys())
        encodings = self._library.encode_batch([piece_text(piece) for piece in new], add_special_tokens=False)
        for piece, encoding in zip(new, encodings, strict=True):
            self._by_piece[piece] = np.array(encoding.ids, np.int32).tobytes()
        return np.frombuffer(b"".join(map(self._by_piece.__getitem__, marked)), np.int32)

    def text(self, ids: Sequence[int], *, whole: bool) -> str:
        """Return the text of ids. Invalid bytes become U+FFFD.

        Unless ``whole``, the text lacks the bytes of an unfinished character at the end. So the text of some ids is
        always the beginning of the text of these and more.
        """
        joined = b"".join(map(self._bytes.__getitem__, ids))
        return codecs.getincrementaldecoder("utf-8")("replace").decode(joined, final=whole)

    def after_word(self, id_: int) -> str:
        """Return the first character of an id's bytes; "" if they begin within one.

        An unfinished character counts as the first one, in Unicode's order, that it can become.
        """
        for rest in (b"", b"\x80", b"\x80\x80", b"\xa0\x80", b"\x80\x80\x80", b"\x90\x80\x80"):
            for end in range(1, MAX_CHARACTER_BYTES + 1):
                with suppress(UnicodeDecodeError):
                    return (self._bytes[id_] + rest)[:end].decode()
        return ""


def read_tokens(json_text: str) -> LibraryTokens:
    """Return the tokens of a tokenizer.json. Raises the library's error, or ValueError for random merges."""
    library = LibraryTokenizer.from_str(json_text)
    if getattr(library.model, "dropout", None):
        raise ValueError("it drops merges at random (model.dropout)")
    return (ByteTokens if isinstance(library.decoder, decoders.ByteLevel) else LibraryTokens)(json_text)


def token_bytes(token: str) -> bytes:
    """Return the bytes of a byte-level token. A token with other characters stands for itself.

    >>> token_bytes("Ġthe"), token_bytes("two words")
    (b' the', b'two words')
    """
    return bytes(map(BYTE_OF.__getitem__, token)) if set(token) <= BYTE_OF.keys() else token.encode()


def pieces(text: str) -> list[str]:
    r"""Return the pieces of a text, marked so that ``piece_text`` returns the text of each.

    >>> [piece_text(piece) for piece in pieces("the  sea, he\n\nsaid ")]
    ['the ', ' sea,', ' he', '\n\nsaid ']
    """
    return LINE_END.sub(" \n", FIRST + WITHIN.sub(NO_SPACE, text)).split(" ")


def piece_text(piece: str) -> str:
    """Return the text of a marked piece."""
    space = "" if piece[0] in (FIRST, "\n") else " "
    return space + piece.removeprefix(FIRST).replace(NO_SPACE, " ")


def comes_in_pieces(json_text: str) -> bool:
    """Return whether a byte-level tokenizer.json cuts a text into the tokens of its pieces.

    Added tokens are found in a text before anything else, and white space before them is cut as at its end.
    """
    parts = json.loads(json_text)
    pattern = parts.get("pre_tokenizer") or {}
    is_gpt2 = pattern.get("type") == "ByteLevel" and pattern.get("use_regex", True) and not pattern["add_prefix_space"]
    return bool(is_gpt2) and not parts.get("normalizer") and not parts.get("added_tokens")
