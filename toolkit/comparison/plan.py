"""A plan: the union of a request with the comparison in its folder, without any change of a stored cell.

Columns, fractions, seeds and folds are united; everything else comes from the new command. All cells are resolved
again, stored ones included, and every stored digest must be equal.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from glob import escape
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from toolkit.comparison.folder import COMPARISON, REPORTS, Matching, Stored, load_stored
from toolkit.comparison.request import Request
from toolkit.config import differing, flat
from toolkit.errors import PASSING, InputError
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.conclusions import Sweep
from toolkit.runs.columns import parse_columns, slug
from toolkit.runs.folder import CHECKPOINT, RUNS, finished_cell, load_failure, recover, write_whole
from toolkit.runs.spec import ONE_STAGE, CellSpec
from toolkit.text.folds import ONE, USUAL, Fold

T = TypeVar("T")

TEXT_KEY = "corpus_sha256"
CONTENT_KEYS = {"code_sha256", "plug_ins", "file_sha256", "versions", "split"}  # no settings of a command
MAX_SETTING_CHARACTERS = 40  # in the name of a folder


class OtherSettingsError(InputError):
    """A folder has a comparison with other settings; ``key`` is the first that differs, ``value`` the requested one."""

    def __init__(self, folder: Path, key: str, stored: Any, value: Any) -> None:
        super().__init__(
            f"{folder} holds another comparison: there {key} is {stored!r}, here it is {value!r}. "
            f"{COMPARISON.remedy[0].upper()}{COMPARISON.remedy[1:]}."
        )
        self.key, self.value = key, value


def plan(folder: Path, request: Request) -> Request:
    """Return the request with all that the folder's comparison has besides, which stays.

    Raises:
        InputError: A stored cell would change (``OtherSettingsError``), training there is longer, a column needs
            what is not installed, or ``--more`` has nothing to continue.
    """
    stored = load_stored(folder)
    if stored is None:
        if request.more is not None:
            raise InputError(f"{folder} has no comparison to train further. Give the command without --more.")
        return request
    union = united(folder, request, stored)
    if request.match != stored.match:
        raise OtherSettingsError(folder, "match", stored.match, request.match)
    refuse_changes(folder, replace(union, stages=tuple(stored.stages), matched=stored.matched.settings), stored)
    union = replace(union, stages=stages(folder, union, tuple(stored.stages)))
    refuse_with_folds(union)
    if len(union.columns) > len(request.columns) or union.fold != request.fold:
        for fold in union.folds():
            fold.check()
    return union


def united(folder: Path, request: Request, stored: Stored) -> Request:
    """Return the request with the columns, seeds, fractions, folds, sweeps and rows that are stored.

    Columns and values of sweeps have the order of ``in_order``; seeds and fractions ascend.
    """
    try:
        columns = parse_columns(stored.tokenizers, stored.columns)
    except InputError as error:
        raise InputError(f"{error} {folder} has such a column; install what it was made with.") from error
    union = replace(
        request,
        columns=in_order(request.columns, columns, lambda column: column.name),
        seeds=tuple(sorted({*request.seeds, *stored.seeds})),
        fractions=tuple(sorted({*request.fractions, *stored.fractions})),
        sweeps=united_sweeps(request, stored.sweeps),
        adapt=stored.adapt if request.adapt is None else request.adapt,
        fold=Fold(1, USUAL) if request.fold == ONE and stored.folds == USUAL else request.fold,
    )
    if axes(union) != axes(request):
        known = set(stored.tokenizers), set(stored.seeds), set(stored.fractions), stored.folds, stored.adapt
        more = [] if axes(union) == known else [request.command]
        union = replace(union, command="; ".join([stored.command, *more]))
    return union


def axes(request: Request) -> tuple[Any, ...]:
    """Return the axes of a request, whatever the order of its columns, and the rate of its rows."""
    names = {column.name for column in request.columns}
    return names, set(request.seeds), set(request.fractions), request.fold.of, request.adapt


def united_sweeps(request: Request, stored: Sequence[Sweep]) -> tuple[Sweep, ...]:
    """Return the requested sweeps with their stored values, and then more stored sweeps.

    A sweep is dropped if all its columns are requested, but not as a sweep.
    """
    others = {(other.column, other.key): other for other in stored}
    sweeps = []
    for requested in request.sweeps:
        values = others.pop((requested.column, requested.key), requested).values
        union = in_order(requested.values, values, lambda value: value.column)
        sweeps.append(requested.model_copy(update={"values": union}))
    names = {column.name for column in request.columns}
    kept = (other for other in others.values() if not names.issuperset(value.column for value in other.values))
    return (*sweeps, *kept)


def in_order(requested: Sequence[T], stored: Sequence[T], name: Callable[[T], str]) -> list[T]:
    """Return both, each once by name: in the requested order if that has all, or else with new ones last.

    >>> in_order("ba", "ab", str), in_order("cb", "ab", str)
    (['b', 'a'], ['a', 'b', 'c'])
    """
    new, old = ({name(item): item for item in items} for items in (requested, stored))
    return list((new if old.keys() <= new.keys() else old | new).values())


def refuse_changes(folder: Path, union: Request, stored: Stored) -> None:
    """Raise OtherSettingsError, with the first key that differs, if a stored cell would change."""
    specs = {spec.name: spec for spec in union.specs()}
    for name in stored.cells:
        if name not in specs:
            raise OtherSettingsError(folder, "cells", name, "not requested")
        if specs[name].digest != stored.digest(name):
            before, now = stored.decisive(name), specs[name].decisive
            given, order = flat(dict(union.given)), [*flat(now), *flat(before)]  # settings follow what they depend on
            key = min(
                differing(before, now),
                key=lambda key: (
                    key != TEXT_KEY,
                    key not in given,
                    key.partition(".")[0] in CONTENT_KEYS,
                    order.index(key),
                ),
            )
            values = (flat(record).get(key, "not set") for record in (before, now))
            raise OtherSettingsError(folder, key, *values)


def stages(folder: Path, union: Request, stored: tuple[float, ...]) -> tuple[float, ...]:
    """Return the stages of training: the stored ones, with one more, or up to a stage that no run has passed.

    Raises:
        InputError: Training was longer, or no column is trained.
    """
    wanted = union.more or 1.0
    if wanted in stored:
        length = stored.index(wanted) + 1
        longer = [replace(union, stages=stored[:number]) for number in range(length + 1, len(stored) + 1)]
        if not any(passed(folder, request) for request in longer):
            return stored[:length]
    if wanted < stored[-1]:
        raise InputError(
            f"{folder} was trained {stored[-1]:g} times as long. Repeat its --more, choose another folder with --out, "
            f"or replace it with --fresh."
        )
    if not any(column.is_network for column in union.columns):
        raise InputError("--more trains networks further, but all columns here are counted. Leave --more out.")
    return (*stored, wanted)


def passed(folder: Path, union: Request) -> bool:
    """Check whether any network was trained to the end of the stages."""
    networks = [spec for spec in union.specs() if spec.column.is_network]
    return any(finished_cell(folder / RUNS / spec.name, spec) for spec in networks)


def refuse_with_folds(request: Request) -> None:
    """Refuse ``--more`` and ``--match`` with several folds, which have no common training or setting."""
    options = {"--more": request.more is not None or request.stages != ONE_STAGE, "--match": request.match is not None}
    for option, is_set in options.items():
        if request.fold.of > 1 and is_set:
            raise InputError(f"{option} is for one split, not for {request.fold.of} folds. Leave one of the two out.")


def stored_plan(request: Request, matched: Matching) -> Stored:
    """Return what compare.toml has of a plan."""
    stored = Stored(
        command=request.command,
        tokenizers=[column.name for column in request.columns],
        columns={column.name: dict(column.table) for column in request.columns if column.table},
        seeds=list(request.seeds),
        fractions=list(request.fractions),
        folds=request.fold.of if request.fold.number == 1 else 1,
        stages=list(request.stages),
        adapt=request.adapt,
        match=request.match,
        matched=matched,
        sweeps=list(request.sweeps),
    )
    return stored.with_cells(request.specs())


def kept_cell(run: Path, spec: CellSpec, *, verify: bool) -> Cell | FailedCell | None:
    """Return the cell that a run folder has, or None if it is missing or still has to be verified.

    A cell that failed is kept, unless its reason was one of the moment. The caller holds the folder's lock.
    """
    recover(run)
    if cell := finished_cell(run, spec):
        return cell if cell.verified or not (verify or not spec.column.ours) else None
    reason = load_failure(run, spec.digest)
    return None if reason is None or reason in PASSING else failed_cell(spec, reason)


def failed_cell(spec: CellSpec, reason: str) -> FailedCell:
    """Return the record of a cell that failed."""
    column = spec.column
    return FailedCell(
        column=column.name, tokenizer=column.tokenizer, strategy=column.strategy, model=spec.model, seed=spec.seed,
        fraction=spec.fraction, run=f"{RUNS}/{spec.name}", reason=reason,
    )  # fmt: skip


def copy_finished(folder: Path, others: Iterable[Path], request: Request) -> list[str]:
    """Copy finished cells that are missing here from other comparisons; return the names of their runs.

    Their folders may be in use, but a finished run never changes in place, so no lock is needed. A cell without
    samples stays behind if the request needs them.
    """
    names = []
    for other in (other for other in others if other != folder and COMPARISON.is_in(other)):
        for spec in request.specs():
            run, source = folder / RUNS / spec.name, other / RUNS / spec.name
            with suppress(InputError, OSError):  # damaged, or replaced meanwhile
                recover(run)
                cell = None if run.exists() else finished_cell(source, spec)
                if cell and (cell.generated or not request.has_samples(spec)):
                    ignore = shutil.ignore_patterns(CHECKPOINT)
                    write_whole(run, partial(shutil.copytree, source, dirs_exist_ok=True, ignore=ignore))
                    names.append(spec.name)
    return names


def default_folder(request: Request) -> Path:
    """Return ``reports/CORPUS--COLUMNS`` or, if that has other settings, a folder beside it for these settings.

    A new one is named after the first setting that differs.
    """
    plain = REPORTS / f"{request.corpus.name}--{short_columns(request)}"
    other = other_settings(plain, request)
    if other is None or other.key == TEXT_KEY:
        return plain
    for folder in sorted(REPORTS.glob(f"{escape(plain.name)}--*")):
        if COMPARISON.is_in(folder) and other_settings(folder, request) is None:
            return folder
    key = other.key.rpartition(".")[2]
    setting = slug(f"no-{key}" if other.value in (None, "not set") else f"{key}-{other.value}")
    named = plain.with_name(f"{plain.name}--{setting[:MAX_SETTING_CHARACTERS]}")
    numbered = (named.with_name(f"{named.name}-{number}") for number in count(2))
    return named if not named.exists() else next(folder for folder in numbered if not folder.exists())


def folders_beside(request: Request) -> list[Path]:
    """Return the default folders of comparisons of the request's corpus."""
    return sorted(REPORTS.glob(f"{escape(request.corpus.name)}--*"))


def other_settings(folder: Path, request: Request) -> OtherSettingsError | None:
    """Return how a folder's text or settings differ; None if they do not, or if it is refused for another reason."""
    try:
        plan(folder, request)
    except OtherSettingsError as error:
        return None if error.key.partition(".")[0] in CONTENT_KEYS else error
    except InputError:
        return None
    return None


def short_columns(request: Request) -> str:
    """Return the columns for the name of a folder, where a sweep is its column and setting."""
    swept = {
        value.column: slug(f"{sweep.column}-{sweep.key.rpartition('.')[2]}")
        for sweep in request.sweeps
        for value in sweep.values
    }
    return "-".join(dict.fromkeys(swept.get(column.name, column.slug) for column in request.columns))
