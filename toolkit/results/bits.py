"""The bits of held-out text: by part of an event, by word, by document and by class."""

from pydantic import Field

from toolkit.results.record import Record

BANDS = ("0", "1", "2-9", "10-99", "100+", "not a word")
PARTS = ("words", "classes", "spelling", "spacing", "document_ends")
NO_CLASS = "no class"  # in class_bits: the flags before tokens that need no class
AUTHOR = "the author"  # who wrote a passage of the held-out text
THE_TEXT = "the text itself"  # the lane of the text's characters beside the columns' bits


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
    single one. If the column's tokenizer ``refused`` the noisy text, that is the reason, and there are no bits.
    """

    name: str
    letters: int
    changed: int
    characters: int
    bits: float | None = None
    clean_bits: float | None = None
    documents: list[Share] = []
    refused: str | None = None

    @property
    def key(self) -> str:
        """The name of the extra bits per character in a table of numbers."""
        return f"extra_bits_per_character_{self.name.replace('%', 'percent').replace(' ', '_')}"

    @property
    def extra(self) -> float | None:
        """Extra bits per character; None if the tokenizer refused the text."""
        if self.bits is None or self.clean_bits is None:
            return None
        return (self.bits - self.clean_bits) / self.characters


class Verified(Share):
    """The outcome of compressing and decompressing held-out text with the probabilities of a model."""

    bytes: int
