"""The whole reproduction: every experiment trained, measured and saved, and the page that tells the story."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit.article.article_text import ArticleText
from toolkit.article.experiments import Experiment, experiments
from toolkit.article.folder import REPRODUCTION, finish, keep, kept
from toolkit.article.page import render
from toolkit.article.recipe import CHARACTERS
from toolkit.article.results import Reproduction, Result
from toolkit.article.trial import run
from toolkit.environment import machine, versions
from toolkit.out_folder import locked, refuse_foreign, take
from toolkit.text.corpus import Corpus


@dataclass(frozen=True)
class Request:
    """What to reproduce the article on, and how long."""

    corpus: Corpus
    characters: int = CHARACTERS
    seed: int = 0
    split_seed: int = 0
    command: str = ""

    def asked(self) -> dict[str, Any]:
        """Everything that determines the numbers."""
        return {
            "corpus": {"name": self.corpus.name, "sha256": self.corpus.sha256, "split_seed": self.split_seed},
            "characters": self.characters,
            "seed": self.seed,
        }


def run_or_read(
    wanted: Sequence[Experiment], article_text: ArticleText, budget: int, folder: Path, say: Callable[[str], None]
) -> list[Result]:
    """The results of all experiments: those in the folder, and the missing ones, each saved as soon as it is ready."""
    results = {experiment.name: kept(folder, experiment) for experiment in wanted}
    missing = [experiment for experiment in wanted if results[experiment.name] is None]
    if ready := len(wanted) - len(missing):
        say(f"{ready} of {len(wanted)} experiments are already done")
    start = time.monotonic()
    for number, experiment in enumerate(missing, 1):
        say(f"Experiment {number} of {len(missing)}: {experiment.title}")
        result = results[experiment.name] = run(experiment, article_text, budget)
        keep(folder, result)
        left = (time.monotonic() - start) / number * (len(missing) - number)
        right = f"{result.held_out.accuracy:.1%} of the held-out characters right"
        say(f"  {right} after {result.seconds:.0f} s of training; {left / 60:.1f} minutes left")
    return [result for result in results.values() if result is not None]


def reproduce(request: Request, folder: Path, say: Callable[[str], None]) -> Reproduction:
    """Run every experiment and write the page; experiments already in the folder are not repeated.

    ``say`` is told of every step. Raises InputError if the folder is in use or holds something else, or if the corpus
    is too short.
    """
    article_text = ArticleText(request.corpus, request.split_seed)
    wanted = experiments(len(article_text.training), request.characters, request.seed)
    refuse_foreign(folder, REPRODUCTION)
    with locked(folder):
        take(folder, request.asked(), REPRODUCTION)
        results = run_or_read(wanted, article_text, request.characters, folder, say)
        reproduction = Reproduction(
            command=request.command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions(),
            machine=machine(),
            seed=request.seed,
            split_seed=request.split_seed,
            characters=request.characters,
            text=article_text.facts(),
            results=results,
        )
        finish(folder, reproduction, render(reproduction))
    return reproduction
