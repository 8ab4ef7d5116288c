"""Several comparisons of one split as one: their cells together, and what these say, computed anew.

Nothing is trained. All cells of a column must have been trained alike; columns may have settings of their own.
"""

import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.comparison.growing import in_order
from toolkit.config import first_difference, flat, merged, nested
from toolkit.errors import InputError
from toolkit.evaluation.conclusions import concluded
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import SEVERAL, Comparison
from toolkit.results.conclusions import Sweep
from toolkit.results.corpus import CorpusFacts, FractionFacts
from toolkit.results.resources import common_settings, match_of
from toolkit.results.rows import MIXTURE, Row
from toolkit.results.words import Passage, WordBits
from toolkit.runs.columns import Column

JOINED = "toolkit report "  # begins the command of a joined comparison
SAME_MACHINE = ("system", "processor", "cores")  # of what a comparison says of its machine
SAME = {  # of comparisons of one split, by what a reader calls it
    "sha256": "text", "characters": "text", "test_characters": "text", "language": "language", "split": "split",
    "unit": "unit",
}  # fmt: skip


def join(comparisons: Sequence[Comparison], folders: Sequence[Path], out: Path) -> Comparison:
    """The comparison of all their cells, whose runs stay where they are: their paths lead there from ``out``.

    Raises InputError, with the first difference, if they are not of one split or a column was trained in other ways.
    """
    first, *others = comparisons
    for other, folder in zip(others, folders[1:], strict=True):
        refuse_other_split(first.corpus, other.corpus, folders[0], folder)
        if found := first_difference(samples(first), samples(other)):
            raise InputError(f"{folder} has other samples than {folders[0]} ({found}), so these cannot be compared.")
    machines = all_machines(comparisons)
    apart = len(machines) > 1
    cells = all_cells(comparisons, folders, out)
    # a mixture is of all cells of one comparison
    made = [row for comparison in comparisons for row in comparison.rows if row.kind != MIXTURE]
    refuse_other_rules(comparisons, made)
    compressors = {(one.name, one.variant): one for comparison in comparisons for one in comparison.baselines}
    notes = list(dict.fromkeys(note for comparison in comparisons for note in comparison.corpus.notes))
    warnings = {warning.model_dump_json(): warning for one in comparisons for warning in one.warnings}
    whole = first.model_copy(
        update={
            "command": f"{JOINED}{shlex.join(map(str, folders))}",
            "created": max(comparison.created for comparison in comparisons),
            "machine": {SEVERAL: machines} if apart else machines[0],
            "settings": settings(comparisons, folders),
            "corpus": first.corpus.model_copy(update={"notes": [*notes, joining_note(comparisons, apart=apart)]}),
            # a row that one left out, another may have
            "warnings": [warning for warning in warnings.values() if warning.kind != "failed"],
            "cells": cells,
            "rows": of_other_seeds(made),
            "baselines": list(compressors.values()),
            "contrasts": [],
            "folds": None,
            "sweeps": sweeps(comparisons),
            "measures": {name: facts for comparison in comparisons for name, facts in comparison.measures.items()},
            "passages": passages(comparisons),
            "words": words(comparisons),
        }
    )
    return concluded(whole)


def all_cells(comparisons: Sequence[Comparison], folders: Sequence[Path], out: Path) -> list[Cell | FailedCell]:
    """The cells of all, each once, by column, fraction and seed; the paths of their runs lead there from ``out``.

    ``matched`` stays only if it is the same in all comparisons. Raises InputError if two have other numbers for
    a cell.
    """
    equal = len(set(map(match_of, comparisons))) == 1
    cells: dict[tuple[str, float, int], Cell | FailedCell] = {}
    for comparison, folder in zip(comparisons, folders, strict=True):
        for cell in comparison.cells:
            key = cell.column, cell.fraction, cell.seed
            known = cells.get(key)
            if known and not may_succeed(known):
                if may_succeed(cell) or numbers(known) == numbers(cell):
                    continue
                raise InputError(
                    f"{folder} has other numbers for {cell.column}, seed {cell.seed}, than the folders before it; "
                    f"join comparisons with other seeds or columns."
                )
            run = os.path.relpath(folder / cell.run, out)
            alone = {"fold": None} | ({} if equal else {"matched": None}) if isinstance(cell, Cell) else {}
            cells[key] = cell.model_copy(update={"run": run} | alone)
    rank = {column: i for i, column in enumerate(dict.fromkeys(column for column, *_ in cells))}
    return sorted(cells.values(), key=lambda cell: (rank[cell.column], cell.fraction, cell.seed))


