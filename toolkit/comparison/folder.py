"""A comparison's folder: what compare.toml stores, the plan that unites it with a request, and the results.

Columns, fractions, seeds and folds are united; everything else comes from the new command. All cells are resolved
again, stored ones included, and every stored digest must be equal.
"""

import csv
import hashlib
import io
import shutil
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ConfigDict

from toolkit.comparison.listing import PAGE_WITHOUT_TEXT, PLAN, REPORTS, write_page
from toolkit.comparison.request import Request
from toolkit.config import Table, differences, flat, merged, other_values, shared_values, without_none
from toolkit.errors import InputError, misfit
from toolkit.files import NEW, left_beside, write_file
from toolkit.results.cell import Match
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Sweep
from toolkit.results.record import PAGE
from toolkit.runs.folder import RUNS, load_history, run_state
from toolkit.runs.spec import CellSpec, parse_columns, slug
from toolkit.text.splits import ONE, USUAL_FOLDS, Fold

T = TypeVar("T")

METRICS, CONTRASTS = "metrics.csv", "contrasts.csv"
ROWS, FOLDS = "rows", "folds"
SHARED = "shared"  # the kind of a file beside compare.toml that shows whether workers see the folder
FILES = (FOUND, PAGE, PAGE_WITHOUT_TEXT, METRICS, CONTRASTS, PLAN)  # the one that marks the folder comes last
CONTRAST_FIELDS = (
    "over",
    "a",
    "b",
    "kind",
    "difference",
    "low",
    "high",
    "p",
    "outcome",
    "limit",
    "needed",
    "smallest_detectable",
    "fewer_in",
    "units",
    "unit",
    "seeds_a",
    "seeds_b",
)
# The fields that a request has, too.
REQUESTED = ("command", "seeds", "fractions", "stages", "adapt", "ensembles", "match", "matched", "sweeps")
TEXT_KEY = "corpus_sha256"
CONTENT_KEYS = {TEXT_KEY, "origins", "file_sha256", "versions", "split"}  # no settings of a command
MAX_SETTING_CHARACTERS = 40  # in the name of a folder


class Stored(BaseModel):
    """compare.toml: the request of a folder's comparison, and everything that decides its cells.

    ``columns`` are options by name. ``cells`` has the digest and the decisive values of each cell, by the name of its
    run, and ``common`` the values that all cells share. A joined comparison only has ``joined``, the folders of its
    parts.
    """

    model_config = ConfigDict(extra="forbid")

    command: str = ""
    tokenizers: list[str] = []
    columns: dict[str, Table] = {}
    seeds: list[int] = []
    fractions: list[float] = [1.0]
    folds: int = 1
    stages: list[float] = [1.0]
    adapt: float | None = None
    ensembles: bool = False
    match: Match | None = None
    matched: dict[str, Table] = {}
    sweeps: list[Sweep] = []
    common: Table = {}
    cells: dict[str, Table] = {}
    joined: list[str] = []

    def save(self, folder: Path) -> None:
        """Write it into a folder, which is then a comparison's."""
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / PLAN, tomli_w.dumps(without_none(self.model_dump(exclude_defaults=True))))


def load_stored(folder: Path) -> Stored | None:
    """Load compare.toml, or return None without one. Raises InputError if it is damaged."""
    if not (folder / PLAN).is_file():
        return None
    try:
        return Stored.model_validate(tomllib.loads((folder / PLAN).read_text("utf-8")))
    except ValueError as error:  # neither UTF-8, nor TOML, nor valid
        raise misfit(folder / PLAN, error, "replace the comparison with --fresh") from error


class OtherSettingsError(InputError):
    """A folder has a comparison with other settings; ``key`` is the first that differs."""

    def __init__(self, folder: Path, key: str, stored: Any, value: Any) -> None:
        super().__init__(
            f"{folder} holds another comparison: {key} was {stored!r} and is now {value!r}. "
            f"Choose another folder with --out, or replace it with --fresh."
        )
        self.key = key


