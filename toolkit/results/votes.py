"""What readers said of passages whose author was hidden from them: the author's, or a machine's."""

from typing import Literal

from toolkit.results.record import Record

AUTHOR = "the author"  # who wrote a passage of the held-out text


class Vote(Record):
    """``writer`` is the column that wrote the ``passage``, or ``AUTHOR``; ``said`` is what the reader took it for."""

    passage: str
    writer: str
    said: Literal["author", "machine"]


class Votes(Record):
    """One reader's votes on a comparison, as the page exports them and as votes.json in its folder keeps them."""

    version: Literal[1] = 1
    corpus: str  # its SHA-256
    votes: list[Vote]
