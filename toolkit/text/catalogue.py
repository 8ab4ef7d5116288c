"""Corpora that have a name: bundled ones, ones to be fetched, and the user's own. Each has a .toml file."""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from toolkit.errors import InputError, first_line, unknown
from toolkit.files import NEW, beside, cache_root, locked, rename_synced, write_entry
from toolkit.text.corpus import Corpus, language_code

DEFAULT = "weird-tales"
PLAIN_NAME = r"^[^\W_][\w.-]{0,60}$"  # of a corpus, and of a file that is fetched

Name = Annotated[str, Field(pattern=PLAIN_NAME)]


class Entry(BaseModel):
    """A corpus by name: at a path of the user's, or to be fetched from a URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    path: str = ""
    url: str = Field("", pattern="^(https?://.*/)?$")  # of the folder of all files
    files: dict[Name, str] = {}  # with the SHA-256 of each, or "sha512:" and its SHA-512
    only: str = ""  # the one file of a .zip file that is the corpus
    encoding: str = ""  # of the texts, if it is not UTF-8
    bytes: int = 0  # of all files
    language: str = Field("", pattern="^([a-z]{2,3})?$")  # ISO 639
    licence: str = ""
    source: str = ""  # a sentence

    @property
    def folder(self) -> Path:
        """Its folder in the user's cache."""
        return own_folder() / self.name

    @property
    def text(self) -> Path:
        """The file or folder that is read."""
        return Path(self.path) if self.path else self.folder / "text"

    @property
    def here(self) -> bool:
        """Whether it can be read."""
        return self.text.exists()

    @property
    def state(self) -> str:
        """Whether it can be read, in a word or two."""
        if self.url:
            return "fetched" if self.here else "not fetched"
        bundled = self.text.parent == bundled_folder()
        return "bundled" if bundled else "added" if self.here else "missing"


def own_folder() -> Path:
    """Return the folder of fetched corpora and of the user's own entries."""
    return cache_root() / "corpora"


def bundled_folder() -> Path:
    """Return the folder of the bundled corpora: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "corpora"
    return inside if inside.is_dir() else package.parent / "corpora"


def bundled() -> dict[str, Entry]:
    """Return the bundled corpora by name."""
    files = sorted(bundled_folder().glob("*/about.toml"))
    corpora = [Entry(path=str(file.parent), **tomllib.loads(file.read_text("utf-8"))) for file in files]
    return {Path(corpus.path).name: corpus for corpus in corpora}


def entries() -> dict[str, Entry]:
    """Return all corpora that have a name. Raises InputError if the file of one is not valid."""
    files = [path for folder in (own_folder(), bundled_folder()) for path in sorted(folder.glob("[!.]*.toml"))]
    return bundled() | {path.stem: read_entry(path) for path in files}


def read_entry(path: Path) -> Entry:
    """Return the corpus that a file describes. Raises InputError if the file is not valid."""
    try:
        return Entry(name=path.stem, **tomllib.loads(path.read_text("utf-8")))
    except ValueError as error:
        raise InputError(f"{path} does not describe a corpus: {first_line(error)}.") from error


def add(place: str, name: str | None = None, language: str | None = None) -> Path:
    """Name a corpus of the user's own: a file or a folder. Return the file of its entry.

    Raises InputError if the place cannot be read as a corpus, or the name is invalid or taken.
    """
    from toolkit.text.sources import ending, read_corpus

    path = Path(place).resolve()
    fields = {"path": str(path), "language": language_code(language) if language else ""}
    try:
        entry = Entry.model_validate({"name": name or path.name.removesuffix(ending(path) or ""), **fields})
    except ValueError as error:
        raise InputError(f"{place} cannot be added: {first_line(error)}.") from error
    if entry.name in entries() or entry.folder.exists():
        raise InputError(f"There is a corpus {entry.name!r} already. Give another --name.")
    read_corpus(path)
    file = own_folder() / f"{entry.name}.toml"
    write_entry(file, tomli_w.dumps(entry.model_dump(exclude_defaults=True, exclude={"name"})))
    return file


def find_corpus(name_or_path: str, language: str | None = None) -> Corpus:
    """Return the bundled corpus with this name, or the corpus at this path, or another one that has this name.

    Raises InputError if the corpus is unknown, or must be fetched first.
    """
    from toolkit.text.sources import read_corpus

    path, entry = Path(name_or_path), bundled().get(name_or_path)
    if entry is None and name_or_path and path.exists():
        return read_corpus(path, None, language)
    if entry is None and (entry := entries().get(name_or_path)) is None:
        raise unknown("corpus, file or folder", name_or_path, entries())
    return read_corpus(text_of(entry), entry.name, language or entry.language or None)


def text_of(entry: Entry) -> Path:
    """Return the file or folder of a named corpus. Raises InputError if it is missing."""
    if entry.here:
        return entry.text
    if entry.path:
        raise InputError(f"The corpus {entry.name!r} is no longer at {entry.path}. Put it back, or add it again.")
    raise InputError(f"The corpus {entry.name!r} has not been fetched. Run: toolkit corpora get {entry.name}")


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def fetch(entry: Entry, progress: Callable[[int, int], None]) -> None:
    """Fetch a corpus unless it is in the cache.

    After each file, ``progress`` gets the bytes so far and those of all files. Raises InputError if a download fails.
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    downloads, new, url = entry.folder / "download", beside(entry.text, NEW), ""
    with locked(entry.folder, replaceable=True, wait=True):
        if entry.here:
            return
        try:
            for name, checksum in entry.files.items():
                url = urljoin(entry.url, name)
                pooch.retrieve(url, checksum, name, downloads)
                progress(size(downloads), entry.bytes)
        except (OSError, ValueError, LookupError) as error:
            raise InputError(
                f"{url} cannot be fetched: {first_line(error)}. Repeat the command, or put the file into {downloads}."
            ) from error
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(downloads, new, ignore=shutil.ignore_patterns("*.zip"))
        for archive in downloads.glob("*.zip"):
            shutil.unpack_archive(archive, new)
        for path in [path for path in new.rglob("*") if path.is_file()]:
            if entry.only and path.relative_to(new).as_posix() != entry.only:
                path.unlink()
            elif entry.encoding:
                path.write_bytes(path.read_bytes().decode(entry.encoding).encode())
        rename_synced(new, entry.text)
        shutil.rmtree(downloads)
