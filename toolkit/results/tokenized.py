"""How a column cuts a text, as data."""

from pydantic import Field

from toolkit.results.record import Record


class FittedOn(Record):
    """The text that a tokenizer was fitted on: the documents of a corpus that are for training, or the text itself."""

    name: str
    itself: bool
    documents: int
    characters: int


class CutToken(Record):
    """An event: its token, the characters that it covers (``text``, from ``start`` to ``end``), its part of the bill.

    Where a class stands for a word, it has the class's ``name``, and in ``spelled`` what is spelled behind it. Here and
    in ``token``, ``⁀`` says that there is no space on that side.
    """

    token: str
    text: str
    start: int
    end: int
    part: str
    name: str | None = Field(alias="class")
    spelled: str | None


class RareWord(Record):
    """A word for which a class stands, and how often it does."""

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
