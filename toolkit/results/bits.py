"""What held-out text pays: by part of an event, by word, by document and by class."""

from pydantic import Field

from toolkit.results.record import Record

BANDS = ("0", "1", "2-9", "10-99", "100+", "not a word")
PARTS = ("words", "classes", "spelling", "spacing", "document_ends")
NO_CLASS = "no class"  # in class_bits
AUTHOR = "the author"  # beside columns, in a blind test
THE_TEXT = "the text itself"  # whose characters stand beside what columns pay for them


class BitsPerCharacter(Record):
    """The ledger by mechanism: five parts that sum to the total."""

    total: float
    words: float
    classes: float
    spelling: float
    spacing: float
    document_ends: float

    def decimals(self) -> list[str]:
        """The total and the parts, with four decimals."""
        return [f"{getattr(self, name):.4f}" for name in ("total", *PARTS)]


class Share(Record):
    """What some of the text pays: characters and bits of a document, a segment, or some words of one."""

    characters: int
    bits: float


class Band(Record):
    """The ledger by the text: bits of the neutral words of one frequency band, and its share of each document."""

    band: str
    characters: int
    bits: float
    documents: list[Share]


class PartOfSpeech(Record):
    """The ledger by the text: bits of the neutral words of one coarse part of speech, or of what is not a word."""

    pos: str
    characters: int
    bits: float
    documents: list[Share]


class DocumentBits(Record):
    """One held-out document; if it is the only one, with the bits of its pieces, which columns are compared over."""

    name: str
    characters: int
    bits: float
    units: list[Share] | None = None


class ClassBits(Record):
    """What one placeholder cost in the held-out text: how often it stood there, to announce it, and to spell behind it.

    The class ``NO_CLASS`` is the flag that says, before every other token, that no word was left out.
    """

    name: str = Field(alias="class")
    count: int
    announced: float
    spelled: float
