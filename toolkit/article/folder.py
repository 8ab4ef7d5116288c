"""The reproduction's folder: each experiment once finished, the whole result, and the page."""

from pathlib import Path

from pydantic import ValidationError

from toolkit.article.experiments import Experiment
from toolkit.article.results import Reproduction, Result
from toolkit.files import write_file
from toolkit.out_folder import FolderKind
from toolkit.results.record import PAGE

ASKED, FOUND, EXPERIMENTS = "article.toml", "reproduction.json", "experiments"
REPRODUCTION = FolderKind("reproduction", ASKED)


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
