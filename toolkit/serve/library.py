"""The comparisons below a folder, finished or not, and the models that they have finished."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from toolkit.comparison import folder as comparisons
from toolkit.errors import InputError
from toolkit.report.explorer import cut_passage
from toolkit.results.bits import AUTHOR
from toolkit.results.cell import Cell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.runs import folder as runs

MAX_DEPTH = 3  # of a comparison below the served folder
PASSAGES_PER_MODEL = 5  # of the blind test


@dataclass(frozen=True)
class Entry:
    """A comparison in a folder. ``changed`` is the time of its results, or of its plan if it has none."""

    name: str
    folder: Path
    changed: float

    @cached_property
    def state(self) -> str:
        """Whether it is "running", "finished" or "interrupted"."""
        return comparisons.state(self.folder)

    @cached_property
    def results(self) -> Comparison | str | None:
        """Its results, why they cannot be read, or None if it has none."""
        file = self.folder / FOUND
        try:
            return _loaded(Comparison.load, file, self.changed) if file.is_file() else None
        except InputError as error:
            return str(error)

    @cached_property
    def models(self) -> dict[str, Cell]:
        """Its finished models by the names of their runs, the fewest bits first, fractions of the text last."""
        cells: dict[str, Cell] = {}
        for file in self.folder.glob(f"{runs.RUNS}/*/{runs.CELL}"):
            with suppress(InputError, OSError):  # it is damaged, or replaced at the moment
                if file.resolve() == file:  # no link
                    cells[file.parent.name] = _loaded(runs.load_cell, file.parent, file.stat().st_mtime)
        whole = [(run, cell) for run, cell in cells.items() if cell]
        return dict(sorted(whole, key=lambda item: (-item[1].fraction, item[1].bits_per_character.total)))

    @property
    def best_runs(self) -> dict[str, Path]:
        """The folder of the best run of each column."""
        columns: dict[str, Path] = {}
        for run, cell in self.models.items():
            columns.setdefault(cell.column, self.folder / runs.RUNS / run)
        return columns


def entries(root: Path) -> dict[str, Entry]:
    """Return the comparisons in a folder and below it by name, the latest first. Links are not followed."""
    listed = []
    for path, folders, files in os.walk(root):
        folder = Path(path)
        markers = [folder / name for name in (FOUND, comparisons.PLAN) if name in files]
        if markers:
            name = folder.relative_to(root.parent).as_posix()
            listed.append(Entry(name, folder, markers[0].stat().st_mtime))
        if markers or len(folder.relative_to(root).parts) == MAX_DEPTH:
            folders.clear()
    return {entry.name: entry for entry in sorted(listed, key=lambda entry: -entry.changed)}


def unfinished(root: Path) -> list[dict[str, Any]]:
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


def passages(models: Iterable[tuple[Entry, str]]) -> list[tuple[str, str]]:
    """Return passages with their writers: by the models, and as many by the authors of the held-out texts."""
    written, by_author = dict[str, str](), dict[str, str]()
    for entry, run in models:
        if isinstance(results := entry.results, Comparison):
            by_author |= {cut_passage(text): AUTHOR for text in results.author_passages}
            column = entry.models[run].column
            samples = results.generated[column].samples if column in results.generated else []
            written |= {cut_passage(sample.text): column for sample in samples[:PASSAGES_PER_MODEL]}
    for texts in (written, by_author):
        texts.pop("", None)  # is too short
    return [*written.items(), *islice(by_author.items(), len(written))]


@lru_cache(maxsize=512)
def _loaded(load: Callable[[Path], Any], path: Path, _changed: float) -> Any:
    return load(path)
