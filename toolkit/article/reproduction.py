"""The whole reproduction: every experiment is trained, measured and saved, then the page is rendered."""

import math
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from pydantic import ValidationError

from toolkit.article.article_text import SAMPLE_CHARACTERS, ArticleText, Passages
from toolkit.article.experiments import Experiment, Moment, Reproduction, Result, experiments
from toolkit.article.network import Model, Reader, Training
from toolkit.article.page import render
from toolkit.config import first_difference
from toolkit.environment import machine, versions
from toolkit.errors import InputError
from toolkit.files import ANOTHER, locked, refuse_foreign, write_file
from toolkit.results.record import PAGE
from toolkit.results.text import duration, percent
from toolkit.text.corpus import Corpus

REPRODUCTION = "article.toml"  # the settings of a reproduction
MOMENTS = (1 / 64, 1 / 8, 1 / 2, 1)  # shares of the characters read after which samples are saved
WRITTEN_CHARACTERS = 900  # after each of at most 64 prompts: about 10,000 words in all

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
        stored = folder / REPRODUCTION
        if not stored.exists():
            write_file(stored, tomli_w.dumps(settings))
        elif difference := first_difference(tomllib.loads(stored.read_text("utf-8")), settings):
            raise InputError(f"{folder} holds another reproduction: {difference}; {ANOTHER}.")
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
            results=_load_or_run(plan, article_text, characters, folder / "experiments", say),
        )
        write_file(folder / "reproduction.json", reproduction.model_dump_json(indent=1))
        write_file(folder / PAGE, render(reproduction))
    return reproduction


def _load_or_run(plan: list[Experiment], text: ArticleText, characters: int, folder: Path, say: Say) -> list[Result]:
    """Load the experiments that the folder has. Run the missing ones and save each as soon as it is finished."""
    folder.mkdir(exist_ok=True)
    results = {experiment.name: _load(folder, experiment) for experiment in plan}
    missing = [experiment for experiment in plan if results[experiment.name] is None]
    if len(missing) < len(plan):
        say(f"{len(plan) - len(missing)} of {len(plan)} experiments are already done")
    start = time.monotonic()
    for number, experiment in enumerate(missing, 1):
        say(f"Experiment {number} of {len(missing)}: {experiment.title}")
        record = results[experiment.name] = _run(experiment, text, characters)
        write_file(folder / f"{record.name}.json", record.model_dump_json(indent=1))
        left = (time.monotonic() - start) / number * (len(missing) - number)
        say(f"  {percent(record.accuracy)} of the held-out characters right; {duration(left)} left")
    return [record for record in results.values() if record is not None]


def _load(folder: Path, experiment: Experiment) -> Result | None:
    """Return None if the folder has no result of the experiment's recipe."""
    try:
        saved = Result.model_validate_json((folder / f"{experiment.name}.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return saved if saved.recipe == experiment.recipe else None


def _run(experiment: Experiment, article_text: ArticleText, budget: int) -> Result:
    """Train an experiment on ``budget`` characters and measure it."""
    recipe, passages, decode = experiment.recipe, article_text.passages, article_text.alphabet.decode
    model = Model(recipe, len(article_text.alphabet.characters))
    training, reader = Training(model, article_text.training_ids), Reader(model)
    moments = []
    for share in MOMENTS:
        training.run_to(round(share * budget))
        length = WRITTEN_CHARACTERS if share == MOMENTS[-1] else SAMPLE_CHARACTERS
        answers, held_out = reader.answers(passages)
        texts = {
            "answers": decode(answers),
            "likeliest": decode(reader.write(passages.prompts, length)),
            "drawn": decode(reader.write(passages.prompts, length, np.random.default_rng([recipe.seed, 0xD4]))),
        }
        moments.append(
            Moment(
                characters_read=training.characters_read,
                updates=training.updates,
                seconds=training.seconds,
                held_out=held_out,
                texts={kind: rows[0][:SAMPLE_CHARACTERS] for kind, rows in texts.items()},
            )
        )
    recalled, scores = reader.answers(Passages(article_text.training_ids[: recipe.characters]))
    texts["recalled"] = decode(recalled)
    return Result(
        **dict(experiment),
        parameters=sum(math.prod(variable.shape) for variable in model.variables),
        training=scores,
        recalled=texts["recalled"][0][:SAMPLE_CHARACTERS],
        moments=moments,
        counts={kind: article_text.counts(rows) for kind, rows in texts.items()},
    )
