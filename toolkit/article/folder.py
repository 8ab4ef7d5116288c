"""The reproduction's folder: the request, each experiment once finished, the whole result, and the page."""

import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from toolkit.article.experiments import Experiment
from toolkit.article.results import Reproduction, Result
from toolkit.comparison.folder import refuse_foreign
from toolkit.config import first_difference
from toolkit.errors import InputError
from toolkit.files import write_file

ASKED, FOUND, PAGE, EXPERIMENTS = "article.toml", "reproduction.json", "index.html", "experiments"


def take(folder: Path, asked: dict[str, Any]) -> None:
    """Claim the folder, inside its lock: a new one, or one with the same settings.

    Raises InputError if it holds different settings, naming the first difference, or something else.
    """
    file = folder / ASKED
    refuse_foreign(folder, ASKED, "reproduction")
    if file.is_file():
        refuse_others(folder, asked)
    else:
        write_file(file, tomli_w.dumps(asked))


def refuse_others(folder: Path, asked: dict[str, Any]) -> None:
    """Raise InputError if the folder's settings differ, naming the first difference, or cannot be read."""
    try:
        before = tomllib.loads((folder / ASKED).read_text("utf-8"))
    except ValueError as error:  # not TOML, or not UTF-8
        raise InputError(f"{folder / ASKED} is damaged: {error}; choose another folder with --out.") from error
    if differs := first_difference(before, asked):
        raise InputError(f"{folder} holds another reproduction: {differs}; choose another folder with --out.")


def kept(folder: Path, experiment: Experiment) -> Result | None:
    """The experiment's result if the folder has it, made by the same recipe; otherwise None."""
    file = folder / EXPERIMENTS / f"{experiment.name}.json"
    try:
        result = Result.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):  # absent, or written by another version of this program
        return None
    return result.model_copy(update={"title": experiment.title}) if result.recipe == experiment.recipe else None


def keep(folder: Path, result: Result) -> None:
    """Write an experiment's result, so it need not be repeated."""
    (folder / EXPERIMENTS).mkdir(exist_ok=True)
    write_file(folder / EXPERIMENTS / f"{result.name}.json", result.model_dump_json(indent=1))


def finish(folder: Path, reproduction: Reproduction, page: str) -> None:
    """Write the whole result and its page."""
    write_file(folder / FOUND, reproduction.model_dump_json(indent=1))
    write_file(folder / PAGE, page)
