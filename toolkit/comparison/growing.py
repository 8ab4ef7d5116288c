"""A comparison grows: what is asked for is added to the columns, seeds and fractions that its folder has, which stay.

A folder goes on if the cells that it has would have the same numbers: if what is asked for, of these cells alone, is
what compare.toml says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from toolkit.comparison.existing import Existing
from toolkit.comparison.request import Request
from toolkit.errors import InputError
from toolkit.results.conclusions import Sweep
from toolkit.runs.columns import Column
from toolkit.text.folds import ONE, USUAL, Fold

T = TypeVar("T")


def grown(existing: Existing, request: Request) -> Request:
    """The request with what else the comparison there has, which stays: columns, seeds, fractions, sweeps, rows that
    learn, and folds if the first is the split that is asked for.

    Columns and the values of sweeps have the order of ``in_order``, seeds and fractions ascend. Where the clock
    decides, no more cells are computed at once than were there, so that all get the same.
    Raises InputError if compare.toml is damaged, or a column there needs what is not installed.
    """
    columns = in_order(request.columns, existing.columns, lambda column: column.name)
    refuse_one_run_for_two(existing.folder, columns)
    together = replace(
        request,
        columns=columns,
        seeds=tuple(sorted({*request.seeds, *existing.settings.seeds})),
        fractions=tuple(sorted({*request.fractions, *existing.settings.fractions})),
        sweeps=grown_sweeps(request, existing.sweeps),
        adapt=existing.rates[0] if request.adapt is None and existing.rates else request.adapt,
        fold=Fold(1, USUAL) if request.fold == ONE and existing.settings.folds == USUAL else request.fold,
    )
    together.check_names()
    if len(columns) > len(existing.columns) or set(together.fractions) > set(existing.settings.fractions):
        together.check_rarity()  # cells that are there stay
    if existing.found and has_more(together, request):
        together = replace(together, command=with_command(existing.found.command, request.command))
    at_once = existing.settings.workers
    if together.by_clock and at_once <= request.where.workers:
        return replace(together, where=replace(together.where, workers=at_once))
    return together


def with_command(before: str, command: str) -> str:
    """The commands that a comparison was made by, with one more, or more that begin with these, unless it is there.

    >>> with_command("a; b", "b"), with_command("a", "a; c"), with_command("a 'x; y'", "a 'x; y'")
    ('a; b', 'a; c', "a 'x; y'")
    """
    if f"; {command};" in f"; {before};":
        return before
    return command if command.startswith(f"{before}; ") else f"{before}; {command}"


def refuse_one_run_for_two(folder: Path, columns: Sequence[Column]) -> None:
    """Raises InputError if two columns' runs would have one name: theirs differ only where file names cannot."""
    by_slug: dict[str, str] = {}
    for column in columns:
        if (other := by_slug.setdefault(column.slug, column.name)) != column.name:
            raise InputError(
                f"Runs of {column.name!r} in {folder} would have the name of those of {other!r}, which it also has; "
                f"give the column another name in --config, or choose another folder with --out."
            )


def of_cells_there(existing: Existing, request: Request) -> dict[str, Any]:
    """What a grown request asks for, as in compare.toml, of the cells that are there."""
    by_name = {column.name: column for column in request.columns}
    cells = replace(
        request,
        columns=[by_name[column.name] for column in existing.columns],
        seeds=existing.settings.seeds,
        fractions=existing.settings.fractions,
    )
    asked, code = cells.asked(), existing.settings.code
    return asked | {
        "workers": request.asked()["workers"],
        "folds": existing.settings.folds,  # others are computed besides
        "code": code if set(code) <= set(asked["code"]) else asked["code"],  # more of either is for more columns
        "plug_ins": {name: of for name, of in asked.get("plug_ins", {}).items() if name in existing.settings.plug_ins},
    }


def has_more(together: Request, request: Request) -> bool:
    """Whether a grown request has columns, seeds, fractions, folds or rows that ``request`` lacks."""
    return (
        len(together.columns) > len(request.columns)
        or not {*together.seeds} <= {*request.seeds}
        or not {*together.fractions} <= {*request.fractions}
        or (together.fold, together.adapt) != (request.fold, request.adapt)
    )


def grown_sweeps(request: Request, existing: Sequence[Sweep]) -> tuple[Sweep, ...]:
    """The sweeps asked for, each with the values that are there besides; then the others that are.

    A sweep all of whose columns are asked for, and not as a sweep, is none any more.
    """
    there = {(sweep.column, sweep.key): sweep for sweep in existing}
    sweeps = []
    for sweep in request.sweeps:
        before = there.pop((sweep.column, sweep.key), sweep)
        values = in_order(sweep.values, before.values, lambda value: value.column)
        sweeps.append(sweep.model_copy(update={"values": values}))
    names = {column.name for column in request.columns}
    others = (sweep for sweep in there.values() if not names.issuperset(value.column for value in sweep.values))
    return (*sweeps, *others)


def in_order(asked: Sequence[T], there: Sequence[T], name: Callable[[T], str]) -> list[T]:
    """What is asked for and what is there, once each by name: as asked for if that is all, otherwise new ones last.

    >>> in_order("ba", "ab", str), in_order("cb", "ab", str)
    (['b', 'a'], ['a', 'b', 'c'])
    """
    wanted, had = ({name(one): one for one in some} for some in (asked, there))
    together = wanted if had.keys() <= wanted.keys() else had | wanted
    return list(together.values())
