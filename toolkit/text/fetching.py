"""A corpus fetched into the user's cache: resumed where it was cut off, verified, and only then unpacked."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cache import cache_root, locked
from toolkit.errors import InputError, first_line
from toolkit.files import NEW, beside, rename_synced
from toolkit.text.archives import archive_ending, unpack
from toolkit.text.entries import Entry, write_own

if TYPE_CHECKING:
    from requests import Response

CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0  # until a server must answer, and must send something
MOST_BYTES = 2**30  # of a download whose size is not known
CHUNK = 2**16
PARTIAL, FOUND = 206, 200  # of HTTP
PLAIN = (".txt", ".csv", ".jsonl")  # files whose encoding may be another one
OUT_OF_RANGE = 416

Progress = Callable[[int, int], None]  # is told how many bytes are there, of how many; 0 if that is not known


def fetch(entry: Entry, progress: Progress) -> Entry:
    """Fetch the corpus unless it is there already; the entry, with its checksum.

    Raises InputError if that fails, saying where its file can be put by hand, and if its checksum is another one.
    """
    if entry.here:
        return entry
    try:
        with locked(entry.folder.with_name(f".{entry.name}.lock")):  # or two would write the same files
            if entry.here:  # another process has fetched it meanwhile
                return entry
            digests = downloaded_parts(entry, progress)
            make_text(entry)
    except OSError as error:
        raise InputError(
            f"The cache {cache_root()} cannot be written: {error.strerror or first_line(error)}; set TOOLKIT_CACHE to "
            f"another folder."
        ) from error
    if entry.checksum or entry.files:
        return entry
    found = replace(entry, sha256=digests[0].removeprefix("sha256:"))
    write_own(found)  # whoever fetches it again gets the same, or a refusal
    return found


def downloaded_parts(entry: Entry, progress: Progress) -> list[str]:
    """The checksums of the entry's files, which are there afterwards."""
    digests, before = [], 0
    entry.downloads.mkdir(parents=True, exist_ok=True)
    for part in entry.parts:
        digests.append(downloaded(part, after(before, entry.bytes, progress)))
        before += part.download.stat().st_size
    return digests


def after(before: int, whole: int, progress: Progress) -> Progress:
    """The progress of one of several files, told as that of all of them."""

    def tell(have: int, of: int) -> None:
        progress(before + have, whole or of)

    return tell


def downloaded(entry: Entry, progress: Progress) -> str:
    """The checksum of the entry's file, which is there afterwards: put there by hand, or downloaded and verified."""
    import pooch

    if not entry.download.exists():
        pooch.get_logger().setLevel("ERROR")  # the progress is told by us
        known = entry.checksum or None
        file, download = entry.download, Resuming(entry, progress)
        try:
            pooch.retrieve(entry.url, known, file.name, entry.downloads, downloader=download)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            found = checksum_of(entry, partial(entry))
            partial(entry).unlink()
            raise InputError(
                f"What {entry.url} has is not the corpus {entry.name!r}: its checksum is {found}, not "
                f"{entry.checksum}, so it was removed. Fetch it again later, or put the right file at {entry.download} "
                f"by hand."
            ) from error
        partial(entry).unlink(missing_ok=True)
    found = checksum_of(entry, entry.download)
    if entry.checksum and found != entry.checksum:
        raise InputError(
            f"The file at {entry.download} is not the corpus {entry.name!r}: its checksum is {found}, not "
            f"{entry.checksum}; put the right one there, or remove it to fetch it from {entry.url}."
        )
    return found


def checksum_of(entry: Entry, file: Path) -> str:
    """The checksum of a file, of the kind that the entry has: SHA-256 if it has none."""
    kind = entry.checksum.partition(":")[0] or "sha256"
    with file.open("rb") as stream:
        return f"{kind}:{hashlib.file_digest(stream, kind).hexdigest()}"


def partial(entry: Entry) -> Path:
    """What there is of the entry's file while it is being downloaded, and after it was cut off."""
    return entry.download.with_name(f"{entry.download.name}.part")


