"""Bytes that are no UTF-8 text: what a file is, if its first bytes say so, and how text is made of it."""

from toolkit.errors import InputError
from toolkit.text.passed_over import PLAIN

UTF_16 = "is UTF-16, as Word's “Unicode text” is; convert it (for example: iconv -f UTF-16 -t UTF-8 OLD > NEW)"
SAVE = PLAIN.format("it")
UNPACK = "unpack it, or, if it is one text, let its name end in"
BEGINNINGS = {  # of files, and what is said of such a file
    b"\xff\xfe": UTF_16,
    b"\xfe\xff": UTF_16,
    b"PK\3\4": f"is a Word document or an archive; {SAVE}",
    b"\xd0\xcf\x11\xe0": f"is a document of an older Word; {SAVE}",
    b"%PDF-": f"is a PDF; {SAVE}",
    b"\x1f\x8b": f"is compressed; {UNPACK} .txt.gz",
    b"\x28\xb5\x2f\xfd": f"is compressed; {UNPACK} .txt.zst",
}
CONVERT = (  # where no more is known of the bytes
    "convert it (plain text that Word has saved is often Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW)"
)


class NotTextError(InputError):
    """What has no UTF-8 text: the message says what it is instead, and what to do."""


def by_beginning(first: bytes) -> str | None:
    """What is said of a file with these first bytes, as the rest of a sentence; None if they do not say what it is."""
    return next((said for begins, said in BEGINNINGS.items() if first.startswith(begins)), None)
