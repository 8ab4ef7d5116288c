"""What a cell wrote, and the measures of it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from toolkit.results.record import Record
from toolkit.results.text import ALPHA

CLASSIFIER = "two_sample_auc"  # the measure whose chance ToldApart says
SHOWN = 500  # characters of a text that a report shows, with its marks


class Fill(Record):
    """A word that replaces a placeholder: ``text[start:end]``, and the class of the placeholder."""

    start: int
    end: int
    name: str = Field(alias="class")


class Mark(Record):
    """What is said of ``text[start:end]``: that it is copied, or a word that training lacks, and of which kind.

    What is copied stands, character for character, in the training document ``document``, from its character ``place``.
    """

    start: int
    end: int
    kind: Literal["copied", "real", "plausible", "broken"]
    document: str | None = None
    place: int | None = None


class Filled(Record):
    """A generated text, where in it words replace placeholders, and what is marked in it."""

    text: str
    fills: list[Fill]
    marks: list[Mark] = []


class Sample(Record):
    """One generated text; the prompt is not part of it.

    In ``text`` placeholders are replaced by words seen in training; ``spelled`` has the same tokens with words from the
    speller. It is None if no placeholder was drawn, because the two texts would be the same. ``marks`` are
    those that begin in the first ``SHOWN`` characters.
    """

    prompt: str
    seed: int
    temperature: float
    text: str
    fills: list[Fill]
    marks: list[Mark]
    spelled: Filled | None


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


class Measured(Record):
    """A measure of texts: over all of them together, and its 95 % interval over them.

    ``p``: how probable a mean over texts is that is at least as far from that of the author's held-out passages, if
    they differ by chance alone. None for a measure that needs all texts, and for too few texts.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None


class MeasureValue(Measured):
    """A measure of generated text, beside that of as many passages of held-out text, of the same length."""

    author: float


class AtTemperature(Record):
    """What texts at one temperature repeat, and their bits per character under an n-gram of the held-out text.

    ``samples`` are the first ``SHOWN`` characters of the first of these texts, if any are kept.
    """

    temperature: float
    repetition: float
    bits: float
    samples: list[Sample]


class TemperatureSweep(Record):
    """Texts at several temperatures: quality against diversity, and the temperature that matches the author.

    Each point is the mean of ``texts`` texts of ``characters`` characters. ``repetition`` is the share of word pairs
    that occurred before in the same text, and the author's that of passages of the training and validation documents
    of the same length; ``author_bits`` is for passages of the validation documents. ``matched`` is the temperature at
    which a model repeats as much as the author; if there is none, the nearest, and ``reached`` is false.
    """

    characters: int
    texts: int
    points: list[AtTemperature]
    author_repetition: float
    author_bits: float
    matched: float
    reached: bool


class TellingNgram(Record):
    """Characters that tell samples from the author, and how often each has them in the passages of the classifier."""

    text: str
    samples: int
    author: int


class ToldApart(Record):
    """How well a classifier tells texts from the training text: the area under its curve, and p by permutation.

    ``passages`` of each kind were told apart; p is the share of ``labellings`` of blocks of them, this one among them,
    that were told apart at least as well. ``samples`` and ``author`` are the n-grams that speak most for either.
    """

    area: float
    p: float
    labellings: int
    passages: int
    samples: list[TellingNgram]
    author: list[TellingNgram]


class Copy(Record):
    """The longest passage that a sample has in common with the training text, and where it is in both.

    ``sample`` is the sample's number from 0, ``start`` the place in it; ``document`` the training document and
    ``place`` the place in that, with what stands ``before`` and ``after`` it there. ``text`` is cut if it is long.
    """

    sample: int
    start: int
    characters: int
    words: int
    text: str
    document: str
    place: int
    before: str
    after: str


class NewWords(Record):
    """Words that the training text lacks, the most frequent first: real, plausible and broken ones; not all of them."""

    real: list[str]
    plausible: list[str]
    broken: list[str]


class Lane(Record):
    """Texts beside the samples, as many and as long: passages by the author, or what a counted model wrote.

    ``novelty`` is the share of sequences of 1, 2, … words that the training text lacks.
    """

    temperature: float | None = None
    sweep: TemperatureSweep | None = None
    characters: int
    measures: dict[str, Measured]
    novelty: list[float]
    told_apart: ToldApart | None
    new_words: NewWords

    @property
    def telling(self) -> list[str] | None:
        """The measures that tell the texts from the author's passages, as those of samples."""
        return telling(self.measures, self.told_apart)


def telling(measures: Mapping[str, Measured], told_apart: ToldApart | None) -> list[str] | None:
    """The measures that tell texts from the author's passages: p is at most 0.05, for a classifier its own p.

    None if there were too few texts to test any measure.
    """
    ps = {name: measured.p for name, measured in measures.items()}
    if all(p is None for p in ps.values()):
        return None
    if told_apart is not None and CLASSIFIER in ps:
        ps[CLASSIFIER] = told_apart.p
    return [name for name, p in ps.items() if p is not None and p <= ALPHA]


class Generated(Record):
    """Generated texts of a cell and their measures.

    ``temperature`` is ``matched`` to the author's repetition, or was given. ``measured_characters`` of each sample are
    measured, and as many of each lane: ``author`` are the held-out passages that the measures are compared with,
    ``another`` passages of the validation documents (None if they are too short), ``counted`` what n-grams of the same
    tokenizer wrote (None if they are the model).
    """

    temperature: float
    matched: bool
    characters: int
    samples: list[Sample]
    measures: dict[str, MeasureValue]
    measured_characters: int
    sweep: TemperatureSweep
    novelty: list[float]
    told_apart: ToldApart | None
    copies: list[Copy]
    new_words: NewWords
    author: Lane
    another: Lane | None
    counted: Lane | None

    @property
    def telling(self) -> list[str] | None:
        """The measures that tell the samples from the author's passages; None if none was tested."""
        return telling(self.measures, self.told_apart)
