"""What the ids of the library tokenizers stand for: bytes, or the text that its decoder returns."""

import codecs
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer as LibraryTokenizer

from toolkit.tokenizers.pieces import Tokens

BYTES = 256
MOST_BYTES = 4  # of a character in UTF-8


class Meaning(Protocol):
    """What the library's ids stand for."""

    def text(self, ids: Sequence[int], *, whole: bool) -> str:
        """The text of ids; ``whole`` if no more ids follow."""
        ...

    def gives_back(self, ids: Sequence[int], text: str) -> bool:
        """Whether the ids stand for exactly this text."""
        ...

    def ends(self, tokens: Tokens, text: str) -> npt.NDArray[np.int64]:
        """How many characters of the text are complete after each token (n,)."""
        ...

    def after_word(self, id_: int) -> str:
        """What an id adds to the text after a word, or at least its first character; nothing if it cannot follow."""
        ...


class ByteTokens:
    """Ids that stand for bytes, as the library's byte-level decoder reads them."""

    def __init__(self, tokens: Mapping[int, str]) -> None:
        self._bytes = {id_: token_bytes(token) for id_, token in tokens.items()}
        self._lengths = np.zeros(max(tokens) + 1, np.int64)  # by id
        self._lengths[list(self._bytes)] = [len(of_token) for of_token in self._bytes.values()]

    def _joined(self, ids: Sequence[int]) -> bytes:
        return b"".join(map(self._bytes.__getitem__, ids))

    def text(self, ids: Sequence[int], *, whole: bool) -> str:
        """The bytes decoded as UTF-8; invalid bytes become U+FFFD.

        If more ids may follow, the bytes of an unfinished character at the end are left out, so the text of some ids
        is always the beginning of the text of these and more.
        """
        return codecs.getincrementaldecoder("utf-8")("replace").decode(self._joined(ids), final=whole)

    def gives_back(self, ids: Sequence[int], text: str) -> bool:
        """Whether the bytes are those of the text."""
        return self._joined(ids) == text.encode()

    def after_word(self, id_: int) -> str:
        """The first character of its bytes."""
        return first_character(self._bytes[id_])

    def ends(self, tokens: Tokens, text: str) -> npt.NDArray[np.int64]:
        """A character is complete with the last of its bytes."""
        begins = (np.frombuffer(text.encode(), np.uint8) & 0xC0) != 0x80  # (bytes,), false inside a character
        started = np.append(0, np.cumsum(begins))  # (bytes + 1,): characters started within the first n bytes
        complete = started - np.append(~begins, False)  # without the one that the next byte continues
        read = np.cumsum(self._lengths[tokens.ids])  # bytes after each token
        return np.asarray(complete[read], np.int64)


class TextTokens:
    """Ids that stand for the text that the library's decoder returns."""

    def __init__(self, library: LibraryTokenizer) -> None:
        self._library = library

    @cached_property
    def _word(self) -> tuple[int, str]:
        """An id that stands for a word, with its text; the first id if there is none."""
        ids = sorted(self._library.get_vocab(with_added_tokens=False).values())
        texts = ((id_, self.text([id_], whole=True)) for id_ in ids)
        return next(((id_, text) for id_, text in texts if text.isalpha()), (ids[0], ""))

    def after_word(self, id_: int) -> str:
        """The library's text of a word's id and this one, without the word."""
        word, text = self._word
        both = self.text([word, id_], whole=True)
        return both.removeprefix(text) if both.startswith(text) else ""

    def text(self, ids: Sequence[int], *, whole: bool) -> str:  # noqa: ARG002 - the library has no unfinished text
        """The text according to the library."""
        return self._library.decode(list(ids), skip_special_tokens=False)

    def gives_back(self, ids: Sequence[int], text: str) -> bool:
        """Whether the library's text equals this text."""
        return self.text(ids, whole=True) == text

    def ends(self, tokens: Tokens, text: str) -> npt.NDArray[np.int64]:
        """The ends of the library's spans, without gaps and in ascending order.

        A gap goes to the token after it, or, at the end of the text, to the last token; a character shared by several
        tokens goes to the last of them.
        """
        spans = np.array(tokens.spans, np.int64).reshape(-1, 2)  # (n, 2)
        starts = np.where(spans[:, 0] < spans[:, 1], spans[:, 0], len(text))  # an empty span says nothing
        next_starts = np.append(np.minimum.accumulate(starts[::-1])[::-1], len(text))[
            1:
        ]  # the smallest of all later ones
        ends = np.minimum(np.maximum.accumulate(spans[:, 1]), next_starts)
        ends[-1:] = len(text)
        return np.asarray(ends, np.int64)


def first_character(data: bytes) -> str:
    """The first character that bytes stand for; nothing if they begin within one.

    A character that is not whole counts as the first one, in Unicode's order, that it can become: a quotation mark's
    first byte as a space, that of é as a letter.

    >>> first_character(b" the"), first_character("“".encode()[:1]), first_character("é".encode()[:1])
    (' ', '\u2000', 'À')
    """
    for rest in (b"", b"\x80", b"\x80\x80", b"\xa0\x80", b"\x80\x80\x80", b"\x90\x80\x80"):
        for end in range(1, MOST_BYTES + 1):
            with suppress(UnicodeDecodeError):
                return (data + rest)[:end].decode()
    return ""


def byte_characters() -> dict[str, int]:
    """The byte that each character of a byte-level token stands for (``bytes_to_unicode`` of Radford et al. 2019).

    A printable Latin-1 character stands for itself; characters from U+0100 on stand, in order, for the other bytes.

    >>> byte_characters()["Ġ"]
    32
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(BYTES)) - set(printable))
    return {chr(byte): byte for byte in printable} | {chr(BYTES + n): byte for n, byte in enumerate(others)}


BYTE_CHARACTERS = byte_characters()


def token_bytes(token: str) -> bytes:
    """The bytes that a byte-level token stands for; a token with a character outside the table stands for itself.

    >>> token_bytes("Ġthe"), token_bytes("two words")
    (b' the', b'two words')
    """
    if all(character in BYTE_CHARACTERS for character in token):
        return bytes(BYTE_CHARACTERS[character] for character in token)
    return token.encode()
