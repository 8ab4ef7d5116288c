"""The whole: every experiment trained, measured and kept, and the page that tells the story."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from toolkit.article.alphabet import SPACE, Alphabet, Ids, restricted
from toolkit.article.chance import chance
from toolkit.article.counting import Yardstick, hapaxes
from toolkit.article.experiments import LEAST_CHARACTERS, Experiment, experiments
from toolkit.article.folder import finish, keep, kept, take
from toolkit.article.model import Model
from toolkit.article.page import render
from toolkit.article.reading import Reader
from toolkit.article.recipe import CHARACTERS
from toolkit.article.results import Moment, Reproduction, Result, Text, Texts
from toolkit.article.training import Training
from toolkit.article.windows import LEAD, SPAN, Passages
from toolkit.article.writing import drawn, likeliest, write
from toolkit.corpus import Corpus, Document, Split, split
from toolkit.environment import machine, versions
from toolkit.errors import InputError
from toolkit.folder import locked

MOMENTS = (1 / 64, 1 / 8, 1 / 2, 1)  # shares of the characters that are read, after which samples are kept
SAMPLE = 240  # characters of each text that are kept
WRITTEN = 900  # characters that a network writes after each of at most 64 prompts: some 10,000 words together


class Reporter(Protocol):
    """Who is told how the work goes on."""

    def stage(self, what: str) -> None:
        """A step has begun, or is done."""
        ...


@dataclass(frozen=True)
class Request:
    """What to reproduce the article on, and how long."""

    corpus: Corpus
    characters: int = CHARACTERS
    seed: int = 0
    split_seed: int = 0
    command: str = ""

    def asked(self) -> dict[str, Any]:
        """All that decides the numbers."""
        return {
            "corpus": {"name": self.corpus.name, "sha256": self.corpus.sha256, "split_seed": self.split_seed},
            "characters": self.characters,
            "seed": self.seed,
        }


class Ground:
    """What all experiments share: the text, restricted as the article's was, and what it is measured by.

    Raises InputError where training or held-out documents are too short once they are restricted.
    """

    def __init__(self, request: Request) -> None:
        self.corpus = request.corpus
        self.split: Split = split(request.corpus, request.split_seed)
        self.training = self._part("training", self.split.train, LEAST_CHARACTERS)
        self.held_out = self._part("held-out", self.split.test, LEAD + SPAN)
        self.alphabet = Alphabet.of(self.training)
        self.yardstick = Yardstick(self.training)

    def _part(self, which: str, documents: tuple[Document, ...], least: int) -> str:
        text = SPACE.join(restricted(document.text).strip() for document in documents)
        if len(text) < least:
            raise InputError(
                f"The {which} documents of {self.corpus.name} have {len(text)} characters once restricted to letters, "
                f"digits and a few marks, too few to reproduce the article; give a corpus with at least {least} there."
            )
        return text

    @cached_property
    def training_ids(self) -> Ids:
        """The training text (n,)."""
        return self.alphabet.encode(self.training)

    @cached_property
    def passages(self) -> Passages:
        """The held-out rows that every network is measured on."""
        return Passages.of(self.alphabet.encode(self.held_out))

    def facts(self) -> Text:
        """The text, described."""
        return Text(
            name=self.corpus.name,
            sha256=self.corpus.sha256,
            documents=len(self.corpus.documents),
            characters=self.corpus.characters,
            frequencies=self.frequencies(),
            training_characters=len(self.training),
            held_out_characters=len(self.held_out),
            targets=self.passages.targets.size,
            prompt=self.alphabet.decode(self.passages.prompts[0]),
            beginning=self.alphabet.decode(self.passages.targets[0, :SAMPLE]),
            notes=list(self.split.notes),
            counts=self.yardstick.counts(self.decoded(self.passages.targets)),
            hapaxes=hapaxes(self.corpus.documents),
            chance=chance(self.alphabet, self.training_ids, self.passages),
        )

    def frequencies(self) -> dict[str, float]:
        """The share of each character of the alphabet in the training text, the most common first."""
        counted = Counter(self.training)
        ranked = sorted(self.alphabet.characters, key=lambda character: -counted[character])
        return {character: counted[character] / len(self.training) for character in ranked}

    def decoded(self, rows: Ids) -> list[str]:
        """The text of each row."""
        return [self.alphabet.decode(row) for row in rows]


class Trial:
    """One experiment while it runs."""

    def __init__(self, experiment: Experiment, ground: Ground) -> None:
        self.experiment, self.ground = experiment, ground
        self.model = Model(experiment.recipe, len(ground.alphabet.characters))
        self.training = Training(self.model, ground.training_ids)
        self.reader = Reader(self.model)

    def moment(self, characters: int, length: int) -> tuple[Moment, dict[str, list[str]]]:
        """Train until so many characters are read; where the network stands, and texts by their kind.

        Those that it writes on its own have ``length`` characters each.
        """
        loss = self.training.run_to(characters)
        passages = self.ground.passages
        held_out = self.reader.answers(passages)
        wrote = {
            "answers": self.ground.decoded(held_out.likeliest),
            "likeliest": self.ground.decoded(write(self.reader, passages.prompts, length, likeliest)),
            "drawn": self.ground.decoded(
                write(self.reader, passages.prompts, length, drawn(self.experiment.recipe.seed))
            ),
        }
        moment = Moment(
            characters_read=self.training.characters_read,
            updates=self.training.updates,
            seconds=self.training.seconds,
            training_loss=loss,
            held_out=held_out.scores,
            texts=Texts(**{kind: texts[0][:SAMPLE] for kind, texts in wrote.items()}),
        )
        return moment, wrote

    def result(self, moments: list[Moment], wrote: dict[str, list[str]]) -> Result:
        """The trained network: what it wrote last is counted, and its own training text is read."""
        own = self.reader.answers(Passages.of(self.ground.training_ids[: self.experiment.recipe.characters]))
        recalled = self.ground.decoded(own.likeliest)
        return Result(
            name=self.experiment.name,
            title=self.experiment.title,
            recipe=self.experiment.recipe,
            parameters=self.model.parameters,
            training=own.scores,
            recalled=recalled[0][:SAMPLE],
            moments=moments,
            counts={k: self.ground.yardstick.counts(texts) for k, texts in {**wrote, "recalled": recalled}.items()},
        )


def run(experiment: Experiment, ground: Ground, budget: int) -> Result:
    """One experiment's result, from its first update to its last text."""
    trial = Trial(experiment, ground)
    moments: list[Moment] = []
    wrote: dict[str, list[str]] = {}
    for share in MOMENTS:
        moment, wrote = trial.moment(round(share * budget), WRITTEN if share == MOMENTS[-1] else SAMPLE)
        moments.append(moment)
    return trial.result(moments, wrote)


