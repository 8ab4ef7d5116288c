"""A comparison's folder: its settings, its runs and its results."""

import csv
import io
import os
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolkit import out_folder
from toolkit.errors import InputError
from toolkit.files import NEW, left_beside, write_file
from toolkit.out_folder import FolderKind
from toolkit.results.bits import PARTS
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Contrast
from toolkit.results.record import PAGE
from toolkit.runs.folder import RUNS

ASKED, METRICS, CONTRASTS = "compare.toml", "metrics.csv", "contrasts.csv"
TENSORBOARD, ROWS, FOLDS = "tensorboard", "rows", "folds"
MATCHING = "matching.json"  # what --match has decided
JOINED_FROM = "joined"  # in the compare.toml of a joined comparison
SHARED = ".shared-"  # begins the name of a file by which workers are asked whether they see the folder
WRITTEN = (FOUND, PAGE, METRICS, CONTRASTS, MATCHING, ASKED)  # its files, the one that makes a folder ours last
COMPARISON = FolderKind(
    "comparison",
    ASKED,
    f"{out_folder.ANOTHER}, or replace it with --fresh",
)


def take(folder: Path, asked: dict[str, Any], *, fresh: bool, given: Collection[str] = ()) -> None:
    """Make the folder ours, inside its lock: new, emptied (``fresh``), or with the same settings.

    Only a folder with compare.toml is a comparison; in any other, nothing is replaced.
    Raises InputError if it holds other settings, naming the first that differs (of those that were ``given``, if any
    does), something other than a comparison, or a folder of ours that is a link.
    """
    refuse_links(folder)
    if not fresh:
        out_folder.take(folder, asked, COMPARISON, given)
        return
    out_folder.refuse_foreign(folder, COMPARISON)
    remove_comparison(folder)
    out_folder.mark(folder, asked, COMPARISON)


def joined_from(folders: Sequence[Path], out: Path) -> dict[str, Any]:
    """What compare.toml says of a joined comparison: the folders of its parts, as they are found from its own."""
    return {JOINED_FROM: [os.path.relpath(folder, out) for folder in folders]}


def is_joined(folder: Path) -> bool:
    """Whether a folder has a joined comparison; one whose compare.toml cannot be read is not said to have one."""
    with suppress(InputError):
        return COMPARISON.is_in(folder) and JOINED_FROM in out_folder.asked_before(folder, COMPARISON)
    return False


def refuse_joined(folder: Path) -> None:
    """Raises InputError if a folder has a joined comparison: no cell was computed there."""
    if is_joined(folder):
        raise InputError(f"{folder} has a comparison that was joined from others; choose another folder with --out.")


def refuse_links(folder: Path) -> None:
    """Raises InputError if what we write into is a link, as it may be in someone else's folder: it leads outside."""
    for path in (*(folder / name for name in (RUNS, ROWS, TENSORBOARD, FOLDS)), *folds_there(folder)):
        if path.is_symlink():
            raise InputError(f"{path} is a link; remove it, or choose another folder with --out.")


def folds_there(folder: Path) -> list[Path]:
    """The folders of a comparison's later folds."""
    paths = [path for path in (folder / FOLDS).glob("*") if path.name.isdecimal()]
    return [path for path in paths if path.is_symlink() or COMPARISON.is_in(path)]


def remove_comparison(folder: Path) -> None:
    """Remove what a comparison wrote, and nothing else."""
    for path in (*(folder / name for name in (RUNS, ROWS, TENSORBOARD)), *folds_there(folder)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    with suppress(OSError):  # it has something else
        (folder / FOLDS).rmdir()
    for name in WRITTEN:
        (folder / name).unlink(missing_ok=True)


def saved_comparison(folder: Path) -> Comparison | None:
    """Read the folder's comparison.json; None if there is none. Raises InputError as ``Comparison.load`` does."""
    return Comparison.load(folder / FOUND) if (folder / FOUND).exists() else None


def sweep_results(folder: Path) -> None:
    """Remove what processes that were killed left of the folder's own files, inside its lock."""
    half_written = [left for name in WRITTEN for left in left_beside(folder / name, NEW)]
    for left in (*half_written, *folder.glob(f"{SHARED}{8 * '[0-9a-f]'}")):
        left.unlink()


def save(folder: Path, comparison: Comparison) -> None:
    """Write comparison.json, and what spreadsheets and papers need of it: metrics.csv and contrasts.csv."""
    comparison.save(folder / FOUND)
    save_metrics(folder, comparison)
    save_contrasts(folder, comparison)


def write_page(folder: Path, comparison: Comparison) -> None:
    """Write the page of a comparison into its folder."""
    from toolkit.report import render

    write_file(folder / PAGE, render(comparison))


def save_contrasts(folder: Path, comparison: Comparison) -> None:
    """contrasts.csv: a row per contrast, under the names and with the numbers of comparison.json.

    The first column says what it is of: without folds, of the comparison; otherwise of all folds, or of the first.
    """
    found = {"comparison": comparison.contrasts}
    if comparison.folds is not None:
        found = {"all folds": comparison.folds.contrasts, "fold 1": comparison.contrasts}
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, ["of", *Contrast.model_fields])
    writer.writeheader()
    for of, contrasts in found.items():
        writer.writerows({"of": of} | contrast.model_dump() for contrast in contrasts)
    write_file(folder / CONTRASTS, table.getvalue())


def save_metrics(folder: Path, comparison: Comparison) -> None:
    """metrics.csv: a row per finished cell, with its main numbers and the measures of its samples, if it has any."""
    measures = [cell.generated.measures if cell.generated else {} for cell in comparison.done]
    names = list(dict.fromkeys(name for of_cell in measures for name in of_cell))
    noises = list(dict.fromkeys(noise.key for cell in comparison.done for noise in cell.noise))
    numbers = ("total", *PARTS)
    others = ("perplexity_per_token", "word_perplexity", "tokens", "vocabulary_size", "parameters", "train_seconds")
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(
        ["column", "fraction", "seed", *(f"bits_per_character_{n}" for n in numbers), *others, *noises, *names]
    )
    for cell, measured in zip(comparison.done, measures, strict=True):
        extra = {noise.key: noise.extra for noise in cell.noise}
        writer.writerow(
            [cell.column, cell.fraction, cell.seed]
            + [getattr(cell.bits_per_character, number) for number in numbers]
            + [getattr(cell, other) for other in others]
            + [extra.get(key) for key in noises]
            + [measured[name].value if name in measured else "" for name in names]
        )
    write_file(folder / METRICS, table.getvalue())
