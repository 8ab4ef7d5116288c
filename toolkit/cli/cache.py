"""toolkit cache: how large it is, and emptying it."""

import shutil

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(cache)


def cache(clear: bool = typer.Option(False, "--clear", help="Empty the cache.")) -> None:
    """Show where tags are cached and how much that is."""
    from toolkit.cache import cache_root

    root = cache_root()
    files = [path for path in root.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if clear and root.is_dir():
        shutil.rmtree(root)
    typer.echo(f"{root}: {len(files):,} files, {size / 2**20:.1f} MiB" + (", cleared" if clear else ""))