def run_or_read(wanted: Sequence[Experiment], ground: Ground, budget: int, folder: Path, say: Reporter) -> list[Result]:
    """The results of all experiments: those that the folder has, and the others, each kept as soon as it is there."""
    results = {experiment.name: kept(folder, experiment) for experiment in wanted}
    missing = [experiment for experiment in wanted if results[experiment.name] is None]
    if found := len(wanted) - len(missing):
        say.stage(f"{found} of {len(wanted)} experiments are there already")
    start = time.monotonic()
    for number, experiment in enumerate(missing, 1):
        say.stage(f"Experiment {number} of {len(missing)}: {experiment.title}")
        result = results[experiment.name] = run(experiment, ground, budget)
        keep(folder, result)
        left = (time.monotonic() - start) / number * (len(missing) - number)
        right = f"{result.held_out.accuracy:.1%} of the held-out characters right"
        say.stage(f"  {right} after {result.seconds:.0f} s of training; {left / 60:.1f} minutes left")
    return [result for result in results.values() if result is not None]


def reproduce(request: Request, folder: Path, say: Reporter) -> Reproduction:
    """Every experiment, and the page in the folder; experiments that the folder has already are not repeated.

    Raises InputError where the folder is in use, holds something else, or the corpus is too short.
    """
    ground = Ground(request)
    wanted = experiments(len(ground.training), request.characters, request.seed)
    with locked(folder):
        take(folder, request.asked())
        results = run_or_read(wanted, ground, request.characters, folder, say)
        reproduction = Reproduction(
            command=request.command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions(),
            machine=machine(),
            seed=request.seed,
            split_seed=request.split_seed,
            characters=request.characters,
            text=ground.facts(),
            results=results,
        )
        finish(folder, reproduction, render(reproduction))
    return reproduction
