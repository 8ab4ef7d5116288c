"""toolkit cache: show the size of the cache, or clear it."""

from enum import StrEnum

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(cache)


class Action(StrEnum):
    """What can be done to the cache."""

    clear = "clear"


def cache(action: Action | None = typer.Argument(None, help="Clear the cache; by default, only show it.")) -> None:
    """Show where tags and the charts' library are cached, and how large the cache is."""
    from toolkit.cache import cache_root, entries
    from toolkit.cache import clear as clear_cache

    files = entries()
    size = sum(path.stat().st_size for path in files)
    if action:
        clear_cache()
    typer.echo(f"{cache_root()}: {len(files):,} files, {size / 2**20:.1f} MiB" + (", cleared" if action else ""))
