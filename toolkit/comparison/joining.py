"""The page of a comparison again, and the union of several comparisons of one split, with new conclusions."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.comparison.folder import (
    COMPARISON,
    REPORTS,
    Stored,
    load_stored,
    united_sweeps,
    write_page,
    write_results,
)
from toolkit.config import differing, first_difference, merged, other_values, shared_values
from toolkit.errors import InputError
from toolkit.evaluation.conclusions import concluded
from toolkit.files import locked, refuse_foreign
from toolkit.results.bits import WordBits
from toolkit.results.cell import MIXTURE, Cell, FailedCell, Row
from toolkit.results.comparison import FOUND, PACKED, SEVERAL, Comparison
from toolkit.results.conclusions import Sweep
from toolkit.results.resources import COMMON
from toolkit.runs.spec import Column

MACHINE_KEYS = ("system", "processor", "cores")  # identify a machine
ORIGIN_KEYS = ("stages", "spacy_model")  # settings of a comparison that decide the cells of all columns


def reported(folders: Sequence[Path], out: Path | None = None) -> Comparison:
    """Write the page of a folder's comparison again, or join several comparisons and write the result to ``out``.

    Raises InputError if a folder has no comparison, the comparisons cannot be joined, or ``out`` is given for a single
    comparison, has something else than a joined one, or is in use by another process.
    """
    comparisons = [load_comparison(folder) for folder in folders]
    if len(folders) > 1:
        place = out or REPORTS / f"{comparisons[0].corpus.name}--joined"
        comparison = join(comparisons, folders, place)
        refuse_foreign(place, COMPARISON)
        with locked(place):
            if (stored := load_stored(place)) and not stored.joined:
                raise InputError(f"{place} has a comparison that was computed there. Choose another folder with --out.")
            Stored(joined=[os.path.relpath(folder, place) for folder in folders]).save(place)
            write_results(place, comparison)
        comparison.folder = place
    elif out is None:
        (comparison,) = comparisons
        write_page(folders[0], comparison)
    else:
        raise InputError("--out is the folder of a joined comparison. Give several folders, or leave it out.")
    return comparison


def join(comparisons: Sequence[Comparison], folders: Sequence[Path], out: Path) -> Comparison:
    """Return the comparison of all their cells. Runs stay where they are: their paths lead there from ``out``.

    Passages, words and mixtures are of one comparison's models, so they are left out. Raises InputError if the
    comparisons are not of one split, or a column was made in other ways in one of them.
    """
    first = comparisons[0]
    for other, folder in zip(comparisons[1:], folders[1:], strict=True):
        splits = [
            comparison.corpus.model_dump(exclude={"name", "notes", "splits"})
            | {"samples": comparison.settings.get("samples", {})}
            for comparison in (first, other)
        ]
        if keys := differing(*splits):
            raise InputError(f"{folder} differs in {keys[0]}. Join comparisons of one split, with the same samples.")
    machines = {tuple(one.get(key) for key in MACHINE_KEYS): one for c in reversed(comparisons) for one in c.machines}
    notes = list(dict.fromkeys(note for comparison in comparisons for note in comparison.corpus.notes))
    warnings = {warning.model_dump_json(): warning for comparison in comparisons for warning in comparison.warnings}
    compressors = {(row.name, row.variant): row for comparison in comparisons for row in comparison.baselines}
    sweeps: Sequence[Sweep] = ()
    for comparison in comparisons:
        sweeps = united_sweeps(comparison.sweeps, sweeps)
    whole = first.model_copy(
        update={
            "command": f"toolkit report {shlex.join(map(str, folders))}",
            "created": max(comparison.created for comparison in comparisons),
            "machine": {SEVERAL: list(machines.values())} if len(machines) > 1 else first.machines[0],
            "settings": joined_settings(comparisons, folders),
            "corpus": first.corpus.model_copy(update={"notes": [*notes, joining_note(comparisons, len(machines))]}),
            # one comparison may have a row that another left out
            "warnings": [warning for warning in warnings.values() if warning.kind != "failed"],
            "cells": joined_cells(comparisons, folders, out),
            "rows": independent_rows([row for c in comparisons for row in c.rows if row.kind != MIXTURE]),
            "baselines": list(compressors.values()),
            "contrasts": [],
            "folds": None,
            "sweeps": list(sweeps),
            "measures": {name: facts for comparison in comparisons for name, facts in comparison.measures.items()},
            "passages": [],
            "words": WordBits(each_way=0, words=[], bits={}, intervals=[], among=0),
        }
    )
    return concluded(whole)


def matched_alike(comparisons: Sequence[Comparison]) -> bool:
    """Check whether all comparisons matched the same resource, or none."""
    return len({comparison.settings.get("match") for comparison in comparisons}) == 1


def joined_cells(comparisons: Sequence[Comparison], folders: Sequence[Path], out: Path) -> list[Cell | FailedCell]:
    """Return the cells of all, each once, by column, fraction and seed.

    ``matched`` stays only if all comparisons matched the same. A result replaces a failure for a reason of the moment.
    Raises InputError if two comparisons have another digest, or other numbers, for a cell: by the clock, equal digests
    may give other weights.
    """
    cells: dict[tuple[str, float, int], Cell | FailedCell] = {}
    for comparison, folder in zip(comparisons, folders, strict=True):
        for cell in comparison.cells:
            key = cell.column, cell.fraction, cell.seed
            known = cells.get(key)
            if known is None or (isinstance(known, FailedCell) and known.may_succeed):
                changes: dict[str, Any] = {"run": os.path.relpath(folder / cell.run, out)}
                if isinstance(cell, Cell):
                    changes |= {"fold": None} | ({} if matched_alike(comparisons) else {"matched": None})
                cells[key] = cell.model_copy(update=changes)
                continue
            identities = [one.model_dump(include={"digest", "documents", "reason"}) for one in (known, cell)]
            if identities[0] != identities[1] and not (isinstance(cell, FailedCell) and cell.may_succeed):
                raise InputError(
                    f"{folder} has another result for {cell.column}, seed {cell.seed}, than a folder before it. Join "
                    f"comparisons with other seeds or columns."
                )
    rank = {column: i for i, column in enumerate(dict.fromkeys(column for column, *_ in cells))}
    return sorted(cells.values(), key=lambda cell: (rank[cell.column], cell.fraction, cell.seed))


def joined_settings(comparisons: Sequence[Comparison], folders: Sequence[Path]) -> dict[str, Any]:
    """Return the settings that all columns share, with the others as settings of single columns.

    Raises InputError if a column has other settings in two comparisons, or was made with other code.
    """
    groups: dict[str, dict[str, Any]] = {}  # by column, like the next two
    tables: dict[str, dict[str, Any]] = {}
    origins: dict[str, dict[str, Any]] = {}
    for comparison, folder in zip(comparisons, folders, strict=True):
        settings = comparison.settings
        for name in comparison.columns:
            group = {key: settings[key] for key in COMMON if key in settings}
            table = settings.get("columns", {}).get(name, {})
            cell = next(cell for cell in comparison.cells if cell.column == name)
            keys = ORIGIN_KEYS if Column.of_cell(cell).ours else (*ORIGIN_KEYS, "code", "plug_ins")
            origin = merged(group, table) | {key: settings.get(key) for key in keys}
            origin["file"] = settings.get("files", {}).get(name)
            if change := first_difference(origins.setdefault(name, origin), origin):
                raise InputError(
                    f"{folder} has other settings for {name} than a folder before it: {change}. Join comparisons in "
                    f"which each column has one setting."
                )
            groups[name], tables[name] = group, table
    shared = shared_values(list(groups.values()))
    columns = {name: merged(other_values(groups[name], shared), table) for name, table in tables.items()}
    left_out = {*COMMON, "folds", *([] if matched_alike(comparisons) else ["match"])}
    kept = {key: value for key, value in comparisons[0].settings.items() if key not in left_out}
    code = sorted({line for comparison in comparisons for line in comparison.settings.get("code", [])})
    return kept | shared | {"code": code, "columns": {name: table for name, table in columns.items() if table}}


def independent_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without a seed of a larger row with the same title: intervals take rows for independent.

    Raises InputError if networks learn from the held-out text in several ways.
    """
    ways = {f"at the rate {row.rate:g} by {row.rule}" for row in rows if row.rate is not None and row.rule is not None}
    if len(ways) > 1:
        raise InputError(
            f"Networks learn from the held-out text in several ways: {', '.join(sorted(ways))}. Repeat the commands "
            f"of these folders with one --adapt, and join them then."
        )
    kept: dict[int, Row] = {}  # by their places
    for place, row in sorted(enumerate(rows), key=lambda pair: -len(pair[1].seeds)):
        if not any(row.title == other.title and set(row.seeds) & set(other.seeds) for other in kept.values()):
            kept[place] = row
    return [kept[place] for place in sorted(kept)]


def joining_note(comparisons: Sequence[Comparison], machines: int) -> str:
    """Return a sentence about the joined comparisons."""
    versions = {comparison.versions.get("word-char-toolkit", "?") for comparison in comparisons}
    differ = " Different versions of the toolkit computed them." if len(versions) > 1 else ""
    clocks = " Different machines computed them, so seconds of training are not compared." if machines > 1 else ""
    commands = "; ".join(comparison.command for comparison in comparisons)
    return f"{len(comparisons)} comparisons were joined: {commands}.{differ}{clocks}"


def load_comparison(folder: Path) -> Comparison:
    """Load the comparison of a folder. Raises InputError if there is none, or it cannot be read."""
    file = next((folder / name for name in (FOUND, PACKED) if (folder / name).is_file()), None)
    if file is None:
        reason = "is not finished. Repeat its command" if COMPARISON.is_in(folder) else "is missing. Give its folder"
        raise InputError(f"The comparison in {folder} {reason}.")
    return Comparison.load(file)
