"""A corpus fetched into the user's cache: resumed where it was cut off, verified, and only then unpacked."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import InputError, first_line
from toolkit.files import NEW, beside, cache_root, locked, rename_synced
from toolkit.text.archives import archive_ending, unpack
from toolkit.text.entries import Entry, write_own

if TYPE_CHECKING:
    from requests import Response

CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0  # until a server must answer, and must send something
CHUNK = 2**16
PARTIAL, OUT_OF_RANGE = 206, 416  # of HTTP
PLAIN = (".txt", ".csv", ".jsonl")  # files whose encoding may be another one

Progress = Callable[[int, int], None]  # is told how many bytes are there, of how many; 0 if that is not known


def fetch(entry: Entry, progress: Progress) -> Entry:
    """Fetch the corpus unless it is there already. Return the entry with its checksum.

    Raises InputError if the download fails, naming the place where its file can be put by hand, or if the file has
    another checksum.
    """
    if entry.here:
        return entry
    try:
        with locked(entry.folder, replaceable=True, wait=True):  # or two would write the same files
            if entry.here:  # another process has fetched it meanwhile
                return entry
            digests, before = [], 0
            for part in entry.parts:
                digests.append(downloaded(part, before, entry.bytes, progress))
                before += part.download.stat().st_size
            make_text(entry)
    except OSError as error:
        raise InputError(
            f"The cache {cache_root()} cannot be written: {error.strerror or first_line(error)}; set TOOLKIT_CACHE to "
            f"another folder."
        ) from error
    if entry.checksum or entry.files:
        return entry
    found = replace(entry, sha256=digests[0])
    write_own(found)  # whoever fetches it again gets the same, or a refusal
    return found


def downloaded(entry: Entry, before: int, of_all: int, progress: Progress) -> str:
    """Download the entry's file, unless it was put there by hand, and return its SHA-256.

    ``before``: bytes of the files already fetched. ``of_all``: size of all files, or 0 if it is unknown.
    """
    import pooch

    def download(_url: str, output_file: str, _pooch: object) -> None:
        part = entry.download.with_name(f"{entry.download.name}.part")
        resume(entry, part, lambda have, whole: progress(before + have, of_all or whole))
        part.replace(output_file)

    pooch.get_logger().setLevel("ERROR")  # the progress is told by us
    file, known = entry.download, entry.checksum or None
    try:
        pooch.retrieve(entry.url, known, file.name, entry.downloads, downloader=download)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"What {entry.url} has is not the corpus {entry.name!r}: its checksum is not {known}, so it was removed. "
            f"Fetch it again later, or put the right file at {file} by hand."
        ) from error
    return str(pooch.file_hash(file))


def resume(entry: Entry, part: Path, progress: Progress) -> None:
    """Download the entry's file into ``part``, after the bytes that it already has.

    The server resumes only if its file has not changed, by the ETag or the date that is kept beside ``part``.
    Raises InputError if the download is incomplete.
    """
    import requests

    headers, version = {"Accept-Events": "identity"}, part.with_suffix(".version")
    if part.exists() and version.exists():
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": version.read_text("utf-8")}
    seconds = (CONNECT_SECONDS, SILENT_SECONDS)
    try:
        with requests.get(entry.url, headers=headers, stream=True, timeout=seconds) as response:
            if response.status_code != OUT_OF_RANGE:
                response.raise_for_status()
                write(response, part, version, progress)
                return
    except requests.RequestException as error:
        checksum = f" with the checksum {entry.checksum}" if entry.checksum else ""
        raise InputError(
            f"The corpus {entry.name!r} could not be fetched from {entry.url}: {first_line(error)}. Repeat the command "
            f"to go on, or put the file{checksum} at {entry.download} by hand and then repeat it."
        ) from error
    part.unlink()  # it is longer than the file
    resume(entry, part, progress)


def write(response: "Response", part: Path, version: Path, progress: Progress) -> None:
    """Write the response: after the existing bytes if the server resumes, otherwise in their place."""
    goes_on = response.status_code == PARTIAL
    have = part.stat().st_size if goes_on else 0
    length = int(response.headers.get("Content-Length", 0))
    whole = have + length if length else 0
    with part.open("ab" if goes_on else "wb") as out:
        if not goes_on:
            version.unlink(missing_ok=True)
            if said := response.headers.get("ETag") or response.headers.get("Last-Modified"):
                version.write_text(said, "utf-8")
        for chunk in response.iter_content(CHUNK):
            out.write(chunk)
            have += len(chunk)
            progress(have, whole)
    version.unlink(missing_ok=True)


def make_text(entry: Entry) -> None:
    """Make the folder that is read from the verified file, as a whole or not at all.

    Raises InputError for an archive that cannot be unpacked or lacks the entry's ``only`` file, and for a text that is
    not in the entry's encoding.
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
