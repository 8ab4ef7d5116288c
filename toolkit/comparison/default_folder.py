"""The folder of a comparison for which none is named: its name tells corpora, columns and settings apart."""

from collections.abc import Sequence
from glob import escape
from itertools import chain, count
from pathlib import Path

from toolkit.comparison.existing import Existing
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.request import Request
from toolkit.comparison.stages import cells_there
from toolkit.config import differing, flat
from toolkit.errors import InputError
from toolkit.out_folder import as_written
from toolkit.runs.columns import slug

REPORTS = Path("reports")  # where folders are made unless ``out`` names another
TEXT, CODE = "corpus.sha256", ("code", "plug_ins", "files")  # no settings: a change of these is refused
LONGEST = 40  # characters of a setting in a name


def default_folder(request: Request) -> Path:
    """``reports/CORPUS--COLUMNS``, or if that has other settings, the folder beside it that has these, or a new one.

    A new one is called after the first setting that differs, of those that were given if there are any.
    """
    plain = REPORTS / f"{request.corpus.name}--{columns_in_short(request)}"
    others = other_settings(plain, request)
    if not others:
        return plain
    beside = sorted(REPORTS.glob(f"{escape(plain.name)}--*"))
    same = next((folder for folder in beside if other_settings(folder, request) == []), None)
    return same or new_folder(plain, request, others)


def folders_beside(request: Request) -> list[Path]:
    """The default folders of comparisons of the request's corpus."""
    return sorted(REPORTS.glob(f"{escape(request.corpus.name)}--*"))


def new_folder(plain: Path, request: Request, others: Sequence[str]) -> Path:
    """A folder that does not exist yet, called after one of these settings."""
    key = next((key for key in others if key in flat(request.overrides)), others[0])
    value = flat(as_written(request.asked())).get(key)
    setting = key.rpartition(".")[2]
    named = plain.with_name(
        f"{plain.name}--{slug(f'no-{setting}' if value is None else f'{setting}-{value}')[:LONGEST]}"
    )
    names = chain([named], (named.with_name(f"{named.name}-{number}") for number in count(2)))
    return next(folder for folder in names if not folder.exists())


def other_settings(folder: Path, request: Request) -> list[str] | None:
    """The settings in which a comparison's folder differs; None if it has no comparison, or one of another text.

    What is wrong with such a folder, or with one that cannot be read, is said when it is taken.
    """
    if not COMPARISON.is_in(folder):
        return None
    try:
        existing = Existing.load(folder)
        keys = differing(existing.asked, as_written(cells_there(existing, request)))
    except InputError:
        return None
    if TEXT in keys:  # on which settings that were not given depend
        return None
    length = f"train.{request.settings.train.counted_in}"
    return [length if key == "continued" else key for key in keys if key.partition(".")[0] not in CODE]


def columns_in_short(request: Request) -> str:
    """The columns in the name of a folder; those of a sweep together as the column and the setting."""
    swept = {
        point.column: slug(f"{sweep.column}-{sweep.key.rpartition('.')[2]}")
        for sweep in request.sweeps
        for point in sweep.values
    }
    return "-".join(dict.fromkeys(swept.get(column.name, column.slug) for column in request.columns))
