"""Tokenizers in tables that the living page reads: what it needs of each to cut a text and to spell as we do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toolkit.events.protocols import Tokenizer
from toolkit.spelling.uniform import UniformSpeller
from toolkit.tokenizers.characters import Characters


class UnportableError(Exception):
    """The page cannot cut or spell as this column does; the message says why, after the column's name."""


def tables(tokenizer: Tokenizer) -> dict[str, Any]:
    """The tokenizer and its speller as JSON values, each with the ``kind`` that the page's scripts have for it.

    Raises UnportableError if they have none.
    """
    if type(tokenizer) is Characters:
        alphabet = tokenizer.state()["alphabet"]
        return {"tokenizer": {"kind": "Characters", "alphabet": alphabet}, "speller": uniform(tokenizer)}
    raise UnportableError(f"its tokenizer ({type(tokenizer).__name__}) has not been written for the page")


def uniform(tokenizer: Tokenizer) -> Mapping[str, Any]:
    """The table of a speller that chooses among so many outcomes."""
    speller = tokenizer.speller
    if not isinstance(speller, UniformSpeller):
        raise UnportableError(f"its speller ({type(speller).__name__}) has not been written for the page")
    return {"kind": "UniformSpeller", "outcomes": max(1, speller.unseen.distribution.outcomes)}


def guesses(tokenizer: Tokenizer) -> Callable[[str], Sequence[int]] | None:
    """Which ids the page takes for a surface, if it cannot know its class; None if it knows all classes."""
    return None