def make_text(entry: Entry) -> None:
    """Make the folder that is read from the verified file, as a whole or not at all.

    Raises InputError for an archive that is damaged or means harm, or that lacks the ``only`` file of the entry, and
    for a text that is not in its encoding.
    """
    temporary = beside(entry.text, NEW)
    try:
        if not entry.files and archive_ending(entry.download.name):
            unpack(entry.download, temporary)
        else:
            temporary.mkdir()
            for part in entry.parts:
                shutil.copyfile(part.download, temporary / part.download.name)
        if entry.only:
            keep_only(entry, temporary)
        if entry.encoding:
            turn_into_utf8(entry, temporary)
        rename_synced(temporary, entry.text)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    shutil.rmtree(entry.downloads)


def keep_only(entry: Entry, folder: Path) -> None:
    """Leave nothing in the folder but the ``only`` file of the entry. Raises InputError if it is not there."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if entry.only not in files:
        raise InputError(f"What was fetched for the corpus {entry.name!r} has no file {entry.only!r}; mend its entry.")
    for name, path in files.items():
        if name != entry.only:
            path.unlink()


def turn_into_utf8(entry: Entry, folder: Path) -> None:
    """Turn the texts in a folder from the entry's encoding into UTF-8. Raises InputError for one that is not in it."""
    for file in [path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in PLAIN]:
        try:
            file.write_bytes(file.read_bytes().decode(entry.encoding).encode())
        except ValueError as error:
            raise InputError(
                f"{file.name} of the corpus {entry.name!r} is not in the encoding {entry.encoding}: "
                f"{first_line(error)}; mend its entry."
            ) from error


class Resuming:
    """A downloader for pooch that goes on where the last one was cut off."""

    def __init__(self, entry: Entry, progress: Progress) -> None:
        self.entry, self.progress = entry, progress

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Download the file. Raises InputError if it does not come whole."""
        import requests

        part = partial(self.entry)
        have = part.stat().st_size if part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        seconds = (CONNECT_SECONDS, SILENT_SECONDS)
        try:
            with requests.get(url, headers=headers, stream=True, timeout=seconds) as response:
                if response.status_code == OUT_OF_RANGE and have:
                    part.unlink()  # it is no beginning of the file
                    self(url, output_file, pooch)
                    return
                if response.status_code not in (FOUND, PARTIAL):
                    raise self.failure(f"the server answers {response.status_code} {response.reason}")
                self.write(response, part)
        except (requests.RequestException, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise self.failure(why(error)) from error
        shutil.copyfile(part, output_file)

    def write(self, response: "Response", part: Path) -> None:
        """Write what the server sends behind what is there, or in its place if the server begins anew."""
        begin = part.stat().st_size if part.exists() else 0
        if not response.headers.get("Content-Range", "").startswith(f"bytes {begin}-"):
            begin = 0
        length = int(response.headers.get("Content-Length", 0))
        whole = self.entry.bytes or (begin + length if length else 0)
        most = self.entry.bytes or MOST_BYTES
        have = begin
        with part.open("r+b" if begin else "wb") as out:
            out.seek(begin)
            for chunk in response.iter_content(CHUNK):
                have += len(chunk)
                if have > most:
                    out.close()
                    part.unlink()
                    raise self.failure(f"the server sends more than {most:,} bytes")
                out.write(chunk)
                self.progress(have, whole)
        if have < whole:
            raise self.failure(f"the connection ended after {have:,} of {whole:,} bytes")

    def failure(self, reason: str) -> InputError:
        """The error for a download that failed, with what can be done by hand."""
        entry = self.entry
        return InputError(
            f"The corpus {entry.name!r} could not be fetched from {entry.url}: {reason}. Repeat the command to go on, "
            f"or put the file at {entry.download} by hand and then repeat it."
        )


def why(error: Exception) -> str:
    """What went wrong on the way, in words."""
    import requests

    match error:
        case requests.exceptions.InvalidSchema() | requests.exceptions.InvalidURL():
            return "the server leads to something that is neither https nor http"
        case requests.exceptions.TooManyRedirects():
            return "the server leads from one address to another without end"
        case requests.exceptions.Timeout():
            return "the server does not answer"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection was cut off"
        case requests.exceptions.ConnectionError():
            return "there is no connection to the server, or it was cut off"
    return first_line(error)
