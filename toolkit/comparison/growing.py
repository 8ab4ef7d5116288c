"""A comparison grows: what is asked for is added to the columns, seeds and fractions that its folder has, which stay.

A folder goes on if the cells that it has would have the same numbers: if what is asked for, of these cells alone, is
what compare.toml says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from toolkit.comparison.folder import ASKED, COMPARISON
from toolkit.comparison.request import Request
from toolkit.config import LENGTHS
from toolkit.errors import InputError
from toolkit.out_folder import asked_before
from toolkit.results.comparison import FOUND, UNREADABLE, Comparison
from toolkit.results.rows import MIXTURE
from toolkit.results.sweeps import Sweep
from toolkit.runs.columns import Column, parse_columns
from toolkit.runs.spec import package_of
from toolkit.text.corpus import characters
from toolkit.text.folds import ONE, USUAL, Fold

T = TypeVar("T")


def saved_comparison(folder: Path) -> Comparison | None:
    """The folder's comparison.json; None if there is none, if it is damaged, or if a newer version wrote it."""
    try:
        return Comparison.load(folder / FOUND)
    except (FileNotFoundError, *UNREADABLE):
        return None


def grown(folder: Path, request: Request) -> Request:
    """The request with what else the folder has, which stays: columns, seeds, fractions, sweeps, rows that learn, and
    folds if the first is the split that is asked for.

    Columns and the values of sweeps have the order of ``in_order``, seeds and fractions ascend. Where the clock
    decides, no more cells are computed at once than were there, so that all get the same.
    Raises InputError if compare.toml is damaged, or a column there needs what is not installed.
    """
    there, saved = settings_there(folder), saved_comparison(folder)
    columns = in_order(request.columns, columns_there(folder, there), lambda column: column.name)
    refuse_one_run_for_two(folder, columns)
    asked = [row for row in saved.rows if row.kind != MIXTURE] if saved else []  # mixtures learn in any case
    rates = [row.rate for row in asked if row.rate is not None]
    together = replace(
        request,
        columns=columns,
        seeds=tuple(sorted({*request.seeds, *listed(folder, there, "seeds", int)})),
        fractions=tuple(sorted({*request.fractions, *fractions_there(folder, there)})),
        sweeps=grown_sweeps(request, saved.sweeps if saved else []),
        adapt=rates[0] if request.adapt is None and rates else request.adapt,
        fold=Fold(1, USUAL) if request.fold == ONE and there.get("folds") == USUAL else request.fold,
    )
    together.check_names()
    if len(columns) > len(there["tokenizers"]) or set(together.fractions) > set(fractions_there(folder, there)):
        together.check_rarity()  # cells that are there stay
    if saved:
        refuse_other_texts(folder, saved, together)
    if saved and also_there(request, together):
        together = replace(together, command=with_command(saved.command, request.command))
    at_once = there.get("workers", 1)
    return replace(together, workers=at_once) if together.by_clock and at_once <= request.workers else together


def refuse_other_texts(folder: Path, saved: Comparison, together: Request) -> None:
    """Raises InputError if a fraction has another text there: older versions cut a single one at other places."""
    for there in saved.corpus.fractions:
        here = characters(together.splits[there.fraction].train)
        if here != there.characters:
            raise InputError(
                f"In {folder} {there.fraction:g} of the training text has {there.characters:,} characters, because an "
                f"older version cut it; now it has {here:,}. Choose another folder with --out."
            )


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


def of_cells_there(folder: Path, request: Request) -> dict[str, Any]:
    """What a grown request asks for, as in compare.toml, of the cells that the folder has."""
    there = settings_there(folder)
    by_name = {column.name: column for column in request.columns}
    cells = replace(
        request,
        columns=[by_name[column.name] for column in columns_there(folder, there)],
        seeds=listed(folder, there, "seeds", int),
        fractions=fractions_there(folder, there),
    )
    asked, code, plug_ins = cells.asked(), there.get("code", []), there.get("plug_ins", {})
    return asked | {
        "workers": request.asked()["workers"],
        "folds": there.get("folds"),  # others are computed besides
        "code": code if set(code) <= set(asked["code"]) else asked["code"],  # more of either is for more columns
        "plug_ins": {name: of for name, of in asked.get("plug_ins", {}).items() if name in plug_ins},
    }