def plan(folder: Path, request: Request) -> Request:
    """Return the request with all that the folder's comparison has besides, which stays.

    Raises InputError if a stored cell would change (``OtherSettingsError``), training there is longer, or a column
    needs what is not installed.
    """
    stored = load_stored(folder)
    if stored is None:
        return request
    if stored.joined:
        raise InputError(
            f"{folder} has a comparison that was joined from others. Choose another folder with --out."
        )
    union = united(request, stored)
    if request.match != stored.match:
        raise OtherSettingsError(folder, "match", stored.match, request.match)
    refuse_changes(folder, replace(union, stages=tuple(stored.stages), matched=stored.matched), stored)
    factor, last_stage = request.more or 1.0, stored.stages[-1]
    if factor < last_stage:
        raise InputError(
            f"{folder} was trained {last_stage:g} times as long. Repeat its --more, or choose another --out."
        )
    union = replace(union, stages=(*stored.stages, factor) if factor > last_stage else tuple(stored.stages))
    union.refuse_exclusive_options()
    if axes(union) != axes(request):
        for fold in union.folds():
            fold.check()
    return union


def united(request: Request, stored: Stored) -> Request:
    """Return the request with the columns, seeds, fractions, folds, sweeps and rows that are stored.

    Columns and values of sweeps have the order of ``in_order``; seeds and fractions ascend.
    """
    columns = parse_columns(stored.tokenizers, stored.columns)
    union = replace(
        request,
        columns=in_order(request.columns, columns, lambda column: column.name),
        seeds=tuple(sorted({*request.seeds, *stored.seeds})),
        fractions=tuple(sorted({*request.fractions, *stored.fractions})),
        sweeps=united_sweeps(request.sweeps, stored.sweeps),
        adapt=stored.adapt if request.adapt is None else request.adapt,
        ensembles=stored.ensembles or request.ensembles,
        fold=Fold(1, USUAL_FOLDS) if request.fold == ONE and stored.folds == USUAL_FOLDS else request.fold,
    )
    known = set(stored.tokenizers), set(stored.seeds), set(stored.fractions), stored.folds, stored.adapt
    if axes(union) != axes(request):
        commands = (
            [stored.command] if axes(union) == (*known, stored.ensembles) else [stored.command, request.command]
        )
        union = replace(union, command="; ".join(commands))
    return union


def axes(request: Request) -> tuple[Any, ...]:
    """Return the axes of a request, whatever the order of its columns, and the rate of its rows."""
    names = {column.name for column in request.columns}
    return names, set(request.seeds), set(request.fractions), request.fold.of, request.adapt, request.ensembles


def united_sweeps(requested: Sequence[Sweep], stored: Sequence[Sweep]) -> list[Sweep]:
    """Return the requested sweeps with the stored values of the same setting, and then all further stored sweeps."""
    new, old = ({(sweep.column, sweep.key): sweep for sweep in sweeps} for sweeps in (requested, stored))
    sweeps = []
    for key, sweep in ((key, (old | new)[key]) for key in new | old):
        points = in_order(sweep.values, old.get(key, sweep).values, lambda value: value.column)
        sweeps.append(sweep.model_copy(update={"values": points}))
    return sweeps


def in_order(requested: Sequence[T], stored: Sequence[T], name: Callable[[T], str]) -> list[T]:
    """Return both, each once by name: in the requested order if that has all, or else with new ones last.

    >>> in_order("ba", "ab", str), in_order("cb", "ab", str)
    (['b', 'a'], ['a', 'b', 'c'])
    """
    new, old = ({name(item): item for item in items} for items in (requested, stored))
    return list((new if old.keys() <= new.keys() else old | new).values())


def refuse_changes(folder: Path, union: Request, stored: Stored) -> None:
    """Raise OtherSettingsError if a stored cell would change: name its text, else a given setting, else any key."""
    settings = flat(union.given)
    for spec in union.specs():
        cell = dict(stored.cells.get(spec.name, {}))
        if cell and cell.pop("digest") != spec.digest:
            changes = differences(merged(stored.common, cell), spec.decisive)
            ranks = {
                key: (key != TEXT_KEY, key not in settings, key.split(".")[0] in CONTENT_KEYS) for key in changes
            }
            key = min(ranks, key=ranks.__getitem__)
            raise OtherSettingsError(folder, key, *changes[key])


