"""toolkit corpora: list, fetch and add corpora that have a name."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options as cli
from toolkit.errors import InputError, nearest, printable
from toolkit.results.text import byte_count

if TYPE_CHECKING:
    from toolkit.text.entries import Entry

SECONDS_BETWEEN_LINES = 0.5

app = typer.Typer(help="List the corpora that have a name, fetch one, or add one of your own.")


@app.command("list", short_help="List corpora, each with its size, language and source.")
def list_(as_json: bool = cli.JSON) -> None:
    """List the corpora that have a name: whether each is here, how large it is, its language and where it is from.

    With --json, print them as a list.
    """
    from toolkit.text.catalogue import entries

    rows = [facts(entry) for entry in entries().values()]
    if as_json:
        cli.echo_json(rows)
        return
    name_width, state_width, language_width = (
        max(len(row[key] or "") for row in rows) for key in ("name", "state", "language")
    )
    for row in rows:
        size = "" if row["bytes"] is None else byte_count(row["bytes"])
        about = ", ".join(filter(None, [row["licence"], row["source"] or row["path"]]))
        named = f"{row['name']:{name_width}}  {row['state']:{state_width}}  {size:>9}"
        cli.say(f"{named}  {row['language'] or '':{language_width}}  {about}".rstrip())


def facts(entry: "Entry") -> dict[str, Any]:
    """Return the facts about a corpus; ``bytes`` are those on the disk, or of the file to be fetched."""
    from toolkit.text.catalogue import state
    from toolkit.text.entries import size

    return {
        "name": entry.name,
        "state": state(entry),
        "bytes": size(entry.text) if entry.here else entry.bytes or None,
        "language": entry.language or None,
        "licence": entry.licence or None,
        "source": entry.source or None,
        "path": str(entry.text) if entry.here or entry.path else entry.url,
    }


@app.command(short_help="Fetch a corpus into your cache, and verify it.")
def get(
    name: str = typer.Argument(help="Which corpus; toolkit corpora list shows them."),
    quiet: bool = cli.QUIET,
    as_json: bool = cli.JSON,
) -> None:
    """Fetch a corpus into your cache, verify it, and print where it is; --corpus NAME then reads it.

    A download that was cut off goes on when the command is repeated. Nothing else downloads a corpus.
    With --json, print what list prints of it.
    """
    from toolkit.text.catalogue import entries, text_of
    from toolkit.text.fetching import fetch

    by_name = entries()
    if name not in by_name:
        raise InputError(f"No corpus {name!r}; {nearest(name, by_name)}.")
    entry = by_name[name]
    if entry.url:
        entry = fetch(entry, (lambda *_: None) if quiet else download_line(name))
    text_of(entry)
    if as_json:
        cli.echo_json(facts(entry))
    else:
        cli.say(str(entry.text))


@app.command(short_help="Give a corpus of your own a name.")
def add(
    place: str = typer.Argument(metavar="PATH", help="A file, a folder, or the URL of a file, which get then fetches."),
    name: str | None = typer.Option(None, help="What --corpus will call it; by default the file's or folder's name."),
    language: str | None = typer.Option(None, help="Its language, such as en or fr."),
    text_column: str | None = cli.TEXT_COLUMN,
    sha256: str | None = typer.Option(None, help="The checksum of the file at a URL; by default, of what get finds."),
    as_json: bool = cli.JSON,
) -> None:
    """Give a corpus of your own a name, for --corpus in any folder, and print the file that keeps it.

    With --json, print what list prints of it.
    """
    from toolkit.text import catalogue
    from toolkit.text.entries import read_entry

    path = catalogue.add(place, name, language, text_column, sha256)
    if as_json:
        cli.echo_json(facts(read_entry(path)))
    else:
        cli.say(str(path))


def download_line(name: str) -> Callable[[int, int], None]:
    """Return a function that shows the bytes of a download on standard error: in a terminal, in one line."""
    shown = -SECONDS_BETWEEN_LINES

    def show(bytes_here: int, all_bytes: int) -> None:
        nonlocal shown
        if monotonic() - shown < SECONDS_BETWEEN_LINES and bytes_here != all_bytes:
            return
        shown = monotonic()
        share = f" of {byte_count(all_bytes)}, {bytes_here / all_bytes:.0%}" if all_bytes else ""
        end = "\n" if bytes_here == all_bytes or not sys.stderr.isatty() else "\r"
        print(printable(f"{name}: {byte_count(bytes_here):>9}{share}"), end=end, file=sys.stderr, flush=True)

    return show
