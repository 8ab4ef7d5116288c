"""Which files of a folder are read as a corpus, what they are called, and which part of a given split each is of."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import InputError
from toolkit.text.corpus import SPLIT_PARTS
from toolkit.text.passed_over import commonest, counted, missed, passed_over_notes
from toolkit.text.rows import DEFAULT_COLUMN

ONE_DOCUMENT = (".txt", ".txt.gz", ".txt.zst")  # what the name of a file of one document ends with
ROWS = (".jsonl", ".csv", ".parquet")  # and of a file whose rows are documents
# In the folder of a comparison, an inspection, a reproduction and a run.
WE_WRITE = (("compare.toml",), ("inspect.json", "index.html"), ("article.toml",), ("config.toml", "tokenizer"))


def ending(path: Path) -> str | None:
    """What a file's name ends with, in lower case, if files with such names are read: many a ``.TXT`` is from DOS.

    >>> ending(Path("a.b.TXT.gz")), ending(Path("a.md"))
    ('.txt.gz', None)
    """
    return next((end for end in (*ONE_DOCUMENT, *ROWS) if path.name.lower().endswith(end)), None)


def without(name: str, end: str | None) -> str:
    """A name without what it ends with, in whatever case.

    >>> without("A.TXT", ".txt"), without("a.md", None)
    ('A', 'a.md')
    """
    return name[: len(name) - len(end or "")]


@dataclass(frozen=True)
class Source:
    """A file of a corpus, the part of a given split that it belongs to, and the name of what it holds."""

    part: str
    name: str
    path: Path


def shown(folder: Path) -> list[Path]:
    """What is in a folder and not hidden (its name begins with a dot). Raises InputError if it cannot be read."""
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read: {error.strerror}; give readable folders, or move this one away."
        ) from error


def files_in(folder: Path) -> list[Path]:
    """All files in a folder and its subfolders, also in linked ones, in the order of their names, whether read or not.

    Without what is hidden, and without comparisons, inspections and runs, which are made of the corpus;
    a link to a folder around it is not followed.
    Raises InputError for a folder that cannot be read.
    """
    found: list[Path] = []
    around: set[str] = set()

    def look(into: Path) -> None:
        real = os.path.realpath(into)
        if real in around:
            return
        around.add(real)
        for path in shown(into):
            if not path.is_dir():
                found.append(path)
            elif not is_written_by_us(path):
                look(path)
        around.remove(real)

    look(folder)
    return sorted(found)


def text_files(files: Iterable[Path]) -> list[Path]:
    """Those of some files that are read. Raises InputError for a link with such a name that leads nowhere."""
    named = [path for path in files if ending(path)]
    for path in named:
        if path.is_symlink() and not path.exists():
            raise InputError(f"{path} is a link to {os.readlink(path)}, which is not there; remove or mend it.")
    return [path for path in named if path.is_file()]


def passed_over(files: Iterable[Path]) -> list[Path]:
    """Those of some files that are not read."""
    return [path for path in files if not ending(path) and path.is_file()]


def is_written_by_us(folder: Path) -> bool:
    """Whether a command wrote a folder, wherever it lies: its tables and texts are no documents."""
    return any(all((folder / name).exists() for name in names) for names in WE_WRITE)


def folder_sources(folder: Path, part: str = "") -> list[Source]:
    """All files that are read in a folder, by name; those of a part of a given split are called by it, too.

    Raises InputError if there are none.
    """
    there = files_in(folder)
    files = text_files(there)
    if not files:
        unread = passed_over(there)
        others = dict.fromkeys([*missed(unread), *commonest(unread)])
        but = f"; it has {counted(others)}" if others else ""
        raise InputError(
            f"{folder} has no .txt file, not even in a subfolder, nor one of {', '.join((*ONE_DOCUMENT[1:], *ROWS))}"
            f"{but}; put each document there as a UTF-8 .txt file."
        )
    names = [without(path.relative_to(folder).as_posix(), ending(path)) for path in files]
    return [Source(part, f"{part}/{name}" if part else name, path) for name, path in zip(names, files, strict=True)]


def part_sources(path: Path, part: str) -> list[Source]:
    """The files of one given part: those in its folder, or the file itself."""
    return folder_sources(path, part) if path.is_dir() else [Source(part, part, path)]


def part_path(folder: Path, part: str, entries: Sequence[Path]) -> Path | None:
    """The folder of a given part, or its file (``train.txt`` or such), or None if there is neither.

    ``entries`` are what is in the folder. Raises InputError if there are several files.
    """
    if (folder / part).is_dir():
        return folder / part
    begun = sorted(path for path in entries if path.name.startswith(f"{part}.") and path.is_file())
    files = [path for end in (*ONE_DOCUMENT, *ROWS) for path in begun if path.name.lower() == f"{part}{end}"]
    if len(files) > 1:
        raise InputError(f"{folder} has {' and '.join(path.name for path in files)}; keep one of them.")
    return files[0] if files else None


def given_parts(folder: Path) -> list[Source]:
    """The files of the train, valid and test documents that a folder prescribes; none if it has at most one of them.

    Raises InputError if it has two, or if the folder cannot be read.
    """
    entries = shown(folder)
    paths = {part: part_path(folder, part, entries) for part in SPLIT_PARTS}
    missing = [part for part in SPLIT_PARTS if paths[part] is None]
    if len(missing) > 1:
        return []
    if missing:
        raise InputError(
            f"{folder} prescribes a split without {missing[0]!r}; "
            f"give train, valid and test, each as a .txt file or a folder."
        )
    return [source for part, path in paths.items() if path for source in part_sources(path, part)]


def notes_without_rows(name: str, sources: Sequence[Source], column: str | None) -> list[str]:
    """A sentence if a column was named for the text of rows, and no file of the corpus has rows."""
    if column in (None, DEFAULT_COLUMN) or any(ending(source.path) in ROWS for source in sources):
        return []
    return [f"{name} has no files of rows, so the text column {column!r} is not read."]


def notes_on_others(path: Path, name: str, sources: Sequence[Source]) -> list[str]:
    """Sentences about files that are not read where files were looked for: in the folders of the parts of a given
    split, or in the corpus' own, which has that name."""
    folders = {part: path / part for part in SPLIT_PARTS} if sources[0].part else {name: path}
    return [
        note
        for called, folder in folders.items()
        if folder.is_dir()
        for note in passed_over_notes(called, passed_over(files_in(folder)))
    ]
