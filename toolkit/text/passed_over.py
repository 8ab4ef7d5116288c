"""Files that are not read: which of them a reader must hear of, and what makes text of each kind."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from toolkit.results.text import listing, plural

PLAIN = "save {} as plain text, UTF-8"
SAVED = {  # by what their names end with, files whose text is not plain, or no row a line: what is to be done with them
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pages", ".pdf", ".epub", ".html", ".htm", ".xml"), PLAIN),
    **dict.fromkeys((".tsv", ".xlsx", ".xls", ".ods"), "save {} as .csv, with commas"),
    ".json": "save {} as .jsonl, one object a line",
}
KINDS = SAVED | {
    **dict.fromkeys((".md", ".markdown", ".rst", ".tex", ".text", ".asc", ""), "rename {} to .txt"),
    **dict.fromkeys((".gz", ".zst", ".bz2", ".xz", ".zip", ".tar", ".tgz"), "unpack {}"),
}
OF_ANOTHER_KIND = "rename {} to .txt, if plain text"
BESIDE = re.compile(  # names of what lies beside texts
    r"(about|readme|licen[cs]e|copying|authors|notice|changelog|contributing|makefile|index|lock|(md5|sha\d+)sums?)"
    r"(\.\w+)?|~\$.*|.*~",
    re.IGNORECASE,
)


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
    return [path for path in paths if kind(path) in KINDS and not BESIDE.fullmatch(path.name)]


def commonest(paths: Iterable[Path]) -> list[Path]:
    """Those files, of some that are not read, that are of the kind of which there are most: the text may be in them.

    >>> commonest(map(Path, ["a.py", "b.py", "README.md", "c.srt"]))
    [PosixPath('a.py'), PosixPath('b.py')]
    """
    files = [path for path in paths if not BESIDE.fullmatch(path.name)]
    kinds = Counter(map(kind, files)).most_common(1)
    return [path for path in files if kinds[0][0] == kind(path)]


def counted(paths: Iterable[Path]) -> str:
    """How many of these files, which may be missed, there are of each kind, with what is to be done with them.

    >>> counted(map(Path, ["a.docx", "b.md", "c.docx"]))
    '2 .docx (save them as plain text, UTF-8) and 1 .md (rename it to .txt)'
    """
    return listing(
        [
            f"{number:,} {end or 'without an ending'} ({to_do.format('it' if number == 1 else 'them')})"
            for end, number in Counter(map(kind, paths)).most_common()
            for to_do in [KINDS.get(end, OF_ANOTHER_KIND)]
        ]
    )


def passed_over_notes(name: str, paths: Iterable[Path]) -> list[str]:
    """A sentence about the files of a folder of that name that are not read, if a reader may miss any of them."""
    if not (files := missed(paths)):
        return []
    were = "was" if len(files) == 1 else "were"
    return [f"{plural(len(files), 'file')} in {name} {were} not read: {counted(files)}."]


def marks_notes(path: Path) -> list[str]:
    """A sentence about a corpus of a single file whose text, by its name, is not plain; none about any other."""
    if not path.is_file() or (end := kind(path)) not in SAVED:
        return []
    return [f"{path.name} was read as it is, with all its marks, which are learnt, too; {SAVED[end].format('it')}."]
