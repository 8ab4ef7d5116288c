"""Which text was compared, how it was split, and what its parts share."""

from typing import Literal

from pydantic import Field

from toolkit.results.record import Record

Unit = Literal["document", "block", "segment"]

# The units that columns are compared over: documents, blocks of one or parts of several, or segments of a single one.
DOCUMENT: Unit = "document"
BLOCK: Unit = "block"
SEGMENT: Unit = "segment"


class SplitNames(Record):
    """Names of the documents in each part."""

    train: list[str]
    valid: list[str]
    test: list[str]


class Coverage(Record):
    """Facts about the corpus's own words, without a model. Tokens are words and punctuation marks."""

    tokens: int
    types: int
    hapax_types: int
    hapax_type_share: float
    hapax_token_share: float
    good_turing: float
    leave_one_out: float
    test_tokens: int
    unseen_token_share: float
    unseen_character_share: float
    curve: list[tuple[int, float]]


class UnseenWord(Record):
    """A held-out word that training lacks: its counts and the context of its first occurrence."""

    word: str
    count: int
    documents: int
    left: str
    right: str


class Uncovered(Record):
    """The held-out words that training lacks."""

    words: int
    unseen: int
    unseen_types: int
    examples: list[UnseenWord]


class FractionFacts(Record):
    """A fraction of the training documents, and its size."""

    fraction: float
    documents: int
    characters: int


class Overlap(Record):
    """A document of the part "valid" or "test", and one of an earlier part that it shares much with.

    ``spans`` and ``shingles`` are the shares of its runs of 13 and of 5 words that both documents have.
    """

    document: str
    part: str
    other: str
    other_part: str
    spans: float
    shingles: float


class CorpusFacts(Record):
    """Which text was compared, and how it was split.

    With several folds, ``splits`` has the split of each fold, and ``split`` is the first. ``notes`` are sentences that
    a reader must see.
    ``fractions`` are given if there are several.
    """

    name: str
    sha256: str
    language: str
    documents: int
    characters: int
    test_characters: int = Field(ge=1)
    test_bytes: int  # in UTF-8
    train_characters: int
    train_documents: int
    unit: Unit
    split: SplitNames
    splits: list[SplitNames] = []
    coverage: Coverage
    uncovered: Uncovered
    fractions: list[FractionFacts]
    notes: list[str]
    overlaps: list[Overlap]
