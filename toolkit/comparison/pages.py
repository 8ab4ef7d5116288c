"""The page of a comparison again, from its comparison.json, or of several that are joined."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from toolkit.comparison.default_folder import REPORTS
from toolkit.comparison.folder import COMPARISON, JOINED_FROM, is_joined, joined_from, save, saved_comparison
from toolkit.comparison.joining import join
from toolkit.comparison.living import page
from toolkit.errors import InputError, first_line
from toolkit.files import no_folder, write_file
from toolkit.out_folder import LOCK, asked_before, locked, mark
from toolkit.results.blind import on_its_passages
from toolkit.results.comparison import FOUND, PACKED, Comparison
from toolkit.results.in_folder import PAGE
from toolkit.results.numbers import listing
from toolkit.results.votes import Votes, all_votes, contains

OURS = b'<meta name="generator" content="toolkit '  # in every page of ours


def reported(
    folders: Sequence[Path], out: Path | None = None, votes: Sequence[Path] = (), *, live: bool = False
) -> Comparison:
    """The comparison of the folder, whose page is made again; several are joined, and written to ``out``.

    ``votes`` are files that readers saved from its blind test: they are added to comparison.json, those that it has
    already only once. ``live`` makes a living page, from the runs. Raises InputError if a folder has no comparison or
    is given twice, if they cannot be joined, if ``out`` is given for a single one or has a comparison that was computed
    there, if votes are none, or on other passages, if a living page lacks a run, or if another process is using the
    folder.
    """
    if len(folders) > 1:
        comparison = joined(folders, out, votes, live=live)
    elif out is None:
        comparison = made_again(folders[0], votes, live=live)
    else:
        raise InputError("--out is the folder of a joined comparison; give several folders, or leave it out.")
    list_among_reports(comparison.folder or REPORTS)
    return comparison


def made_again(place: Path, votes: Sequence[Path], *, live: bool) -> Comparison:
    """The comparison of one folder, with its page anew; votes are added while no other process changes it."""
    with locked(place) if votes and COMPARISON.is_in(place) else nullcontext():
        comparison = loaded(place)
        if votes:
            comparison = with_votes(comparison, votes)
            comparison.save(place / FOUND)
        write_file(place / PAGE, page(comparison, place, live=live))
    comparison.folder = place
    return comparison


def joined(folders: Sequence[Path], out: Path | None, votes: Sequence[Path], *, live: bool) -> Comparison:
    """Several comparisons joined, with these votes, and all that a comparison's folder has beside runs and rows."""
    found = [loaded(folder) for folder in folders]
    refuse_one_twice(folders)
    place = out or REPORTS / f"{found[0].corpus.name}--joined"
    refuse_unjoined(place)
    refuse_other_parts(place, folders)
    whole = join(found, folders, place)
    with locked(place):
        refuse_unjoined(place)  # as it is by now: what is above takes a while
        refuse_other_parts(place, folders)
        comparison = with_votes(with_those_there(whole, place), votes)
        mark(place, joined_from(folders, place), COMPARISON)
        save(place, comparison)
        write_file(place / PAGE, page(comparison, place, live=live))
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


def with_those_there(comparison: Comparison, place: Path) -> Comparison:
    """A joined comparison, with the votes that there are on the one in the folder, if it has one."""
    before = saved_comparison(place)
    kept = [] if before is None else before.votes
    return comparison.model_copy(update={"votes": all_votes([kept, comparison.votes])})


def list_among_reports(folder: Path) -> None:
    """Write the list of reports anew if this is a folder of one of them."""
    if folder.resolve().parent == REPORTS.resolve():
        write_index(REPORTS)


def write_index(folder: Path) -> Path:
    """Write the list of the folder's comparisons into it, unless a page there is not ours; returns its path."""
    from toolkit.report.index import index_page

    page = folder / PAGE
    if not page.is_file() or OURS in page.read_bytes():
        write_file(page, index_page(folder))
    return page


def with_votes(comparison: Comparison, files: Sequence[Path]) -> Comparison:
    """The comparison with the votes of the files; a file that was added before adds nothing.

    Raises InputError if a file has no votes, or any on a passage that is not in the comparison's blind test.
    """
    added = list(comparison.votes)
    for file in files:
        try:
            found = Votes.model_validate_json(file.read_bytes())
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}; give a file that the page saved.") from error
        except ValueError as error:
            raise InputError(f"{file} has no votes: {first_line(error)}; give a file that the page saved.") from error
        if found.corpus != comparison.corpus.sha256:
            raise InputError(f"The votes in {file} are on another text; give those on {comparison.corpus.name}.")
        if on_its_passages(found.votes, comparison) != found.votes:
            raise InputError(
                f"The votes in {file} are not on the passages of this comparison: it is another one, or was trained "
                f"further since; take the test on its page and give that file."
            )
        if not contains(added, found.votes):
            added += found.votes
    return comparison.model_copy(update={"votes": added})


def loaded(folder: Path) -> Comparison:
    """The comparison of a folder. Raises InputError if there is none, or none that can be read."""
    packed = (folder / PACKED).is_file() and not (folder / FOUND).is_file()
    file = folder / (PACKED if packed else FOUND)
    if not folder.exists():
        raise no_folder(folder)
    if not file.exists():
        if COMPARISON.is_in(folder):
            raise InputError(f"The comparison in {folder} is not finished: it has no {FOUND}; repeat its command.")
        raise InputError(f"{folder} has no {FOUND}; give a comparison's folder.")
    return Comparison.load(file)
