"""Corpora by name or path: the bundled ones, those that can be fetched, the user's own, and any other."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import InputError, unknown
from toolkit.text.archives import archive_ending
from toolkit.text.entries import Entry, checked_entry, file_name, own_folder, read_entries, write_own

if TYPE_CHECKING:
    from toolkit.text.corpus import Corpus

DEFAULT = "weird-tales"


def bundled_folder() -> Path:
    """The folder of the bundled corpora: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "corpora"
    return inside if inside.is_dir() else package.parent / "corpora"


def bundled() -> list[str]:
    """Names of the bundled corpora."""
    return sorted(path.parent.name for path in bundled_folder().glob("*/about.toml"))


def bundled_entry(name: str) -> Entry:
    """What a bundled corpus says about itself."""
    folder = bundled_folder() / name
    about = tomllib.loads((folder / "about.toml").read_text("utf-8"))
    return Entry(name, str(folder), **{key: about.get(key, "") for key in ("language", "licence", "source")})


def known() -> dict[str, Entry]:
    """The corpora that can be fetched, by name."""
    return read_entries(bundled_folder())


def entries() -> dict[str, Entry]:
    """All corpora that have a name: the bundled ones, those that can be fetched, the user's own.

    Raises InputError for an entry that is none.
    """
    return {name: bundled_entry(name) for name in bundled()} | read_entries(own_folder()) | known()


def readable() -> list[str]:
    """Names of the corpora that can be read now: what must be fetched has been."""
    return [name for name, entry in entries().items() if entry.here]


def state(entry: Entry) -> str:
    """What there is of a named corpus, in a word or two."""
    if entry.name in bundled():
        return "bundled"
    if entry.url:
        return "fetched" if entry.here else "not fetched"
    return "added" if entry.here else "missing"


def add(
    place: str,
    name: str | None = None,
    language: str | None = None,
    text_column: str | None = None,
    sha256: str | None = None,
) -> Path:
    """The file of a new entry of the user's own, for a file, a folder, or the URL of a file that ``get`` fetches.

    Its name is by default that of the file or folder. Raises InputError if there is no such place, if it cannot be read
    as a corpus, or if the name is taken.
    """
    from toolkit.text.corpus_files import ending, without
    from toolkit.text.sources import read_corpus

    remote = "://" in place
    if sha256 and not remote:
        raise InputError(f"--sha256 is for a URL, and {place} is none; leave it out.")
    last = file_name(place) if remote else Path(place).resolve().name
    chosen = name or without(last, archive_ending(last) or ending(Path(last)))
    path, url = ("", place) if remote else (str(Path(place).resolve()), "")
    entry = checked_entry(
        Entry(chosen, path, url, sha256=sha256 or "", language=language or "", text_column=text_column or ""),
        "the new entry",
    )
    if chosen in entries() or (own_folder() / chosen).exists():
        raise InputError(f"There is a corpus {chosen!r} already; give another --name.")
    if not remote:
        read_corpus(Path(place), text_column=text_column)
    return write_own(entry)


def find_corpus(
    name_or_path: str, language: str | None = None, otherwise: str | None = None, text_column: str | None = None
) -> "Corpus":
    """The bundled corpus with this name, or the corpus at this path, or one that is known by this name.

    Its language is ``language``, or the one that it states, or ``otherwise``. Files of rows have their texts in
    ``text_column``, or in the column that it states, or in ``text``. Nothing is fetched.
    Raises InputError if there is none, or if it must be fetched first.
    """
    from toolkit.text.sources import read_corpus  # imports numpy, which listing corpora does not need

    if name_or_path in bundled():
        return read_corpus(bundled_folder() / name_or_path, name_or_path, language, otherwise, text_column)
    path = Path(name_or_path)
    if name_or_path and path.exists():
        return read_corpus(path, language=language, otherwise=otherwise, text_column=text_column)
    named = entries()
    if entry := named.get(name_or_path):
        language, text_column = language or entry.language or None, text_column or entry.text_column or None
        return read_corpus(text_of(entry), entry.name, language, otherwise, text_column)
    raise unknown("corpus, file or folder", name_or_path, named)


def text_of(entry: Entry) -> Path:
    """The file or folder of a named corpus. Raises InputError if it is not there, saying how to get it."""
    if entry.here:
        return entry.text
    if entry.path:
        raise InputError(f"The corpus {entry.name!r} is no longer at {entry.path}; put it back, or add it again.")
    raise InputError(
        f"The corpus {entry.name!r} is known but has not been fetched; do that with: toolkit corpora get {entry.name}"
    )