def all_machines(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """The machines on which they were computed, each once, as it is first described.

    How many cells were computed at once, in how much memory and with which compiler may differ on one machine.
    """
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in (one for comparison in comparisons for one in comparison.machines):
        known.setdefault(tuple(one.get(key) for key in SAME_MACHINE), one)
    return list(known.values())


def of_other_seeds(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that have a seed of another with the same title and as many seeds or more: what is said of
    rows takes them for independent.
    """
    kept: dict[int, Row] = {}  # by their places
    for place, row in sorted(enumerate(rows), key=lambda placed: -len(placed[1].seeds)):
        if not any(row.title == other.title and set(row.seeds) & set(other.seeds) for other in kept.values()):
            kept[place] = row
    return [kept[place] for place in sorted(kept)]


def sweeps(comparisons: Sequence[Comparison]) -> list[Sweep]:
    """All sweeps; those of one setting of a column are one, with the values of each."""
    found: dict[tuple[str, str], Sweep] = {}
    for sweep in (sweep for comparison in comparisons for sweep in comparison.sweeps):
        before = found.setdefault((sweep.column, sweep.key), sweep)
        values = in_order(sweep.values, before.values, lambda value: value.column)
        found[sweep.column, sweep.key] = sweep.model_copy(update={"values": values})
    return list(found.values())


def refuse_other_split(ours: CorpusFacts, theirs: CorpusFacts, folder: Path, other: Path) -> None:
    """Raises InputError if two comparisons are not of the same documents, split alike, and taken in like fractions."""
    different = [what for name, what in SAME.items() if getattr(ours, name) != getattr(theirs, name)]
    if not different and alike(ours.fractions) != alike(theirs.fractions):
        different = ["fractions of the training text"]
    if different:
        raise InputError(
            f"{other} differs from {folder} in its {different[0]}; only comparisons of one split can be joined."
        )
    for a, b in zip(ours.fractions, theirs.fractions, strict=True):
        if a.recipe != b.recipe:
            raise InputError(
                f"{other} has another recipe for the fraction {a.fraction:g} than {folder} ({b.recipe} and "
                f"{a.recipe}), and what is said of fractions is said of all columns; join comparisons of one recipe."
            )


def alike(fractions: Sequence[FractionFacts]) -> list[FractionFacts]:
    """The facts on fractions of the training text that do not depend on how networks are trained."""
    return [facts.model_copy(update={"recipe": ""}) for facts in fractions]


def samples(comparison: Comparison) -> dict[str, Any]:
    """What was asked of the generated texts."""
    return {"samples": comparison.settings.get("samples", {})}


def may_succeed(cell: Cell | FailedCell) -> bool:
    """Whether a cell has no result for a reason of the moment: another comparison's stands for it."""
    return isinstance(cell, FailedCell) and cell.may_succeed


def numbers(cell: Cell | FailedCell) -> Any:
    """What must agree where two comparisons have the same cell."""
    return [(one.name, one.bits) for one in cell.documents] if isinstance(cell, Cell) else cell.reason


def settings(comparisons: Sequence[Comparison], folders: Sequence[Path]) -> dict[str, Any]:
    """The settings of the first comparison; columns of the others keep their settings as their own.

    A setting that another comparison leaves unset becomes a setting of the first one's columns. ``match`` stays if it
    is the same in all. Code and files are united.

    Raises InputError if a column has other settings in two of them, or was made with other code.
    """
    first, common = comparisons[0].settings, common_settings(comparisons[0])
    not_in_all = {key for key in common if not all(key in common_settings(comparison) for comparison in comparisons)}
    columns: dict[str, Any] = dict(first.get("columns", {}))
    complete: dict[str, dict[str, Any]] = {}  # a column's own settings and those of all
    code: dict[str, list[frozenset[str]]] = {}  # of a column that is not ours, in each
    for comparison, folder in zip(comparisons, folders, strict=True):
        its = common_settings(comparison)
        differing = {key: value for key, value in its.items() if key in not_in_all or common.get(key) != value}
        for name in comparison.columns:
            own = comparison.settings.get("columns", {}).get(name, {})
            settings_of_it = tables(its | flat(own)) | made_with(comparison.settings, name)
            columns[name] = tables(differing | flat(own))
            if found := first_difference(complete.setdefault(name, settings_of_it), settings_of_it):
                raise InputError(
                    f"{folder} has other settings for {name} than a folder before it ({found}); join comparisons in "
                    f"which each column has one setting."
                )
            if Column.of_cell(next(cell for cell in comparison.cells if cell.column == name)).ours:
                continue
            its_code = others_code(comparison.settings)
            if not all(may_be_the_same(its_code, other) for other in code.setdefault(name, [])):
                raise InputError(
                    f"{folder} has {name} beside other --code or plug-ins than a folder before it, so it may be "
                    f"another column; compute one of them again, with the --code and plug-ins of the other."
                )
            code[name].append(its_code)
    matches = {comparison.settings.get("match") for comparison in comparisons}
    dropped = {"folds"} if len(matches) == 1 else {"folds", "match"}
    return without(first, not_in_all | dropped) | of_others(comparisons) | {"columns": columns}


def without(settings: Mapping[str, Any], keys: Collection[str], prefix: str = "") -> dict[str, Any]:
    """Nested settings without those of dotted ``keys``.

    >>> without({"recipe": "large", "network": {"units": 256, "layers": 2}}, {"recipe", "network.units"})
    {'network': {'layers': 2}}
    """
    return {
        name: without(value, keys, f"{prefix}{name}.") if isinstance(value, dict) else value
        for name, value in settings.items()
        if f"{prefix}{name}" not in keys
    }


def made_with(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a column's numbers depend on besides settings of networks and code: stages, the tagger, its file."""
    found = {key: told.get(key) for key in ("stages", "spacy_model")} | {"file": told.get("files", {}).get(name)}
    return {key: value for key, value in found.items() if value}


def others_code(told: Mapping[str, Any]) -> frozenset[str]:
    """What tells others' code apart: the digest of each file of ``--code``, whatever its name, and each plug-in.

    A comparison has that of all its columns, so it may have more than another that has a column in common with it.
    """
    digests = {line.rpartition(" ")[2] for line in told.get("code") or []}
    return frozenset(digests | {f"{name} {of}" for name, of in (told.get("plug_ins") or {}).items()})


def may_be_the_same(code: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a column may be the same in two comparisons with this code: one has all that the other has, or none."""
    return code == other or bool(code and other and (code <= other or other <= code))


def of_others(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """The code, the plug-ins and the files of all comparisons, as in settings."""
    told = [comparison.settings for comparison in comparisons]
    found: dict[str, Any] = {"code": sorted({line for one in told for line in one.get("code") or []})}
    for key in ("plug_ins", "files"):
        found[key] = {name: of for one in told for name, of in (one.get(key) or {}).items()}
    return {key: value for key, value in found.items() if value}


def tables(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted keys as nested ones: the inverse of ``flat``.

    >>> tables({"network.units": 512, "train.dropout": 0.1})
    {'network': {'units': 512}, 'train': {'dropout': 0.1}}
    """
    whole: dict[str, Any] = {}
    for key, value in settings.items():
        whole = merged(whole, nested(key.split("."), value))
    return whole


def refuse_other_rules(comparisons: Sequence[Comparison], rows: Sequence[Row]) -> None:
    """Raise InputError if the rows whose networks go on learning do not all do so in one way."""
    networks = {cell.column for comparison in comparisons for cell in comparison.done if not cell.counted}
    learning = [row for row in rows if row.rate is not None and row.column in networks]
    if len(ways := {f"at the rate {row.rate:g} by {row.rule}" for row in learning}) > 1:
        raise InputError(
            f"Networks go on learning in several ways, {'; '.join(sorted(ways))}, so their rows cannot be compared; "
            f"repeat the commands of these folders with one --adapt, and join them then."
        )


def joining_note(comparisons: Sequence[Comparison], *, apart: bool) -> str:
    """Which comparisons were joined, whether by versions of the toolkit that differ, and whether on machines apart."""
    made = {comparison.versions.get("word-char-toolkit", "?") for comparison in comparisons}
    differ = "; they were computed by different versions of the toolkit" if len(made) > 1 else ""
    clocks = "; they were computed on different machines, so seconds of training are not compared" if apart else ""
    return f"{len(comparisons)} comparisons were joined: {'; '.join(c.command for c in comparisons)}{differ}{clocks}."


def first_seeds(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """By column, the place of the comparison that has its first seed, of which passages and words are shown."""
    found: dict[str, tuple[int, int]] = {}  # the seed, and the place
    for place, comparison in enumerate(comparisons):
        for column, cells in comparison.by_column.items():
            here = min(cell.seed for cell in cells), place
            found[column] = min(found.get(column, here), here)
    return {column: place for column, (_, place) in found.items()}


def passages(comparisons: Sequence[Comparison]) -> list[Passage]:
    """The passages that all of them have, with what each column's first seed paid and read."""
    shared: dict[tuple[str, int, str], dict[int, Passage]] = {}
    for place, comparison in enumerate(comparisons):
        for passage in comparison.passages:
            shared.setdefault((passage.document, passage.start, passage.text), {})[place] = passage
    first = first_seeds(comparisons).items()
    return [
        found[0].model_copy(
            update={
                "bits": {name: found[at].bits[name] for name, at in first if name in found[at].bits},
                "readings": {name: found[at].readings[name] for name, at in first if name in found[at].readings},
            }
        )
        for found in shared.values()
        if len(found) == len(comparisons)
    ]


def words(comparisons: Sequence[Comparison]) -> WordBits:
    """The words that all of them list, with the bits of each column's first seed; intervals are those that there were.

    Two columns may differ more on words that only some of them list; and if their first seeds are in two comparisons,
    there is no interval of their difference.
    """
    listed, first = [comparison.words for comparison in comparisons], first_seeds(comparisons)
    places = [{word.text: i for i, word in enumerate(table.words)} for table in listed]
    kept = [word for word in listed[0].words if all(word.text in place for place in places)]
    new = {word.text: i for i, word in enumerate(kept)}
    bits = {
        name: [listed[at].bits[name][places[at][word.text]] for word in kept]
        for name, at in first.items()
        if name in listed[at].bits
    }
    intervals = []
    for at, table in enumerate(listed):
        for one in table.intervals:
            if first.get(one.a) == first.get(one.b) == at:
                pairs = [(table.words[i].text, half) for i, half in zip(one.words, one.half_widths, strict=True)]
                known = [(new[text], half) for text, half in pairs if text in new]
                intervals.append(
                    one.model_copy(update={"words": [i for i, _ in known], "half_widths": [half for _, half in known]})
                )
    return WordBits(
        each_way=listed[0].each_way, words=kept, bits=bits, intervals=intervals, complete=False,
        among=min(table.among for table in listed),
    )  # fmt: skip
