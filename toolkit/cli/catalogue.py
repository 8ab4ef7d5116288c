"""toolkit list, corpora and cache: the names to choose from, corpora by name, and the files in the cache."""

import re
from pathlib import Path
from typing import Any, Literal

import typer
from pydantic import ByteSize, TypeAdapter

from toolkit import files
from toolkit.cli import options as cli
from toolkit.errors import unknown
from toolkit.plugins import Registry, load_code
from toolkit.results.text import byte_count, plural
from toolkit.text import catalogue
from toolkit.text.catalogue import Entry, size

corpora = typer.Typer(help="List, fetch or add corpora that have a name.")


def list_(
    kind: Literal["tokenizers", "strategies", "corpora", "measures"] = typer.Argument(help="What to list."),
    code: list[Path] = cli.CODE,
) -> None:
    """List tokenizers, strategies, corpora or measures.

    Those that a file of --code adds come last. With --json, print a list of the names; of corpora, the list of
    corpora list.
    """
    from toolkit.evaluation.metrics import measures
    from toolkit.rare_words import RARE_WORDS
    from toolkit.tokenizers import TOKENIZERS

    for file in code:
        load_code(file)
    if kind == "corpora":
        return list_corpora()
    if kind == "measures":
        texts = {name: f"{measure.label}: {measure.definition}" for name, measure in measures().items()}
    else:
        registry: Registry[Any] = TOKENIZERS if kind == "tokenizers" else RARE_WORDS
        texts = {name: (registry.factory(name).__doc__ or "").strip().partition("\n")[0] for name in registry}
        texts = {name: re.sub("^The (tokenizer|strategy) ``[^`]+``: ", "", text) for name, text in texts.items()}
    width = max(map(len, texts))
    return cli.echo(list(texts), "\n".join(f"{name:{width}}  {text}" for name, text in texts.items()))


@corpora.command("list")
def list_corpora() -> None:
    """List corpora, each with state, size and source."""
    rows = [facts(entry) for entry in catalogue.entries().values()]
    lines = []
    for row in rows:
        amount = "" if row["bytes"] is None else byte_count(row["bytes"])
        about = ", ".join(filter(None, [row["licence"], row["source"] or row["path"]]))
        lines.append(f"{row['name']:<15}  {row['state']:<11}  {amount:>9}  {row['language'] or '':<2}  {about}")
    cli.echo(rows, "\n".join(lines))


def facts(entry: Entry) -> dict[str, Any]:
    """Return the facts about a corpus; ``bytes`` are those on the disk, or of the file to be fetched."""
    return {
        "name": entry.name,
        "state": entry.state,
        "bytes": size(entry.text) if entry.here else entry.bytes or None,
        "language": entry.language or None,
        "licence": entry.licence or None,
        "source": entry.source or None,
        "path": str(entry.text) if entry.here or entry.path else entry.url,
    }


@corpora.command()
def get(
    name: str = typer.Argument(help="Which corpus; toolkit corpora list shows them."),
    quiet: bool = cli.QUIET,
) -> None:
    """Fetch a corpus into your cache, and verify it.

    Its path is printed; --corpus NAME reads it. The same command again skips files that are complete.
    Nothing else downloads a corpus. With --json, print what list prints of it.
    """
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn

    by_name = catalogue.entries()
    if name not in by_name:
        raise unknown("corpus", name, by_name)
    entry = by_name[name]
    if entry.url:
        columns = TextColumn("{task.description}:"), TextColumn("{task.percentage:>3.0f}%"), DownloadColumn()
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
            task = progress.add_task(name)
            catalogue.fetch(entry, lambda here, whole: progress.update(task, completed=here, total=whole))
    catalogue.text_of(entry)
    cli.echo(facts(entry), str(entry.text))


@corpora.command()
def add(
    place: str = typer.Argument(metavar="PATH", help="A file or a folder."),
    name: str | None = typer.Option(
        None, help="What --corpus will call it; by default the file's or folder's name."
    ),
    language: str | None = typer.Option(None, help="Its language, such as fr or French."),
) -> None:
    """Give a corpus of your own a name.

    --corpus NAME then reads it in any folder. The path of the file that keeps the name is printed. With --json, print
    what list prints of it.
    """
    path = catalogue.add(place, name, language)
    cli.echo(facts(catalogue.read_entry(path)), str(path))


def cache(
    action: Literal["clear"] | None = typer.Argument(None, help="Clear the cache; by default, only show it."),
    limit: int | None = typer.Option(
        None,
        parser=TypeAdapter(ByteSize).validate_python,
        metavar="SIZE",
        help="Remove the oldest entries until all take at most this, such as 2GB.",
    ),
) -> None:
    """Show, limit or clear the cache.

    It has tags and compiled code. With --json, print the "folder", its "files"
    and their "bytes", how many were "removed", and whether all are "cleared" now.
    """
    removed = 0 if limit is None else files.limit_cache(limit)
    sizes = [stat.st_size for stat in files.cache_entries().values()]
    if action:
        files.limit_cache(-1)  # also empty files
    document = {"folder": str(files.cache_root()), "files": len(sizes), "bytes": sum(sizes), "removed": removed}
    change = ", cleared" if action else f", {removed:,} removed" if removed else ""
    text = f"{document['folder']}: {plural(len(sizes), 'file')}, {byte_count(sum(sizes))}{change}"
    cli.echo(document | {"cleared": action is not None}, text)
