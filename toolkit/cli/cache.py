"""toolkit cache: how large it is, and emptying it."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(cache)


def cache(clear: bool = typer.Option(False, "--clear", help="Empty the cache.")) -> None:
    """Show where tags are cached and how much that is."""
    from toolkit.cache import cache_root, entries
    from toolkit.cache import clear as clear_cache

    files = entries()
    size = sum(path.stat().st_size for path in files)
    if clear:
        clear_cache()
    typer.echo(f"{cache_root()}: {len(files):,} files, {size / 2**20:.1f} MiB" + (", cleared" if clear else ""))
