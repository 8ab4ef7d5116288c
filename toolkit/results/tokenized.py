"""How a column cuts a text, as data."""

from pydantic import Field

from toolkit.results.record import Record


class FittedOn(Record):
    """The text that a tokenizer was fitted on: the training documents of a corpus, or the text ``itself``."""

    name: str
    itself: bool
    documents: int
    characters: int


class CutToken(Record):
    """An event: its token, the ``text`` that it covers, and its part of the ledger.

    A class has a ``name`` and the word ``spelled`` behind it. ``⁀`` marks a side without a space.
    """

    token: str
    text: str
    start: int
    end: int
    part: str
    name: str | None = Field(alias="class")
    spelled: str | None


class RareWord(Record):
    """A word that a class stands for, with its count."""

    word: str
    name: str = Field(alias="class")
    count: int


class Tokenized(Record):
    """A text cut by a column's tokenizer. The last token is ``<doc>``."""

    column: str
    document: str
    characters: int
    language: str
    fitted_on: FittedOn
    vocabulary_size: int
    tokens: list[CutToken]
    rare: list[RareWord]
