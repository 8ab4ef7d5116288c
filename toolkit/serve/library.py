"""The comparisons below a folder, finished or not, and the models that they have finished."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from starlette.exceptions import HTTPException

from toolkit.comparison import folder as comparisons
from toolkit.comparison import listing
from toolkit.errors import InputError
from toolkit.report.explorer import PASSAGES_PER_COLUMN, cut_passage
from toolkit.results.bits import AUTHOR
from toolkit.results.cell import Cell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.record import grouped
from toolkit.runs import folder as runs
from toolkit.serve.worker import Fields, latest

MAX_DEPTH = 3  # of a comparison below the served folder


@dataclass(frozen=True)
class Entry:
    """A comparison in a folder. ``changed`` is the time of the latest change in the folder."""

    name: str
    folder: Path
    state: str  # "running", "finished" or "interrupted"
    changed: float

    @cached_property
    def results(self) -> Comparison | str | None:
        """Its results, why they cannot be read, or None if it has none."""
        file = self.folder / FOUND
        try:
            return latest(Comparison.load, file) if file.is_file() else None
        except InputError as error:
            return str(error)

    @cached_property
    def models(self) -> dict[str, Cell]:
        """Its finished models by the names of their runs, the fewest bits first."""
        cells: dict[str, Cell] = {}
        for file in self.folder.glob(f"{runs.RUNS}/*/{runs.CELL}"):
            with suppress(InputError, OSError):  # it is damaged, or replaced at the moment
                if file.resolve() == file and (cell := latest(runs.load_cell, file.parent)):  # no link
                    cells[file.parent.name] = cell
        return dict(sorted(cells.items(), key=lambda item: item[1].bits_per_character.total))

    @property
    def best_runs(self) -> dict[str, Path]:
        """The folder of the best run of each column."""
        columns = grouped(self.models, lambda run: self.models[run].column)
        return {column: self.folder / runs.RUNS / names[0] for column, names in columns.items()}


def entries(root: Path) -> dict[str, Entry]:
    """Return the comparisons in a folder and below it by name. Links are not followed."""
    listed = dict[str, Entry]()
    for path, folders, files in os.walk(root):
        folder = Path(path)
        if is_comparison := FOUND in files or listing.PLAN in files:
            name = folder.relative_to(root.parent).as_posix()
            listed[name] = Entry(name, folder, listing.state(folder), folder.stat().st_mtime)
        if is_comparison or len(folder.relative_to(root).parts) == MAX_DEPTH:
            folders.clear()
    return listed


def unfinished(root: Path) -> list[Fields]:
    """Return name, state and cells of the comparisons that are running or were interrupted."""
    return [
        {"name": entry.name, "state": entry.state, "cells": comparisons.progress(entry.folder)}
        for entry in entries(root).values()
        if entry.state != "finished"
    ]


def find(root: Path, model: str) -> tuple[Entry, str]:
    """Return the comparison of a model and the name of its run. Raises HTTPException (404) without one."""
    name, _, run = model.rpartition("/")
    entry = entries(root).get(name)
    if entry is None or run not in entry.models:
        raise HTTPException(404, f"There is no model {model!r}. Choose one from the list.")
    return entry, run


def passages(root: Path, models: list[str]) -> list[tuple[str, str]]:
    """Return passages with their writers: by the models, and as many by the authors of the held-out texts."""
    written, by_author = dict[str, str](), dict[str, str]()
    for model in models:
        entry, run = find(root, model)
        column = entry.models[run].column
        if isinstance(results := entry.results, Comparison) and column in results.generated:
            samples = results.generated[column].samples[:PASSAGES_PER_COLUMN]
            written |= {cut_passage(sample.text): column for sample in samples}
            by_author |= {cut_passage(text): AUTHOR for text in results.author_passages}
    for texts in (written, by_author):
        texts.pop("", None)  # is too short
    return [*written.items(), *islice(by_author.items(), len(written))]
