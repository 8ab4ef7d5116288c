"""Files that are not read: which of them a reader must hear of, and what makes text of each kind."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from toolkit.errors import InputError
from toolkit.results.numbers import listing, plural

PLAIN = "save {} as plain text, UTF-8"
SAVED = {  # by what their names end with, files whose text is not plain, or no row a line: what is to be done with them
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pages", ".pdf", ".epub", ".html", ".htm", ".xml"), PLAIN),
    **dict.fromkeys((".tsv", ".xlsx", ".xls", ".ods"), "save {} as .csv, with commas"),
    ".json": "save {} as .jsonl, one object a line",
}
READABLE = (".html", ".htm", ".xml", ".tsv", ".json")  # those of them that are text, with marks
KINDS = SAVED | {
    **dict.fromkeys((".md", ".markdown", ".rst", ".tex", ".text", ".asc", ""), "rename {} to .txt"),
    **dict.fromkeys((".gz", ".zst", ".bz2", ".xz", ".zip", ".tar", ".tgz"), "unpack {}"),
}
MOST = 5  # kinds that are named
BESIDE = (
    "about|readme|licen[cs]e|copying|authors|notice|changelog|contributing|makefile|index|lock|(md5|sha[0-9]+)sums?"
)
NO_TEXT = "toml|ini|cfg|ya?ml|py|sh|css|js|db|jpe?g|png|gif|svg|webp|tiff?|mp[34]|wav"
NEVER_MISSED = re.compile(rf"({BESIDE})(\.(md|rst|html|json))?|.*\.({NO_TEXT})|~\$.*|.*~", re.IGNORECASE)


def kind(path: Path) -> str:
    """What a file's name ends with, in lower case; nothing if that is no ending.

    >>> kind(Path("a.DOCX")), kind(Path("1. The moor")), kind(Path("README"))
    ('.docx', '', '')
    """
    return path.suffix.lower() if re.fullmatch(r"\.\w{1,10}", path.suffix) else ""


def missed(paths: Iterable[Path]) -> list[Path]:
    """Those files, of some that are not read, that their owner may take for texts of the corpus.

    >>> missed(map(Path, ["a.docx", "README.md", "LICENSE", "about.toml", "Thumbs.db", "a.txt~", "b"]))
    [PosixPath('a.docx'), PosixPath('b')]
    """
    return [path for path in paths if not NEVER_MISSED.fullmatch(path.name)]


def counted(paths: Iterable[Path]) -> str:
    """How many files there are of each kind, the most first, with what is to be done with them.

    >>> counted(map(Path, ["a.docx", "b.md", "c.docx", "d.odd"]))
    '2 .docx (save them as plain text, UTF-8), 1 .md (rename it to .txt) and 1 .odd'
    """
    kinds = Counter(map(kind, paths)).most_common()
    named = [
        f"{number:,} {end or 'without an ending'}"
        + (f" ({KINDS[end].format('it' if number == 1 else 'them')})" if end in KINDS else "")
        for end, number in kinds[:MOST]
    ]
    if others := sum(number for _, number in kinds[MOST:]):
        named.append(plural(others, "other"))
    return listing(named)


def passed_over_notes(name: str, paths: Iterable[Path]) -> list[str]:
    """A sentence about the files of a folder of that name that are not read, if a reader may miss any of them."""
    if not (files := missed(paths)):
        return []
    were = "was" if len(files) == 1 else "were"
    return [f"{plural(len(files), 'file')} in {name} {were} not read: {counted(files)}."]


def refuse_saved_otherwise(path: Path) -> None:
    """Raises InputError for a single file whose text, by its name, is not plain: its marks would be learnt, too."""
    if (end := kind(path)) in SAVED:
        marks_too = ", or rename it to .txt if its marks are to be learnt, too" if end in READABLE else ""
        raise InputError(f"{path} is no text or table that can be read; {SAVED[end].format('it')}{marks_too}.")
