"""A comparison's folder: what was asked for, the lock, and what was found."""

import csv
import fcntl
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from toolkit.config import first_difference
from toolkit.errors import InputError
from toolkit.files import write_file
from toolkit.results import PARTS, Comparison

ASKED, FOUND, PAGE, METRICS, LOCK, RUNS = "compare.toml", "comparison.json", "index.html", "metrics.csv", "lock", "runs"
TENSORBOARD = "tensorboard"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: the kernel's, so that a process that died holds none.

    Raises InputError where another process holds it or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; choose another folder with --out.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"Another process works in {folder}; wait for it, or choose another folder with --out."
            ) from error
        except OSError as error:
            raise InputError(
                f"{folder} cannot be locked: {error.strerror}; choose a folder on another disk with --out."
            ) from error
        yield


def refuse_foreign(folder: Path, mark: str, what: str) -> None:
    """Raises InputError where a folder has something in it, but not the file that marks it as ours.

    What writing that file leaves where the process is killed is ours, too.
    """
    if not folder.is_dir() or (folder / mark).is_file():
        return
    names = sorted(path.name for path in folder.iterdir())
    if others := [name for name in names if name != LOCK and not name.startswith(f".{mark}.")]:
        raise InputError(f"{folder} is no {what}, and has {others[0]} in it; choose an empty folder with --out.")


def take(folder: Path, asked: dict[str, Any], *, fresh: bool) -> None:
    """Make the folder ours, inside its lock: new, emptied (``fresh``), or with the same settings.

    Only a folder with compare.toml is a comparison; in any other, nothing is replaced.
    Raises InputError where it holds other settings, naming the first that differs, or something that is no comparison.
    """
    refuse_foreign(folder, ASKED, "comparison")
    file = folder / ASKED
    if file.is_file() and not fresh:
        refuse_others(folder, asked)
        return
    if fresh:
        remove_comparison(folder)
    write_file(file, tomli_w.dumps(without_none(asked)))


def remove_comparison(folder: Path) -> None:
    """Remove what a comparison wrote, and nothing else."""
    for name in (RUNS, TENSORBOARD):
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in (FOUND, PAGE, METRICS, ASKED):
        (folder / name).unlink(missing_ok=True)


def refuse_others(folder: Path, asked: dict[str, Any]) -> None:
    """Raises InputError where the folder's settings are others, naming the first that differs, or cannot be read."""
    try:
        before = tomllib.loads((folder / ASKED).read_text("utf-8"))
    except ValueError as error:  # no TOML, or no UTF-8
        raise InputError(f"{folder / ASKED} is damaged: {error}; replace the comparison with --fresh.") from error
    if differs := first_difference(before, tomllib.loads(tomli_w.dumps(without_none(asked)))):
        raise InputError(
            f"{folder} holds another comparison: {differs}; choose another folder with --out, or replace it with "
            f"--fresh."
        )


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Nested values without those that are None, which TOML cannot say.

    >>> without_none({"a": None, "b": {"c": None, "d": 1}})
    {'b': {'d': 1}}
    """
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }


def save_metrics(folder: Path, comparison: Comparison) -> None:
    """metrics.csv: a row per finished cell, its main numbers and the measures of what it wrote."""
    names = list(dict.fromkeys(name for cell in comparison.done for name in cell.generated.measures))
    with (folder / METRICS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        numbers = ("total", *PARTS)
        others = ("perplexity_per_token", "word_perplexity", "tokens", "vocabulary_size", "parameters", "train_seconds")
        writer.writerow(["column", "seed", *(f"bits_per_character_{n}" for n in numbers), *others, *names])
        for cell in comparison.done:
            writer.writerow(
                [cell.column, cell.seed]
                + [getattr(cell.bits_per_character, number) for number in numbers]
                + [getattr(cell, other) for other in others]
                + [cell.generated.measures[name].value if name in cell.generated.measures else "" for name in names]
            )
