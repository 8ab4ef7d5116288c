"""What a cell wrote, and the measures of it."""

from typing import Literal

from pydantic import Field

from toolkit.results.record import Record


class Fill(Record):
    """A word that replaces a placeholder: ``text[start:end]``, and the class of the placeholder."""

    start: int
    end: int
    name: str = Field(alias="class")


class Filled(Record):
    """A generated text, and where in it words replace placeholders."""

    text: str
    fills: list[Fill]


class Sample(Record):
    """One generated text; the prompt is not part of it.

    In ``text`` placeholders are replaced by words seen in training; ``spelled`` has the same tokens with words from the
    speller. It is None if no placeholder was drawn, because the two texts would be the same.
    """

    prompt: str
    seed: int
    temperature: float
    text: str
    fills: list[Fill] = []
    spelled: Filled | None = None


class MeasureFacts(Record):
    """The description of a measure; ``Measure`` explains each key."""

    label: str
    unit: str
    direction: Literal["author", "less", "more"]
    least: float
    most: float | None
    definition: str
    trap: str
    source: str


class MeasureValue(Record):
    """A measure of generated text: over all samples, its interval over them, and for held-out text of equal length."""

    value: float
    low: float | None
    high: float | None
    author: float


class Generated(Record):
    """What a cell wrote, and how often the samples have the word "pandemonium", for both ways to fill placeholders."""

    temperature: float
    characters: int
    samples: list[Sample]
    pandemonium_seen: int
    pandemonium_spelled: int
    measures: dict[str, MeasureValue]
