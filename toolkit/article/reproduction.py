"""The whole reproduction: every experiment is trained, measured and saved, then the page is rendered."""

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from markupsafe import Markup
from pydantic import ValidationError

from toolkit.article.article_text import SAMPLE_CHARACTERS, ArticleText, Passages
from toolkit.article.experiments import TEMPLATES, Experiment, Moment, Reproduction, Result, experiments
from toolkit.article.network import Model, Training
from toolkit.config import first_difference
from toolkit.environment import provenance
from toolkit.errors import InputError
from toolkit.files import ANOTHER, locked, refuse_foreign, write_file
from toolkit.report.page import environment, frame
from toolkit.results.record import PAGE
from toolkit.results.text import percent
from toolkit.text.corpus import Corpus

MIN_MARGIN = 0.01  # of accuracy: smaller differences count as none, however little two seeds differ
MEMORY_MARGIN = 0.1  # of accuracy on the training text above accuracy on held-out text
REPRODUCTION = "article.toml"  # the settings of a reproduction
MOMENTS = (1 / 64, 1 / 8, 1 / 2, 1)  # shares of the characters read after which samples are saved
WRITTEN_CHARACTERS = 900  # after each of at most 64 prompts: about 10,000 words in all

Say = Callable[[str], None]


def reproduce(
    corpus: Corpus, folder: Path, say: Say, *, characters: int, seed: int, command: str
) -> Reproduction:
    """Run every experiment that the folder lacks, and write reproduction.json and the page.

    Each experiment reads ``characters`` of the training text. ``say`` is called with a line about each step.

    Raises:
        InputError: the folder is in use, holds something else or has other settings, or the corpus is too short.
    """
    settings: dict[str, Any] = {
        "corpus": {"name": corpus.name, "sha256": corpus.sha256},
        "characters": characters,
        "seed": seed,
    }
    article_text = ArticleText(corpus)
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
            **provenance({}),
            seed=seed,
            characters=characters,
            text=article_text.record(),
            results=_load_or_run(plan, article_text, characters, folder / "experiments", say),
        )
        write_file(folder / "reproduction.json", reproduction.model_dump_json(indent=1))
        write_file(folder / PAGE, render(reproduction))
    return reproduction


def _load_or_run(
    plan: list[Experiment], text: ArticleText, characters: int, folder: Path, say: Say
) -> list[Result]:
    """Load the experiments that the folder has. Run the missing ones and save each as soon as it is finished."""
    folder.mkdir(exist_ok=True)
    results = []
    for number, experiment in enumerate(plan, 1):
        file = folder / f"{experiment.name}.json"
        try:
            result = Result.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValidationError):
            result = None
        if result is None or result.recipe != experiment.recipe:
            say(f"Experiment {number} of {len(plan)}: {experiment.title}")
            result = _run(experiment, text, characters)
            write_file(file, result.model_dump_json(indent=1))
            say(f"  {percent(result.accuracy)} of the held-out characters right")
        results.append(result)
    return results


def _run(experiment: Experiment, article_text: ArticleText, budget: int) -> Result:
    """Train an experiment on ``budget`` characters and measure it."""
    recipe, passages, decode = experiment.recipe, article_text.passages, article_text.alphabet.decode
    model = Model(recipe, len(article_text.alphabet.characters))
    training = Training(model, article_text.training_ids)
    moments = []
    for share in MOMENTS:
        training.run_to(round(share * budget))
        length = WRITTEN_CHARACTERS if share == MOMENTS[-1] else SAMPLE_CHARACTERS
        answers, held_out = model.answers(passages)
        texts = {
            "answers": decode(answers),
            "likeliest": decode(model.write(passages.prompts, length)),
            "drawn": decode(model.write(passages.prompts, length, np.random.default_rng([recipe.seed, 0xD4]))),
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
    recalled, scores = model.answers(Passages(article_text.training_ids[: recipe.characters]))
    texts["recalled"] = decode(recalled)
    return Result(
        **dict(experiment),
        parameters=sum(math.prod(variable.shape) for variable in model.variables),
        training=scores,
        recalled=texts["recalled"][0][:SAMPLE_CHARACTERS],
        moments=moments,
        counts={kind: article_text.counts(rows) for kind, rows in texts.items()},
    )


class Figures:
    """The decisions that a reproduction supports.

    ``constant_answer`` is the most common character, for readers.
    ``margin`` is the difference in accuracy below which two networks count as equal: twice the difference of two seeds.
    ``first_learned``: the first network, as the article describes it, beats the constant answer.
    ``repairs_help``: the repaired network beats both the first network and the constant answer.
    ``memorised``: the network with the short text knows it much better than held-out text.
    """

    def __init__(self, reproduction: Reproduction) -> None:
        self.reproduction = reproduction
        character = reproduction.text.chance.most_common
        self.constant_answer = "a space" if character == " " else f"“{character}”"
        self.margin = max(
            MIN_MARGIN, 2 * abs(reproduction["repaired"].accuracy - reproduction["other-seed"].accuracy)
        )
        self.first_learned = self.beats_constant("network-1")
        self.repairs_help = self.effect("repaired", "network-1") == "higher" and self.beats_constant("repaired")
        short = reproduction["short-text"]
        self.memorised = short.training.accuracy > short.accuracy + MEMORY_MARGIN

    def beats_constant(self, name: str) -> bool:
        """Return whether a network predicts more than always answering the most common character."""
        return self.reproduction[name].accuracy > self.reproduction.text.chance.accuracy + self.margin

    def effect(self, name: str, reference: str) -> str:
        """Return "higher", "lower" or "none": the accuracy of a network compared with a reference."""
        lead = self.reproduction[name].accuracy - self.reproduction[reference].accuracy
        return "none" if abs(lead) < self.margin else "higher" if lead > 0 else "lower"


def answer(reproduction: Reproduction) -> str:
    """Return the answer to the article's question, as text for a terminal."""
    template = environment(TEMPLATES).get_template("answer.html.j2")
    return Markup(template.render(reproduction=reproduction, figures=Figures(reproduction))).striptags()


def render(reproduction: Reproduction) -> str:
    """Return the page; all texts of the corpus and the networks are escaped."""
    template = environment(TEMPLATES).get_template("article.html.j2")
    return template.render(reproduction=reproduction, figures=Figures(reproduction), **frame({}))
