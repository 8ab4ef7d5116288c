"""Bytes that are no UTF-8 text: what they probably are, and how text is made of them."""

import re
import shlex
from collections.abc import Iterable
from itertools import chain

from toolkit.errors import InputError
from toolkit.text.passed_over import PLAIN

UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how files of it begin
SAVE = PLAIN.format("it")
UNPACK = "unpack it, or, if it is one text, let its name end in"
BEGINNINGS = {  # and those of other kinds, and what is said of such a file
    b"PK\3\4": f"is a Word document or an archive; {SAVE}",
    b"\xd0\xcf\x11\xe0": f"is a document of an older Word; {SAVE}",
    b"%PDF-": f"is a PDF; {SAVE}",
    b"\x1f\x8b": f"is compressed; {UNPACK} .txt.gz",
    b"\x28\xb5\x2f\xfd": f"is compressed; {UNPACK} .txt.zst",
}
CONVERT = "; convert the file to UTF-8 (for example with iconv)."  # where no more is known of the bytes
MOST_BEYOND = 0.1  # of the characters of a text in a Western language are not in ASCII
# What hardly any such text has, if its bytes are read as Windows-1252, but those in other encodings often: a sign or a
# capital within a word (Central European ones, MacRoman), and two letters in the place of one (UTF-8).
UNLIKELY = re.compile("[a-z][¡-¬®-¶¸-¿×÷À-ÖØ-ÞŠŽ][a-z]|[ÂÃ][\u00a0-¿]|â€")
MOST_UNLIKELY = 0.05  # of the characters that are not in ASCII


class NotTextError(InputError):
    """What has no UTF-8 text: the message says what it is instead, and what to do."""


def explained(error: NotTextError, source: str, content: Iterable[bytes], *, packed: bool) -> NotTextError:
    """The error of a file, whose bytes come in chunks, with what they look like, if that is known.

    >>> explained(NotTextError(f"A is none{CONVERT}"), "A", [b"caf\\xe9 au lait"], packed=True)
    NotTextError('A is none; it looks like Windows-1252, as Word saves plain text: convert the text in it to UTF-8.')
    """
    chunks = iter(content)
    first = next(chunks, b"")
    for begins, said in BEGINNINGS.items():
        if first.startswith(begins):
            return NotTextError(f"{source} {said}.")
    if first.startswith(UTF_16):
        to_do = conversion("UTF-16", source, packed=packed)
        return NotTextError(f"{source} is UTF-16, as Word's “Unicode text” is; {to_do}.")
    if looks_western(chain([first], chunks)):
        to_do = conversion("WINDOWS-1252", source, packed=packed)
        what = str(error).removesuffix(CONVERT)
        return NotTextError(f"{what}; it looks like Windows-1252, as Word saves plain text: {to_do}.")
    return error


def conversion(encoding: str, source: str, *, packed: bool) -> str:
    """What to do with a file in this encoding: a command, unless it is compressed."""
    if packed:
        return "convert the text in it to UTF-8"
    return f"convert it (for example: iconv -f {encoding} -t UTF-8 {shlex.quote(source)} > NEW)"


def looks_western(chunks: Iterable[bytes]) -> bool:
    """Whether bytes are, as Windows-1252, like a text in a Western language.

    >>> looks_western(["un déjà vu, mon ami de Paris".encode("cp1252")]), looks_western(["мгла".encode("cp1251")])
    (True, False)
    """
    characters = beyond = unlikely = 0
    for chunk in chunks:
        try:
            text = chunk.decode("cp1252")
        except UnicodeDecodeError:
            return False
        characters += len(text)
        beyond += sum(not character.isascii() for character in text)
        unlikely += len(UNLIKELY.findall(text))
    return beyond <= MOST_BEYOND * characters and unlikely <= MOST_UNLIKELY * beyond
