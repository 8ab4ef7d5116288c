"""toolkit cache: show the size of the cache, limit it, or clear it."""

import re
from decimal import Decimal
from enum import StrEnum

import typer

from toolkit.cli import options
from toolkit.cli.saying import say
from toolkit.errors import InputError
from toolkit.results.text import BYTE_UNITS, byte_count, plural

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    unit: 1024**power for power, unit in enumerate(BYTE_UNITS[1:5], 1)
}


class Action(StrEnum):
    """What can be done to the cache."""

    clear = "clear"


def cache(
    action: Action | None = typer.Argument(None, help="Clear the cache; by default, only show it."),
    limit: str | None = typer.Option(None, help="Remove the oldest entries until all take at most this, such as 2GB."),
    as_json: bool = options.JSON,
) -> None:
    """Show where tags, texts, tokens, compiled code and the charts' library are cached, and how large the cache is.

    With --json, print the "folder", its "files" and their "bytes", how many were "removed", and whether all are
    "cleared" now.
    """
    from toolkit import cache as files
    from toolkit.cache import cache_root, entries

    removed = 0 if limit is None else files.limit(size_in_bytes(limit))
    found = entries()
    size = sum(stat.st_size for stat in found.values())
    if action:
        files.clear()
    if as_json:
        facts = {"files": len(found), "bytes": size, "removed": removed, "cleared": action is not None}
        options.echo_json({"folder": str(cache_root()), **facts})
        return
    done = ", cleared" if action else f", {removed:,} removed" if removed else ""
    say(f"{cache_root()}: {plural(len(found), 'file')}, {byte_count(size)}{done}")


def size_in_bytes(text: str) -> int:
    """A size with a unit, or in bytes. Raises InputError if it is none.

    >>> size_in_bytes("1.5 GB"), size_in_bytes("300"), size_in_bytes("2 KiB")
    (1500000000, 300, 2048)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kMGT]?B|[KMGT]iB)?", text.strip(), re.ASCII)
    if match is None:
        raise InputError(f"Not a size: {text!r}. Give bytes, kB, MB, GB or TB, such as 500MB, or KiB, MiB, GiB or TiB.")
    return int(Decimal(match[1]) * UNITS[match[2] or "B"])
