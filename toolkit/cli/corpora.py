"""toolkit corpora: corpora by name, which are listed, fetched and added."""

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options
from toolkit.cli.saying import say
from toolkit.errors import printable
from toolkit.results.text import byte_count

if TYPE_CHECKING:
    from toolkit.text.entries import Entry

EVERY_SECONDS = 0.5  # between two lines of progress

app = typer.Typer(help="List the corpora that have a name, fetch one, or add one of your own.")


@app.command("list", short_help="List corpora, each with its size, language and source.")
def list_(as_json: bool = options.JSON) -> None:
    """List the corpora that have a name: whether each is here, how large it is, its language and where it is from.

    With --json, print them as a list.
    """
    from toolkit.text.catalogue import entries

    rows = [row(entry) for entry in entries().values()]
    if as_json:
        options.echo_json(rows)
        return
    widths = {key: max(len(row[key] or "") for row in rows) for key in ("name", "state", "language")}
    for one in rows:
        size = "" if one["bytes"] is None else byte_count(one["bytes"])
        named = f"{one['name']:{widths['name']}}  {one['state']:{widths['state']}}  {size:>9}"
        about = ", ".join(filter(None, [one["licence"], one["source"] or one["path"]]))
        say(f"{named}  {one['language'] or '':{widths['language']}}  {about}".rstrip())


def row(entry: "Entry") -> dict[str, Any]:
    """What is shown of a corpus: ``bytes`` are those on the disk, or of the file to be fetched; None if not known."""
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
    quiet: bool = options.QUIET,
    as_json: bool = options.JSON,
) -> None:
    """Fetch a corpus into your cache, verify it, and print where it is; --corpus NAME then reads it.

    A download that was cut off goes on when the command is repeated. Nothing else downloads a corpus.
    With --json, print what list prints of it.
    """
    from toolkit.errors import unknown
    from toolkit.text.catalogue import entries, text_of
    from toolkit.text.fetching import fetch

    named = entries()
    if name not in named:
        raise unknown("corpus", name, named)
    entry = named[name]
    if entry.url:
        entry = fetch(entry, (lambda *_: None) if quiet else Line(name))
    text_of(entry)
    if as_json:
        options.echo_json(row(entry))
    else:
        say(str(entry.text))


@app.command(short_help="Give a corpus of your own a name.")
def add(
    place: str = typer.Argument(metavar="PATH", help="A file, a folder, or the URL of a file, which get then fetches."),
    name: str | None = typer.Option(None, help="What --corpus will call it; by default the file's or folder's name."),
    language: str | None = typer.Option(None, help="Its language, such as en or fr."),
    text_column: str | None = options.TEXT_COLUMN,
    sha256: str | None = typer.Option(None, help="The checksum of the file at a URL; by default, of what get finds."),
    as_json: bool = options.JSON,
) -> None:
    """Give a corpus of your own a name, for --corpus in any folder, and print the file that keeps it.

    With --json, print what list prints of it.
    """
    from toolkit.text import catalogue
    from toolkit.text.entries import read_entry

    path = catalogue.add(place, name, language, text_column, sha256)
    if as_json:
        options.echo_json(row(read_entry(path)))
    else:
        say(str(path))


class Line:
    """The progress of a download, on standard error: one line that changes in a terminal, else a line now and then."""

    def __init__(self, name: str) -> None:
        self.name, self.shown = name, -EVERY_SECONDS

    def __call__(self, have: int, whole: int) -> None:
        """Tell how many bytes are there, of how many; 0 if that is not known."""
        if monotonic() - self.shown < EVERY_SECONDS and have != whole:
            return
        self.shown = monotonic()
        of = f" of {byte_count(whole)}, {have / whole:.0%}" if whole else ""
        ends = "\n" if have == whole or not sys.stderr.isatty() else "\r"
        print(printable(f"{self.name}: {byte_count(have):>9}{of}"), end=ends, file=sys.stderr, flush=True)
