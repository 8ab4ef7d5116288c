"""The bits of held-out text: by part of an event, by word, by document, by class, and in passages."""

from typing import Literal

from pydantic import Field

from toolkit.results.record import Record

BANDS = ("0", "1", "2-9", "10-99", "100+", "not a word")
PARTS = ("words", "classes", "spelling", "spacing", "document_ends")
NO_CLASS = "no class"  # in class_bits: the flags before tokens that need no class
AUTHOR = "the author"  # who wrote a passage of the held-out text

Why = Literal["middle", "ahead", "behind"]


class BitsPerCharacter(Record):
    """The ledger by mechanism: five parts that sum to the total."""

    total: float
    words: float
    classes: float
    spelling: float
    spacing: float
    document_ends: float


class Share(Record):
    """Characters and bits of a document, a segment, or some words of one."""

    characters: int
    bits: float


class Band(Share):
    """The ledger by the text: the neutral words of one frequency band, and their share of each document."""

    band: str
    documents: list[Share]


class PartOfSpeech(Share):
    """The ledger by the text: the neutral words of one coarse part of speech, or everything that is not a word."""

    pos: str
    documents: list[Share]


class DocumentBits(Share):
    """One held-out document. The only one also has the bits of its pieces, which columns are compared over."""

    name: str
    units: list[Share] | None = None


class ClassBits(Record):
    """One placeholder in the held-out text: its count, and the bits to announce it and to spell the word behind it."""

    name: str = Field(alias="class")
    count: int
    announced: float
    spelled: float


class Noise(Record):
    """The cost of one kind of noise (text/noise.py) in the held-out text, or in the beginnings of its documents.

    Of all ``letters``, ``changed`` differ. ``bits`` pay for the noisy text and ``clean_bits`` for the same characters
    without noise, both without document ends. ``documents`` are the extra bits of each document, or of each piece of a
    single one.
    """

    name: str
    letters: int
    changed: int
    characters: int
    bits: float
    clean_bits: float
    documents: list[Share]

    @property
    def extra(self) -> float:
        """Extra bits per character."""
        return (self.bits - self.clean_bits) / self.characters


class Verified(Share):
    """The outcome of compressing and decompressing held-out text with the probabilities of a model."""

    bytes: int


class Reading(Record):
    """One column's events in a passage, in order (first seed): the bits of each, and the likeliest alternatives.

    Event i covers ``widths[i]`` characters of the passage; at its ends, an event and its bits are cut. ``ids`` and
    ``likeliest`` are places in ``tokens``, names from the vocabulary. ``bits`` also pay for the spelling behind the
    event. ``ranks`` count from 1, and ``probabilities`` of the five likeliest have four decimals.
    """

    tokens: list[str]
    ids: list[int]
    widths: list[int]
    bits: list[float]
    ranks: list[int]
    likeliest: list[list[int]]
    probabilities: list[list[float]]


class Passage(Record):
    """The same held-out characters under every column: ``bits[column][i]`` pays for ``text[i]`` (first seed).

    ``why`` is the reason for its place. "middle" is the middle of the first document. Elsewhere the ``best`` column is
    most "ahead" of the ``other`` one, or most "behind" it. ``starts`` are the places of the page's units: a word with
    its space, or the text between words.
    """

    document: str
    start: int
    text: str
    bits: dict[str, list[float]]
    why: Why
    best: str
    other: str
    starts: list[int]
    readings: dict[str, Reading]
