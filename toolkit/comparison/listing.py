"""The list of a folder of reports, and links between its pages about one text."""

import tomllib
from contextlib import suppress
from pathlib import Path

from toolkit.errors import InputError
from toolkit.files import is_locked, write_file
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.inspection import INSPECTION, Inspection
from toolkit.results.record import PAGE

PLAN = "compare.toml"  # marks the folder of a comparison
PAGE_WITHOUT_TEXT = "without-text.html"  # to be sent on
REPORTS = Path("reports")  # holds the folders without a name of their own
Result = Comparison | Inspection
Records = dict[str, Result | None]  # by the name of their folder; None without results


def state(folder: Path) -> str:
    """Return the state of a comparison: "running" in a process, "finished" with results, or "interrupted"."""
    results = (folder / FOUND).is_file()
    return "running" if is_locked(folder) else "finished" if results else "interrupted"


def records(reports: Path) -> Records:
    """Return the comparisons and inspections in a folder, the latest first."""
    files = [*reports.glob(f"*/{PLAN}"), *reports.glob(f"*/{INSPECTION}")]
    by_name: Records = {}
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
        folder = file.parent
        by_name[folder.name] = None
        with suppress(OSError, InputError):  # without results, or written by another version
            is_plan = file.name == PLAN
            by_name[folder.name] = Comparison.load(folder / FOUND) if is_plan else Inspection.load(file)
    return by_name


def planned_command(folder: Path) -> str:
    """Return the command that continues a comparison; empty if its plan cannot be read, or it has no plan."""
    with suppress(OSError, ValueError):
        return str(tomllib.loads((folder / PLAN).read_text("utf-8")).get("command", ""))
    return ""


def links(folder: Path, record: Result) -> dict[str, Result]:
    """Return the records of the other kind in ``reports/`` about the text of a folder there."""
    if folder.parent.resolve() != REPORTS.resolve():
        return {}
    return {
        name: other
        for name, other in records(REPORTS).items()
        if other and type(other) is not type(record) and other.corpus.sha256 == record.corpus.sha256
    }


def write_page(folder: Path, record: Result, *, has_text: bool = True) -> Path:
    """Write the page of a record, or of a comparison without passages of the corpus, and return its path."""
    from toolkit.report.page import render, render_inspection

    page, others = folder / (PAGE if has_text else PAGE_WITHOUT_TEXT), links(folder, record)
    if isinstance(record, Comparison):
        write_file(page, render(record, others, has_text=has_text))
    else:
        write_file(page, render_inspection(record, others))
    return page


def write_list(folder: Path) -> None:
    """Write the list of all reports, if a folder is one of ``reports/``, and the pages that link to its page again."""
    from toolkit.report.page import render_list

    is_ours = any((folder / name).is_file() for name in (PLAN, INSPECTION))
    if not is_ours or folder.parent.resolve() != REPORTS.resolve():
        return
    listed = records(REPORTS)
    states = {
        name: state(REPORTS / name) for name, record in listed.items() if not isinstance(record, Inspection)
    }
    commands = {name: planned_command(REPORTS / name) for name, record in listed.items() if record is None}
    write_file(REPORTS / PAGE, render_list(listed, states, commands))
    if record := listed[folder.name]:
        for name, other in links(folder, record).items():
            write_page(REPORTS / name, other)
