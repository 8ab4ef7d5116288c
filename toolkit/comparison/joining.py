"""The page of a comparison again, and the union of several comparisons of one split, with new conclusions."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from toolkit.comparison.folder import Stored, load_stored, write_results
from toolkit.comparison.listing import PLAN, REPORTS, planned_command, write_page
from toolkit.config import Table, differences, first_difference, merged, other_values, shared_values
from toolkit.errors import InputError, misfit
from toolkit.evaluation.warnings import concluded, continuing
from toolkit.files import locked, refuse_foreign
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import COMMON, FOUND, PACKED, SEVERAL, Comparison
from toolkit.runs.spec import Column

MACHINE_KEYS = ("system", "processor", "cores")  # identify a machine
ORIGIN_KEYS = ("stages", "spacy_model")  # settings of a comparison that decide the cells of all columns
Part = tuple[Path, Comparison]  # a comparison in its folder


def reported(
    folders: Sequence[Path], out: Path | None = None, *, has_text: bool = True
) -> tuple[Comparison, Path]:
    """Write the page of a folder's comparison again, or join several comparisons and write the result to ``out``.

    Without ``has_text``, a page without passages of the corpus is written. Returns the comparison and its page.
    Raises InputError if a folder has no comparison, or the comparisons cannot be joined. ``out`` is for several
    comparisons, and no other process may use it.
    """
    parts = [(folder, load_comparison(folder)) for folder in folders]
    if len(parts) == 1:
        if out is not None:
            raise InputError("--out is the folder of a joined comparison. Give several folders, or leave it out.")
        return parts[0][1], write_page(*parts[0], has_text=has_text)
    place = out or REPORTS / f"{parts[0][1].corpus.name}--joined"
    comparison = join(parts, place)
    refuse_foreign(place, PLAN)
    with locked(place):
        if (stored := load_stored(place)) and not stored.joined:
            raise InputError(
                f"{place} has a comparison that was computed there. Choose another folder with --out."
            )
        Stored(joined=[os.path.relpath(folder, place) for folder in folders]).save(place)
        write_results(place, comparison)
    comparison.folder = place
    return comparison, write_page(place, comparison, has_text=has_text)


def join(parts: Sequence[Part], out: Path) -> Comparison:
    """Return the comparison of all their cells. Runs stay where they are: their paths lead there from ``out``.

    Rows, sweeps and passages belong to one comparison, so they are left out. Raises InputError if the
    comparisons are not of one split, or a column was made in other ways in one of them.
    """
    comparisons = [comparison for _, comparison in parts]
    first = comparisons[0]
    for folder, comparison in parts:
        for key in differences(split_facts(first), split_facts(comparison)):
            raise InputError(f"{folder} differs in {key}. Join comparisons of one split, with the same samples.")
    machines = {tuple(m.get(key) for key in MACHINE_KEYS): m for c in reversed(comparisons) for m in c.machines}
    notes = dict.fromkeys(note for comparison in comparisons for note in comparison.corpus.notes)
    note = f"{len(parts)} comparisons were joined: {'; '.join(comparison.command for comparison in comparisons)}."
    warnings = {w.model_dump_json(): w for c in comparisons for w in c.warnings if w.kind != "failed"}
    whole = first.model_copy(
        update={
            "command": f"toolkit report {shlex.join(str(folder) for folder, _ in parts)}",
            "created": max(comparison.created for comparison in comparisons),
            "machine": {SEVERAL: list(machines.values())} if len(machines) > 1 else first.machines[0],
            "settings": joined_settings(parts),
            "corpus": first.corpus.model_copy(update={"notes": [*notes, note]}),
            "warnings": list(warnings.values()),
            "cells": joined_cells(parts, out),
            "rows": [],
            "baselines": list(
                {(row.name, row.variant): row for c in comparisons for row in c.baselines}.values()
            ),
            "folds": None,
            "sweeps": [],
            "measures": {
                name: facts for comparison in comparisons for name, facts in comparison.measures.items()
            },
            "passages": [],
        }
    )
    return concluded(whole)


def split_facts(comparison: Comparison) -> Table:
    """Return what joined comparisons have in common: the corpus with its split, and settings of all cells."""
    corpus = comparison.corpus.model_dump(exclude={"name", "notes", "splits"})
    return corpus | {"samples": comparison.settings.get("samples", {}), "match": comparison.settings.get("match")}


def joined_cells(parts: Sequence[Part], out: Path) -> list[Cell | FailedCell]:
    """Return the cells of all, each once, by column, fraction and seed; a result replaces a failure.

    Raises InputError if two comparisons have another digest, or other numbers, for a cell: by the clock, equal digests
    may give other weights.
    """
    cells: dict[tuple[str, float, int], Cell | FailedCell] = {}
    for folder, cell in ((folder, cell) for folder, comparison in parts for cell in comparison.cells):
        key = cell.column, cell.fraction, cell.seed
        known = cells.get(key)
        if known is None or isinstance(known, FailedCell):
            changes = {"fold": None} if isinstance(cell, Cell) else {}
            cells[key] = cell.model_copy(update=changes | {"run": os.path.relpath(folder / cell.run, out)})
        elif isinstance(cell, Cell) and (known.digest, known.documents) != (cell.digest, cell.documents):
            raise InputError(
                f"{folder} has another result for {cell.column}, seed {cell.seed}, than a folder before it. Join "
                f"comparisons with other seeds or columns."
            )
    columns = list(dict.fromkeys(column for column, *_ in cells))
    return sorted(cells.values(), key=lambda cell: (columns.index(cell.column), cell.fraction, cell.seed))


def joined_settings(parts: Sequence[Part]) -> Table:
    """Return the settings that all columns share, and further settings by column.

    Raises InputError if a column has other settings in two comparisons, or was made with other code.
    """
    resolved: dict[str, Table] = {}  # by column, like the next one
    origins: dict[str, Table] = {}
    for folder, comparison in parts:
        settings = comparison.settings
        common = {key: settings[key] for key in COMMON if key in settings}
        for cell in comparison.cells:
            name = cell.column
            resolved[name] = merged(common, settings.get("columns", {}).get(name, {}))
            keys = ORIGIN_KEYS if Column.of_cell(cell).ours else (*ORIGIN_KEYS, "origins")
            origin = resolved[name] | {key: settings.get(key) for key in keys}
            origin["file"] = settings.get("files", {}).get(name)
            if change := first_difference(origins.setdefault(name, origin), origin):
                raise InputError(f"{folder} has other settings for {name} than a folder before it: {change}.")
    shared = {key: value for key, value in shared_values(list(resolved.values())).items() if key in COMMON}
    tables = {name: other_values(settings, shared) for name, settings in resolved.items()}
    kept_settings = {key: value for key, value in parts[0][1].settings.items() if key not in COMMON}
    return kept_settings | shared | {"columns": {name: table for name, table in tables.items() if table}}


def load_comparison(folder: Path) -> Comparison:
    """Load the comparison of a folder. Raises InputError if it is missing or damaged.

    The error of a damaged one has the command that makes it again from the runs.
    """
    file = next((folder / name for name in (FOUND, PACKED) if (folder / name).is_file()), None)
    if file is None:
        raise InputError(f"{folder} has no finished comparison. Give the folder of one, or repeat its command.")
    try:
        return Comparison.load(file)
    except InputError as error:
        command = continuing(planned_command(folder))
        if error.__cause__ is None or command is None:
            raise
        remedy = f"make it again without training, with: {command}"
        raise misfit(file, error.__cause__, remedy) from error
