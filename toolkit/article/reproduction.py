"""The whole reproduction: every experiment is trained, measured and saved, then the page is rendered."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toolkit.article.article_text import ArticleText
from toolkit.article.experiments import Experiment, experiments
from toolkit.article.page import render
from toolkit.article.results import Reproduction, Result
from toolkit.article.trial import run
from toolkit.environment import machine, versions
from toolkit.files import write_file
from toolkit.out_folder import FolderKind, locked, refuse_foreign, take
from toolkit.results.record import PAGE
from toolkit.results.text import duration, percent
from toolkit.text.corpus import Corpus

REPRODUCTION = FolderKind("reproduction", "article.toml")
Say = Callable[[str], None]


def reproduce(
    corpus: Corpus, folder: Path, say: Say, *, characters: int, seed: int, split_seed: int, command: str
) -> Reproduction:
    """Run every experiment that the folder lacks, and write reproduction.json and the page.

    Each experiment reads ``characters`` of the training text. ``say`` is called with a line about each step.

    Raises:
        InputError: the folder is in use, holds something else or has other settings, or the corpus is too short.
    """
    settings: dict[str, Any] = {
        "corpus": {"name": corpus.name, "sha256": corpus.sha256, "split_seed": split_seed},
        "characters": characters,
        "seed": seed,
    }
    article_text = ArticleText(corpus, split_seed)
    refuse_foreign(folder, REPRODUCTION)
    with locked(folder):
        take(folder, settings, REPRODUCTION)
        plan = experiments(len(article_text.training), characters, seed)
        reproduction = Reproduction(
            command=command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions(),
            machine=machine(),
            seed=seed,
            split_seed=split_seed,
            characters=characters,
            text=article_text.record(),
            results=load_or_run(plan, article_text, characters, folder / "experiments", say),
        )
        write_file(folder / "reproduction.json", reproduction.model_dump_json(indent=1))
        write_file(folder / PAGE, render(reproduction))
    return reproduction


def load_or_run(
    plan: list[Experiment], article_text: ArticleText, characters: int, folder: Path, say: Say
) -> list[Result]:
    """Load the experiments that the folder has. Run the missing ones and save each as soon as it is finished."""
    folder.mkdir(exist_ok=True)
    results = {experiment.name: load_result(folder, experiment) for experiment in plan}
    missing = [experiment for experiment in plan if results[experiment.name] is None]
    if len(missing) < len(plan):
        say(f"{len(plan) - len(missing)} of {len(plan)} experiments are already done")
    start = time.monotonic()
    for number, experiment in enumerate(missing, 1):
        say(f"Experiment {number} of {len(missing)}: {experiment.title}")
        result = results[experiment.name] = run(experiment, article_text, characters)
        write_file(folder / f"{result.name}.json", result.model_dump_json(indent=1))
        left = (time.monotonic() - start) / number * (len(missing) - number)
        say(f"  {percent(result.accuracy)} of the held-out characters right; {duration(left)} left")
    return [result for result in results.values() if result is not None]


def load_result(folder: Path, experiment: Experiment) -> Result | None:
    """Load an experiment's result, or return None if the folder has no result of this recipe."""
    try:
        saved = Result.model_validate_json((folder / f"{experiment.name}.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return saved if saved.recipe == experiment.recipe else None
