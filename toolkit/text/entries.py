"""What is known of a corpus that is not bundled: where it is from, its checksum, licence and language, as TOML."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import tomli_w

from toolkit.errors import InputError
from toolkit.files import cache_root, write_entry

SCHEMES = ("https", "http")
NAME = r"[^\W_][\w.-]{0,60}"  # of a corpus, and of the file that is fetched: a plain name for a file
CHECKSUMS = {"sha256": 64, "sha512": 128}  # with their digits
LANGUAGE_CODE = "[a-z]{2,3}"  # ISO 639


@dataclass(frozen=True)
class Entry:
    """A corpus by name: at a path of the user's, or to be fetched from a URL, with what is known of it."""

    name: str
    path: str = ""
    url: str = ""  # of a file, or of what all files begin with
    files: Mapping[str, str] = field(default_factory=dict)  # with their SHA-256, if there are several at the URL
    sha256: str = ""  # of the file at the URL; if no checksum is known, the first file that is fetched decides
    sha512: str = ""  # instead, where that is what others publish
    only: str = ""  # the one file of an archive that is the corpus
    encoding: str = ""  # of the texts at the URL if that is not UTF-8, which they are turned into
    bytes: int = 0  # of the file or of all files; 0 if not known
    language: str = ""
    text_column: str = ""  # of files of rows
    licence: str = ""
    source: str = ""  # a sentence

    @property
    def folder(self) -> Path:
        """Where in the user's cache it belongs."""
        return own_folder() / self.name

    @property
    def text(self) -> Path:
        """The file or folder that is read: the user's, or the one that is made when it is fetched."""
        return Path(self.path) if self.path else self.folder / "text"

    @property
    def downloads(self) -> Path:
        """The folder of its files until they are all here and verified."""
        return self.folder / "download"

    @property
    def download(self) -> Path:
        """Where the file at the URL is put before it is checked; it may be put there by hand, too."""
        return self.downloads / file_name(self.url)

    @property
    def checksum(self) -> str:
        """The one that is known, with its kind before it, as in ``sha256:9f86…``; nothing if none is."""
        return next((f"{kind}:{digest}" for kind in CHECKSUMS if (digest := getattr(self, kind))), "")

    @property
    def parts(self) -> "list[Entry]":
        """The entry, or one for each of its files."""
        urls = {self.url + name: digest for name, digest in self.files.items()}
        return [replace(self, url=url, files={}, sha256=urls[url], sha512="", bytes=0) for url in urls] or [self]

    @property
    def here(self) -> bool:
        """Whether it can be read: it is where its path says, or it was fetched."""
        return self.text.exists()


def own_folder() -> Path:
    """Where fetched corpora and the user's own entries are."""
    return cache_root() / "corpora"


def file_name(url: str) -> str:
    """The name of the file at a URL.

    >>> file_name("https://example.org/a/input.txt?raw=1")
    'input.txt'
    """
    return unquote(urlsplit(url).path).rpartition("/")[2]


def read_entries(folder: Path) -> dict[str, Entry]:
    """The entries in a folder by name, a .toml file each. Raises InputError for one that is none."""
    return {path.stem: read_entry(path) for path in sorted(folder.glob("*.toml")) if not path.name.startswith(".")}


def read_entry(path: Path) -> Entry:
    """The entry in a file. Raises InputError if it is none."""
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no entry of a corpus: {error}; remove it, or mend it.") from error
    if unknown := fields.keys() - (Entry.__dataclass_fields__.keys() - {"name"}):
        raise InputError(f"{path} has {min(unknown)!r}, which no entry of a corpus has; remove it.")
    for key, value in fields.items():
        if not isinstance(value, {"bytes": int, "files": dict}.get(key, str)):
            raise InputError(f"{path} has {value!r} as {key!r}; mend it.")
    return checked_entry(Entry(path.stem, **fields), str(path))


def checked_entry(entry: Entry, which: str) -> Entry:
    """The entry. Raises InputError if its name or language is none, or if it has not one place it can be read from."""
    if not re.fullmatch(NAME, entry.name):
        raise InputError(f"{entry.name!r} cannot name a corpus; give letters, digits, hyphens and dots, with --name.")
    if entry.language and not re.fullmatch(LANGUAGE_CODE, entry.language):
        raise InputError(f"The language {entry.language!r} in {which} is no code; give an ISO code, such as en or fr.")
    if bool(entry.path) == bool(entry.url):
        raise InputError(f"{which} must have either a path or a URL; mend it.")
    if (entry.path and (entry.checksum or entry.only or entry.encoding)) or (
        bool(entry.sha256) + bool(entry.sha512) + bool(entry.files) > 1
    ):
        raise InputError(
            f"{which} contradicts itself: a URL has one checksum, or files with one each; a path has neither "
            f"checksum nor only nor encoding. Mend it."
        )
    for name, digest in entry.files.items():
        if not re.fullmatch(NAME, name) or not isinstance(digest, str) or not digest:
            raise InputError(f"{which} has the file {name!r} = {digest!r}; give each a plain name and its SHA-256.")
    for part in entry.parts if entry.url else []:
        check_part(part, which)
    return entry


def check_part(part: Entry, which: str) -> None:
    """Raises InputError if a file's URL, checksum or encoding is none."""
    for kind, digits in CHECKSUMS.items():
        digest = getattr(part, kind)
        if digest and not re.fullmatch(f"[0-9a-f]{{{digits}}}", digest):
            raise InputError(f"The {kind} in {which} is {digest!r}; give {digits} of the digits 0-9 and a-f.")
    if part.encoding and not is_encoding(part.encoding):
        raise InputError(
            f"The encoding {part.encoding!r} in {which} is unknown; give one of Python's, such as latin-1."
        )
    if urlsplit(part.url).scheme not in SCHEMES or not re.fullmatch(NAME, file_name(part.url)):
        raise InputError(
            f"{part.url!r} in {which} is no URL of a file; give one that begins with https:// and ends with a name."
        )


def is_encoding(name: str) -> bool:
    """Whether Python has an encoding of text with this name.

    >>> is_encoding("latin-1"), is_encoding("utf-16"), is_encoding("zip")
    (True, True, False)
    """
    try:
        return "a".encode(name).decode(name) == "a"
    except (LookupError, ValueError):
        return False


def write_own(entry: Entry) -> Path:
    """Write an entry of the user's own; its file. Raises InputError if the cache cannot be written."""
    path = own_folder() / f"{entry.name}.toml"
    fields = {key: value for key, value in asdict(entry).items() if value and key != "name"}
    write_entry(path, tomli_w.dumps(fields))
    return path


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files: Iterable[Path] = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
