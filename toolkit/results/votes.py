"""What readers said of passages whose author was hidden from them: the author's, or a machine's."""

from collections.abc import Iterable, Sequence
from typing import Literal

from toolkit.results.record import Record

AUTHOR = "the author"  # who wrote a passage of the held-out text


class Vote(Record):
    """``writer`` is the column that wrote the ``passage``, or ``AUTHOR``; ``said`` is what the reader took it for."""

    passage: str
    writer: str
    said: Literal["author", "machine"]


class Votes(Record):
    """One reader's votes on a comparison, as its page saves them: its comparison.json has those of all readers."""

    version: Literal[1] = 1
    corpus: str  # its SHA-256
    votes: list[Vote]


def contains(votes: Sequence[Vote], others: Sequence[Vote]) -> bool:
    """Whether the other votes are all there, one after another.

    A reader's order is random, so nobody else has the same.
    """
    return any(list(votes[i : i + len(others)]) == list(others) for i in range(len(votes) - len(others) + 1))


def all_votes(several: Iterable[Sequence[Vote]]) -> list[Vote]:
    """All of several readers' votes, those that are among others only once."""
    found: list[Vote] = []
    for votes in several:
        if contains(votes, found):
            found = list(votes)
        elif not contains(found, votes):
            found += votes
    return found