def also_there(request: Request, together: Request) -> str:
    """What a grown request has that was not asked for, in words; nothing if all was asked for."""
    names = {column.name for column in request.columns}
    others = {
        "the column": [column.name for column in together.columns if column.name not in names],
        "the seed": [str(seed) for seed in together.seeds if seed not in request.seeds],
        "the fraction": [f"{fraction:g}" for fraction in together.fractions if fraction not in request.fractions],
        "the folds up to": [str(together.fold.of)] if together.fold != request.fold else [],
        "rows that learn at": [f"{together.adapt:g}"] if request.adapt is None and together.adapt is not None else [],
    }
    return " and ".join(
        f"{what}{'s' if len(values) > 1 else ''} {', '.join(values)}" for what, values in others.items() if values
    )


def rates_that_give_way(folder: Path, request: Request) -> list[float]:
    """The rates of rows in the folder that go on learning, if another one is asked for: a comparison has one."""
    saved = saved_comparison(folder)
    there = {row.rate for row in saved.rows if row.kind != MIXTURE and row.rate is not None} if saved else set()
    return [] if request.adapt is None else sorted(there - {request.adapt})


def grown_sweeps(request: Request, saved: Sequence[Sweep]) -> tuple[Sweep, ...]:
    """The sweeps asked for, each with the values that the folder has besides; then the others that it has.

    A sweep all of whose columns are asked for, and not as a sweep, is none any more.
    """
    there = {(sweep.column, sweep.key): sweep.asked for sweep in saved}
    sweeps = []
    for sweep in request.sweeps:
        before = there.pop((sweep.column, sweep.key), sweep)
        points = in_order(sweep.points, before.points, lambda point: point.column)
        sweeps.append(sweep.model_copy(update={"points": points}))
    names = {column.name for column in request.columns}
    others = (sweep for sweep in there.values() if not names.issuperset(point.column for point in sweep.points))
    return (*sweeps, *others)


def in_order(asked: Sequence[T], there: Sequence[T], name: Callable[[T], str]) -> list[T]:
    """What is asked for and what is there, once each by name: as asked for if that is all, otherwise new ones last.

    >>> in_order("ba", "ab", str), in_order("cb", "ab", str)
    (['b', 'a'], ['a', 'b', 'c'])
    """
    wanted, had = ({name(one): one for one in some} for some in (asked, there))
    together = wanted if had.keys() <= wanted.keys() else had | wanted
    return list(together.values())


def settings_there(folder: Path) -> dict[str, Any]:
    """What compare.toml says. Raises InputError if it is damaged."""
    there = asked_before(folder, COMPARISON)
    for key, kind in {"workers": int, "plug_ins": dict, "train": dict, "samples": dict}.items():
        if key in there and not isinstance(there[key], kind):
            raise damaged(folder, key, there[key])
    if there.get("code"):
        listed(folder, there, "code", str)
    if "continued" in there:
        listed(folder, there, "continued", float, int)
    for key in LENGTHS:
        if type(length := there.get("train", {}).get(key, 0)) not in (float, int):
            raise damaged(folder, f"train.{key}", length)
    return there


def columns_there(folder: Path, there: dict[str, Any]) -> list[Column]:
    """The columns of compare.toml. Raises InputError if it is damaged, or if one needs what is not installed."""
    names = listed(folder, there, "tokenizers", str)
    try:
        return parse_columns(names, there.get("columns", {}))
    except InputError as error:
        if not (packages := {package_of(installed) for installed in there.get("plug_ins", {}).values()}):
            raise
        made_with = " and ".join(sorted(packages))
        raise InputError(f"{error} {folder} was made with the package {made_with}; install that again.") from error


def fractions_there(folder: Path, there: dict[str, Any]) -> list[float]:
    """The fractions of compare.toml, which has none if there is only the whole."""
    return listed(folder, there, "fractions", float, int) if "fractions" in there else [1.0]


def listed(folder: Path, there: dict[str, Any], key: str, *kinds: type) -> list[Any]:
    """A list in compare.toml. Raises InputError if it is not there or has something else in it."""
    values = there.get(key)
    if not isinstance(values, list) or not values or any(type(value) not in kinds for value in values):
        raise damaged(folder, key, values)
    return values


def damaged(folder: Path, key: str, value: object) -> InputError:
    """What is wrong with compare.toml if a key cannot have such a value."""
    return InputError(f"{folder / ASKED} is damaged: {key} is {value!r}; {COMPARISON.if_damaged}.")
