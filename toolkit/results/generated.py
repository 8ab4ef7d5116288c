"""Texts that a cell wrote, their measures, and other texts beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from toolkit.results.record import Record
from toolkit.results.text import ALPHA

CLASSIFIER = "two_sample_auc"  # the measure with a test of its own
SHOWN = 500  # characters of a text that a report shows, with its marks


class Fill(Record):
    """A word that replaces a placeholder: ``text[start:end]``, and the class of the placeholder."""

    start: int
    end: int
    name: str = Field(alias="class")


class Mark(Record):
    """A span ``text[start:end]`` that is copied from character ``place`` of a training document, or a new word."""

    start: int
    end: int
    kind: Literal["copied", "real", "invented"]
    document: str | None = None
    place: int | None = None


class Filled(Record):
    """A generated text, the words that replace placeholders, and the marks in its first ``SHOWN`` characters."""

    text: str
    fills: list[Fill]
    marks: list[Mark] = []


class Sample(Record):
    """One generated text with words seen in training, and ``spelled`` with words from the speller if it needs any."""

    prompt: str
    seed: int
    temperature: float
    text: str
    fills: list[Fill]
    marks: list[Mark]
    spelled: Filled | None


@dataclass(frozen=True, kw_only=True)
class MeasureFacts:
    """The description of a measure: its range, the values that are better, a warning of a misreading, a publication."""

    __pydantic_config__ = Record.model_config

    label: str
    unit: str
    direction: Literal["author", "less", "more"] = "author"
    least: float = 0.0
    most: float | None = 1.0
    definition: str
    trap: str = ""
    source: str = ""


class Measured(Record):
    """A measure of all texts together, its 95 % interval over them, and p of its distance from the author's."""

    value: float
    low: float | None
    high: float | None
    p: float | None


class MeasureValue(Measured):
    """A measure of generated text beside the author's, over as many passages of held-out text of the same length."""

    author: float


class AtTemperature(Record):
    """Texts at one temperature: their share of repeated word pairs, and the beginnings of the first texts."""

    temperature: float
    repetition: float
    samples: list[Sample]


class TemperatureSweep(Record):
    """Means over texts of one length at several temperatures, and the one at which a model repeats like the author.

    ``matched`` is the nearest temperature if the author's repetition is not ``reached``.
    """

    characters: int
    texts: int
    points: list[AtTemperature]
    author_repetition: float
    matched: float
    reached: bool


class TellingNgram(Record):
    """Characters that distinguish samples from the author, with their counts in the passages of the classifier."""

    text: str
    samples: int
    author: int


class ToldApart(Record):
    """How well a classifier distinguishes texts from the training text, by the n-grams with the greatest weights.

    ``p`` is the share of ``labellings`` of the blocks with at least this ``area`` under its curve.
    """

    area: float
    p: float
    labellings: int
    passages: int
    samples: list[TellingNgram]
    author: list[TellingNgram]


class Lane(Record):
    """Texts beside the samples, as many and as long: passages by the author, or texts of n-grams.

    The training text lacks ``new_words``, by kind.
    """

    characters: int
    measures: Mapping[str, Measured]
    told_apart: ToldApart | None
    new_words: dict[str, list[str]]

    @property
    def telling(self) -> list[str] | None:
        """The measures that distinguish the texts from the author's passages; None if no measure was tested."""
        ps = {name: measured.p for name, measured in self.measures.items()}
        if all(p is None for p in ps.values()):
            return None
        if self.told_apart and CLASSIFIER in ps:
            ps[CLASSIFIER] = self.told_apart.p
        return [name for name, p in ps.items() if p is not None and p <= ALPHA]


class Generated(Lane):
    """Samples of a cell with their measures, at a temperature that is ``matched`` to the author's repetition or set.

    ``author`` has held-out passages, and ``another`` passages of the validation documents if they are long enough.
    ``counted`` has texts of n-grams of the same tokenizer unless they are the model.
    """

    temperature: float
    matched: bool
    samples: list[Sample]
    measures: dict[str, MeasureValue]
    measured_characters: int
    sweep: TemperatureSweep
    author: Lane
    another: Lane | None
    counted: Lane | None
