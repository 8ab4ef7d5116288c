"""toolkit list and cache: the names to choose from, and the files in the cache."""

import re
import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options as cli
from toolkit.errors import InputError
from toolkit.results.text import byte_count, plural

if TYPE_CHECKING:
    from toolkit.registry import Registry


class NameKind(StrEnum):
    """The kinds of names that are listed."""

    tokenizers = "tokenizers"
    strategies = "strategies"
    corpora = "corpora"
    measures = "measures"


def listing(
    kind: NameKind | None = typer.Argument(None, help="What to list; by default everything."),
    as_json: bool = cli.JSON,
) -> None:
    """List tokenizers, strategies, corpora or measures, with a line on what each of them is.

    With --json, print a list of the names; of everything, an object with a list for each kind.
    """
    described = {name: descriptions(name) for name in ([kind] if kind else NameKind)}
    if as_json:
        names = {name.value: list(texts) for name, texts in described.items()}
        cli.echo_json(names[kind.value] if kind else names)
        return
    width = shutil.get_terminal_size((1_000, 1)).columns
    for name, texts in described.items():
        if kind is None:
            cli.say(f"{name.value}:")
        longest = max(map(len, texts), default=0)
        for entry, text in texts.items():
            room = max(len(" …"), width - longest - 2)
            cli.say(f"{entry:{longest}}  {shorten(text, room, placeholder=' …')}".rstrip())


def descriptions(kind: NameKind) -> Mapping[str, str]:
    """Return a line on each name of a kind."""
    match kind:
        case NameKind.tokenizers:
            from toolkit.tokenizers import TOKENIZERS

            return first_lines(TOKENIZERS)
        case NameKind.strategies:
            from toolkit.rare_words import RARE_WORDS

            return first_lines(RARE_WORDS)
        case NameKind.corpora:
            from toolkit.text.catalogue import entries

            return {name: (entry.source or entry.path or entry.url).rstrip(".") for name, entry in entries().items()}
        case NameKind.measures:
            from toolkit.evaluation.metrics import measures

            return {name: f"{measure.label}: {measure.definition}" for name, measure in measures().items()}


def first_lines(registry: "Registry[Any]") -> dict[str, str]:
    """Return the first line of each plug-in's docstring, without its name.

    >>> from toolkit.rare_words import RARE_WORDS
    >>> first_lines(RARE_WORDS)["unk"]
    'one placeholder for all rare words'
    """
    lines = {name: (registry.factory(name).__doc__ or "").strip().partition("\n")[0] for name in registry}
    return {name: re.sub("^The (tokenizer|strategy) ``[^`]+``: ", "", line).rstrip(".") for name, line in lines.items()}


class Action(StrEnum):
    """The actions on the cache."""

    clear = "clear"


def cache(
    action: Action | None = typer.Argument(None, help="Clear the cache; by default, only show it."),
    limit: str | None = typer.Option(None, help="Remove the oldest entries until all take at most this, such as 2GB."),
    as_json: bool = cli.JSON,
) -> None:
    """Show where tags, texts, tokens, compiled code and the charts' library are cached, and how large the cache is.

    With --json, print the "folder", its "files" and their "bytes", how many were "removed", and whether all are
    "cleared" now.
    """
    from toolkit import cache as files

    removed = 0 if limit is None else files.limit(size_in_bytes(limit))
    entries: Mapping[Path, Any] = files.entries()
    size = sum(stat.st_size for stat in entries.values())
    if action:
        files.clear()
    folder = str(files.cache_root())
    if as_json:
        facts = {"files": len(entries), "bytes": size, "removed": removed, "cleared": action is not None}
        cli.echo_json({"folder": folder, **facts})
    else:
        done = ", cleared" if action else f", {removed:,} removed" if removed else ""
        cli.say(f"{folder}: {plural(len(entries), 'file')}, {byte_count(size)}{done}")


def size_in_bytes(text: str) -> int:
    """Return a size with a unit, or in bytes.

    >>> size_in_bytes("1.5 GB"), size_in_bytes("300"), size_in_bytes("2 KiB")
    (1500000000, 300, 2048)
    """
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return int(TypeAdapter(ByteSize).validate_python(text))
    except ValidationError as error:
        raise InputError(f"--limit {text!r} is not a size. Give one such as 500MB or 2GiB.") from error
