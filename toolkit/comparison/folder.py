"""A comparison's folder: its files, what compare.toml stores, and its results."""

import csv
import io
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from toolkit.config import merged, without_none
from toolkit.errors import misfit
from toolkit.files import ANOTHER, NEW, FolderKind, left_beside, write_file
from toolkit.results.cell import Match
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Sweep
from toolkit.results.record import PAGE
from toolkit.runs.folder import RUNS
from toolkit.runs.spec import CellSpec

REPORTS = Path("reports")  # holds the folders without a name of their own
PLAN, METRICS = "compare.toml", "metrics.csv"
ROWS, FOLDS = "rows", "folds"
SHARED = f".{PLAN}.shared-"  # begins the name of a file that shows whether workers see the folder
FILES = (FOUND, PAGE, METRICS, PLAN)  # the one that marks the folder comes last
COMPARISON = FolderKind("comparison", PLAN, f"{ANOTHER}, or replace it with --fresh")


class Matching(BaseModel):
    """The settings by column that make a resource equal, the decision in words, and why columns are left out."""

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, dict[str, Any]] = {}
    note: str = ""
    left_out: dict[str, str] = {}


class Stored(BaseModel):
    """compare.toml: the request of a folder's comparison, and everything that decides its cells.

    ``columns`` are options by name. ``cells`` has the digest and the decisive values of each cell, by the name of its
    run, and ``common`` the values that all cells share. A joined comparison only has ``joined``, the folders of its
    parts.
    """

    model_config = ConfigDict(extra="forbid")

    command: str = ""
    tokenizers: list[str] = []
    columns: dict[str, dict[str, Any]] = {}
    seeds: list[int] = []
    fractions: list[float] = [1.0]
    folds: int = 1
    stages: list[float] = [1.0]
    adapt: float | None = None
    match: Match | None = None
    matched: Matching = Matching()
    sweeps: list[Sweep] = []
    common: dict[str, Any] = {}
    cells: dict[str, dict[str, Any]] = {}
    joined: list[str] = Field(default=[])

    def decisive(self, name: str) -> dict[str, Any]:
        """Return the values that decide the cell with a run of this name."""
        cell = {key: value for key, value in self.cells[name].items() if key != "digest"}
        return merged(self.common, cell)

    def digest(self, name: str) -> str:
        """Return the digest of the cell with a run of this name."""
        return str(self.cells[name]["digest"])

    def with_cells(self, specs: Sequence[CellSpec]) -> "Stored":
        """Return it with these cells."""
        common = shared_values([spec.decisive for spec in specs])
        cells = {spec.name: {"digest": spec.digest, **other_values(spec.decisive, common)} for spec in specs}
        return self.model_copy(update={"common": common, "cells": cells})

    def save(self, folder: Path) -> None:
        """Write it into a folder, which is then a comparison's."""
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / PLAN, tomli_w.dumps(without_none(self.model_dump(exclude_defaults=True))))


def shared_values(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the nested values that all records have.

    >>> shared_values([{"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2, "d": 4}}])
    {'a': 1, 'b': {'c': 2}}
    """
    first, *others = records
    shared: dict[str, Any] = {}
    for key, value in first.items():
        values = [other.get(key) for other in others]
        if isinstance(value, dict) and all(isinstance(other, dict) for other in values):
            shared[key] = shared_values([record[key] for record in records])
        elif all(other == value for other in values):
            shared[key] = value
    return shared


def other_values(record: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested values in which a record differs from shared ones.

    >>> other_values({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2}})
    {'b': {'d': 3}}
    """
    others: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and isinstance(shared.get(key), dict):
            others |= {key: rest} if (rest := other_values(value, shared[key])) else {}
        elif key not in shared or shared[key] != value:
            others[key] = value
    return others


def load_stored(folder: Path) -> Stored | None:
    """Load compare.toml, or return None without one. Raises InputError if it is damaged."""
    if not COMPARISON.is_in(folder):
        return None
    try:
        return Stored.model_validate(tomllib.loads((folder / PLAN).read_text("utf-8")))
    except ValueError as error:  # neither UTF-8, nor TOML, nor valid
        raise misfit(folder / PLAN, error, COMPARISON.remedy) from error


def fold_folders(folder: Path) -> list[Path]:
    """Return the folders of a comparison's later folds."""
    paths = [path for path in (folder / FOLDS).glob("*") if path.name.isdecimal()]
    return [path for path in paths if not path.is_symlink() and COMPARISON.is_in(path)]


def fold_folder(out: Path, fold: int) -> Path:
    """Return the folder of a fold in a comparison's folder, which has the first one itself."""
    return out if fold == 1 else out / FOLDS / str(fold)


def clear(folder: Path) -> None:
    """Remove the files and folders that a comparison wrote, and nothing else."""
    for path in (*(folder / name for name in (RUNS, ROWS)), *fold_folders(folder)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    with suppress(OSError):  # it has something else
        (folder / FOLDS).rmdir()
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def sweep_results(folder: Path) -> None:
    """Remove half-written files that killed processes left in the folder. The caller holds its lock."""
    for name in FILES:
        for path in left_beside(folder / name, NEW):
            path.unlink()
    for path in folder.glob(f"{SHARED}{8 * '[0-9a-f]'}"):
        path.unlink()


def write_results(folder: Path, comparison: Comparison) -> None:
    """Write comparison.json, metrics.csv (a line per finished cell) and the page."""
    comparison.save(folder / FOUND)
    lines = [cell.numbers() for cell in comparison.done]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(dict.fromkeys(name for line in lines for name in line)))
    writer.writeheader()
    writer.writerows(lines)
    write_file(folder / METRICS, table.getvalue())
    write_page(folder, comparison)


def write_page(folder: Path, comparison: Comparison) -> None:
    """Write the page of a comparison."""
    from toolkit.report import render

    write_file(folder / PAGE, render(comparison))
