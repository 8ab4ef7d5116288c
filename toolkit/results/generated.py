"""Texts that a cell wrote, and their measures beside the author's."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from toolkit.results.record import Record


class Fill(Record):
    """A word that replaces a placeholder: ``text[start:end]``, and the class of the placeholder."""

    start: int
    end: int
    name: str = Field(alias="class")


class Filled(Record):
    """A generated text, and the words that replace placeholders."""

    text: str
    fills: list[Fill]


class Sample(Filled):
    """One generated text, whose placeholders are filled with words seen in training."""

    prompt: str
    seed: int
    temperature: float


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


class MeasureValue(Record):
    """A measure of all texts together, and its 95 % interval, which is as wide as single texts differ.

    ``author`` is the measure of as many passages of held-out text of the same length.
    """

    value: float
    low: float | None
    high: float | None
    author: float


class TwoSampleTest(Record):
    """How well a classifier distinguishes texts from the training text.

    ``p`` is the share of ``labellings`` of the blocks with at least this ``area`` under its curve.
    """

    area: float
    p: float
    labellings: int
    passages: int


class Generated(Record):
    """Samples of a cell with their measures.

    ``repetition`` is the share of word pairs in the samples that occur earlier in the same sample. In passages of the
    training and validation documents it is ``author_repetition``. Samples and passages have the same length, at most
    2,000 characters. At a ``matched`` temperature, the shares differ by chance. If no temperature matches, it is the
    ``nearest`` one. ``variations`` are shorter texts of the first seed: at other temperatures, then after
    other prompts. The training text lacks ``new_words``, by kind.
    """

    temperature: float
    choice: Literal["given", "matched", "nearest"]
    author_repetition: float
    repetition: float
    characters: int
    samples: list[Sample]
    variations: list[Sample]
    measures: dict[str, MeasureValue]
    measured_characters: int
    two_sample_test: TwoSampleTest | None
    new_words: dict[str, list[str]]
