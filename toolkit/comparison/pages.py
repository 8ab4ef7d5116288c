"""The page of a comparison again, from its comparison.json, or of several that are joined."""

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.comparison.default_folder import REPORTS
from toolkit.comparison.folder import (
    COMPARISON,
    JOINED_FROM,
    is_joined,
    joined_from,
    save,
    write_page,
)
from toolkit.comparison.joining import join
from toolkit.errors import InputError
from toolkit.files import write_file
from toolkit.out_folder import LOCK, asked_before, locked, mark
from toolkit.results.comparison import FOUND, PACKED, Comparison
from toolkit.results.record import PAGE
from toolkit.results.text import listing

OURS = b'<meta name="generator" content="toolkit '  # in every page of ours


def reported(folders: Sequence[Path], out: Path | None = None) -> Comparison:
    """Write the page of a folder's comparison again. Join several comparisons and write the result to ``out``.

    Raises:
        InputError: A folder has no comparison or is given twice. The comparisons cannot be joined. ``out`` is given for
            a single comparison, has a comparison that was computed there, or is in use by another process.
    """
    if len(folders) > 1:
        comparison = joined(folders, out)
    elif out is None:
        comparison = loaded(folders[0])
        write_page(folders[0], comparison)
        comparison.folder = folders[0]
    else:
        raise InputError("--out is the folder of a joined comparison; give several folders, or leave it out.")
    list_among_reports(comparison.folder or REPORTS)
    return comparison


def joined(folders: Sequence[Path], out: Path | None) -> Comparison:
    """Join several comparisons; write comparison.json, its tables and the page to ``out``."""
    found = [loaded(folder) for folder in folders]
    refuse_one_twice(folders)
    place = out or REPORTS / f"{found[0].corpus.name}--joined"
    refuse_unjoined(place)
    refuse_other_parts(place, folders)
    comparison = join(found, folders, place)
    with locked(place):
        refuse_unjoined(place)  # as it is by now: what is above takes a while
        refuse_other_parts(place, folders)
        mark(place, joined_from(folders, place), COMPARISON)
        save(place, comparison)
        write_page(place, comparison)
    comparison.folder = place
    return comparison


def refuse_one_twice(folders: Sequence[Path]) -> None:
    """Raises InputError if two of the folders are one, whose comparison would be joined with itself."""
    given: dict[Path, Path] = {}
    for folder in folders:
        if (before := given.get(folder.resolve())) is not None:
            again = "given twice" if before == folder else f"the folder {before}, which is given before it"
            raise InputError(f"{folder} is {again}; give each folder once.")
        given[folder.resolve()] = folder


def refuse_unjoined(place: Path) -> None:
    """Raises InputError for a folder with a comparison that was computed there, or with somebody's files."""
    if is_joined(place):
        return
    if COMPARISON.is_in(place):
        raise InputError(f"{place} has a comparison that was computed there; choose another folder with --out.")
    if place.exists() and not (place.is_dir() and {path.name for path in place.iterdir()} <= {LOCK}):
        raise InputError(f"{place} is not a joined comparison's folder; choose another one with --out.")


def refuse_other_parts(place: Path, folders: Sequence[Path]) -> None:
    """Raises InputError if a folder has a comparison with a part that is not among the folders: it would be lost."""
    if not is_joined(place):
        return
    given = joined_from(folders, place)[JOINED_FROM]
    others = [part for part in asked_before(place, COMPARISON)[JOINED_FROM] if part not in given]
    if others:
        names = listing([os.path.relpath(place / part) for part in others])
        raise InputError(
            f"{place} has a joined comparison that {names} {'is' if len(others) == 1 else 'are'} part of, too; choose "
            f"another folder with --out, or add {'it' if len(others) == 1 else 'them'}."
        )


def list_among_reports(folder: Path) -> None:
    """Write the list of reports anew if this is a folder of one of them."""
    if folder.resolve().parent == REPORTS.resolve():
        write_index(REPORTS)


def write_index(folder: Path) -> Path:
    """Write the list of the folder's comparisons into it, unless a page there is not ours; returns its path."""
    from toolkit.report.page import index_page

    page = folder / PAGE
    if not page.is_file() or OURS in page.read_bytes():
        write_file(page, index_page(folder))
    return page


def loaded(folder: Path) -> Comparison:
    """The comparison of a folder. Raises InputError if there is none, or none that can be read."""
    packed = (folder / PACKED).is_file() and not (folder / FOUND).is_file()
    file = folder / (PACKED if packed else FOUND)
    if not folder.exists():
        raise InputError(f"There is no folder {folder}; give one that exists.")
    if not file.exists():
        if COMPARISON.is_in(folder):
            raise InputError(f"The comparison in {folder} is not finished: it has no {FOUND}; repeat its command.")
        raise InputError(f"{folder} has no {FOUND}; give a comparison's folder.")
    return Comparison.load(file)