def stored_plan(request: Request, specs: Sequence[CellSpec]) -> Stored:
    """Return what compare.toml has of a plan with these cells."""
    common = shared_values([spec.decisive for spec in specs])
    return Stored(
        **{name: getattr(request, name) for name in REQUESTED},
        tokenizers=[column.name for column in request.columns],
        columns={column.name: column.table for column in request.columns if column.table},
        folds=request.fold.of if request.fold.number == 1 else 1,
        common=common,
        cells={spec.name: {"digest": spec.digest, **other_values(spec.decisive, common)} for spec in specs},
    )


def default_folder(request: Request) -> Path:
    """Return ``reports/CORPUS--COLUMNS``, or with ``--SETTINGS``, the given ones, if that folder has other settings.

    A sweep is named by its column and setting.
    """
    swept = {
        value.column: slug(f"{sweep.column}-{sweep.key.rpartition('.')[2]}")
        for sweep in request.sweeps
        for value in sweep.values
    }
    columns = dict.fromkeys(swept.get(column.name, slug(column.name)) for column in request.columns)
    usual = REPORTS / f"{request.corpus.name}--{'-'.join(columns)}{'--quick' if request.quick else ''}"
    try:
        plan(usual, request)
    except OtherSettingsError as error:
        if error.key.partition(".")[0] in CONTENT_KEYS:
            return usual
        settings = {group: table for group, table in request.given.items() if group != "columns"}
        settings |= {
            "match": request.match,
            "split_seed": request.split_seed or None,
            "spacy_model": request.spacy_model,
        }
        settings |= {
            column.name: column.table for column in request.columns if column.name not in swept and column.table
        }
        name = (
            slug("-".join(f"{key}-{value}" for key, value in flat(without_none(settings)).items())) or "default"
        )
        if len(name) > MAX_SETTING_CHARACTERS:
            name = f"{name[:MAX_SETTING_CHARACTERS]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
        return usual.with_name(f"{usual.name}--{name}")
    except InputError:
        pass  # computing there raises it, too
    return usual


def fold_folder(out: Path, fold: int) -> Path:
    """Return the folder of a fold in a comparison's folder, which has the first one itself."""
    return out if fold == 1 else out / FOLDS / str(fold)


def progress(folder: Path) -> list[dict[str, Any]]:
    """Return the planned cells of all folds: run, state, and the checks so far as [characters, bits per character]."""
    cells = []
    with suppress(InputError):  # another version of toolkit has written the plan
        plan = load_stored(folder) or Stored()
        for run in (
            fold_folder(folder, n) / RUNS / name for n in range(1, plan.folds + 1) for name in plan.cells
        ):
            cell: dict[str, Any] = {
                "run": run.relative_to(folder).as_posix(),
                "state": run_state(run),
                "checks": [],
            }
            with suppress(InputError):  # a file is replaced at the moment
                history = load_history(run)
                cell["checks"] = [[row.characters_seen, row.valid_bits_per_character] for row in history]
            cells.append(cell)
    return cells


def clear(folder: Path) -> None:
    """Remove the files and folders that a comparison wrote, and nothing else."""
    for path in (folder / name for name in (RUNS, ROWS, FOLDS)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def sweep_results(folder: Path) -> None:
    """Remove half-written files that killed processes left in the folder. The caller holds its lock."""
    for name in FILES:
        for path in left_beside(folder / name, NEW, SHARED):
            path.unlink()


def write_results(folder: Path, comparison: Comparison) -> None:
    """Write comparison.json, the page, metrics.csv (a line per finished cell) and contrasts.csv (one per contrast).

    With folds, contrasts over the "text" are of the first fold, and those over the "folds" are behind the answer.
    """
    comparison.save(folder / FOUND)
    cells = [cell.numbers() for cell in comparison.done]
    write_table(folder / METRICS, list(dict.fromkeys(name for cell in cells for name in cell)), cells)
    contrasts = [*comparison.contrasts, *(comparison.folds.contrasts if comparison.folds else [])]
    lines = [c.model_dump() | {"seeds_a": c.seeds[0], "seeds_b": c.seeds[1]} for c in contrasts]
    write_table(folder / CONTRASTS, CONTRAST_FIELDS, lines)
    write_page(folder, comparison)
    (folder / PAGE_WITHOUT_TEXT).unlink(missing_ok=True)  # it was of earlier results


def write_table(file: Path, fields: Sequence[str], lines: Sequence[dict[str, Any]]) -> None:
    """Write these fields of each line as CSV, below one line of headings."""
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, fields, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    write_file(file, table.getvalue())
