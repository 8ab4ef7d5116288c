"""The tokens of a byte-level tokenizer.json of the library ``tokenizers``: how they cut a text, and their text."""

import codecs
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import decoders

from toolkit.events.encoding import Ids

BYTES = 256
MAX_CHARACTER_BYTES = 4  # in UTF-8

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_OTHERS = sorted(set(range(BYTES)) - set(_PRINTABLE))
BYTE_OF = {chr(byte): byte for byte in _PRINTABLE} | {chr(BYTES + n): byte for n, byte in enumerate(_OTHERS)}
"""The byte of each character of a byte-level token (``bytes_to_unicode`` of Radford et al. 2019)."""

Places = npt.NDArray[np.int64]


class ByteTokens:
    """Tokens that stand for bytes, as the library's byte-level decoder reads them.

    Attributes:
        json: the tokenizer.json.
        names: by the library's id, its name of the token.
    """

    def __init__(self, json_text: str) -> None:
        """Read a tokenizer.json. Raises the library's error, or ValueError if it is not byte-level."""
        self.json = json_text
        self._library = LibraryTokenizer.from_str(json_text)
        if not isinstance(self._library.decoder, decoders.ByteLevel) or getattr(self._library.model, "dropout", None):
            raise ValueError("only byte-level tokens without random merges restore every text")
        self._library.no_truncation()
        self._library.no_padding()
        self.names = {id_: token for token, id_ in self._library.get_vocab(with_added_tokens=True).items()}
        self._bytes = {id_: token_bytes(name) for id_, name in self.names.items()}
        self._lengths = np.zeros(max(self._bytes) + 1, np.int64)  # by id
        self._lengths[list(self._bytes)] = list(map(len, self._bytes.values()))

    def cut(self, text: str) -> tuple[Ids, Places]:
        """Return the ids (n,) of a text and the place (n,) where each ends: a character ends with its last byte."""
        ids = np.array(self._library.encode(text, add_special_tokens=False).ids, np.int32)
        begins = (np.frombuffer(text.encode(), np.uint8) & 0xC0) != 0x80  # (bytes,), false inside a character
        begun = np.append(0, np.cumsum(begins))  # (bytes + 1,), characters that begin within the first n bytes
        complete = begun - np.append(~begins, False)  # without the one that the next byte continues
        return ids, complete[np.minimum(np.cumsum(self._lengths[ids]), len(begins))]

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


def token_bytes(token: str) -> bytes:
    """Return the bytes of a byte-level token. A token with other characters stands for itself.

    >>> token_bytes("Ġthe"), token_bytes("two words")
    (b' the', b'two words')
    """
    return bytes(map(BYTE_OF.__getitem__, token)) if set(token) <= BYTE_OF.keys() else token.encode()
