"""toolkit list: the names to choose from, with a line on what each of them is."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options
from toolkit.cli.saying import say

if TYPE_CHECKING:
    from toolkit.plugins import Registry


class NameKind(StrEnum):
    """What can be listed."""

    tokenizers = "tokenizers"
    strategies = "strategies"
    corpora = "corpora"
    measures = "measures"


def listing(
    kind: NameKind | None = typer.Argument(None, help="What to list; by default everything."),
    as_json: bool = options.JSON,
) -> None:
    """List tokenizers, strategies, corpora or measures, with a line on what each of them is.

    With --json, print a list of the names; of everything, an object with a list for each kind.
    """
    if as_json:
        names = {one.value: list(LISTED[one]()) for one in NameKind}
        options.echo_json(names if kind is None else names[kind.value])
        return
    for one in NameKind if kind is None else (kind,):
        if kind is None:
            say(f"{one.value}:")
        for line in lines(LISTED[one]()):
            say(line)


def lines(described: Mapping[str, str]) -> list[str]:
    """A line per name, with its description as far as it fits into the terminal's line; the name is always whole."""
    longest = max(map(len, described), default=0)
    room = line_width() - longest - 2
    if room < 1:
        return list(described)
    return [f"{name:{longest}}  {shorten(what, room, placeholder=' …')}".rstrip() for name, what in described.items()]


def line_width() -> int:
    """Characters of a terminal's line; without one, or where it does not say, more than any description has."""
    told = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    return told or 1_000


def of_registry(registry: "Registry[Any]") -> dict[str, str]:
    """The plug-ins by name, with what their docstrings say in the first line."""
    return {name: first_line(registry.factory(name)) for name in registry}


def first_line(factory: Callable[..., Any]) -> str:
    """What a plug-in is: its docstring's first line, without its name; nothing if there is none.

    >>> from toolkit.rare_words import RARE_WORDS
    >>> first_line(RARE_WORDS.factory("unk"))
    'one placeholder for all rare words'
    """
    said = (factory.__doc__ or "").strip().partition("\n")[0]
    return re.sub("^The (tokenizer|strategy) ``[^`]+``: ", "", said).rstrip(".")


def tokenizers() -> dict[str, str]:
    """Tokenizers by name."""
    from toolkit.tokenizers import TOKENIZERS

    return of_registry(TOKENIZERS)


def strategies() -> dict[str, str]:
    """Strategies by name."""
    from toolkit.rare_words import RARE_WORDS

    return of_registry(RARE_WORDS)


def corpora() -> dict[str, str]:
    """The corpora that have a name."""
    from toolkit.text.catalogue import entries

    return {name: (entry.source or entry.path or entry.url).rstrip(".") for name, entry in entries().items()}


def measures() -> dict[str, str]:
    """Measures by name."""
    from toolkit.evaluation import metrics

    return {name: f"{measure.label}: {measure.definition}" for name, measure in metrics.measures().items()}


LISTED: Mapping[NameKind, Callable[[], dict[str, str]]] = {
    NameKind.tokenizers: tokenizers,
    NameKind.strategies: strategies,
    NameKind.corpora: corpora,
    NameKind.measures: measures,
}
