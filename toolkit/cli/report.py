"""toolkit report: rewrite the page of a comparison, from its comparison.json."""

import gzip
import zlib
from pathlib import Path

import typer

from toolkit.errors import InputError, first_line


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(folder: Path = typer.Argument(help="A comparison's folder.")) -> None:
    """Rewrite the page of a comparison from its comparison.json, or from a published comparison.json.gz."""
    from toolkit.comparison.comparison import explained
    from toolkit.comparison.folder import FOUND, PACKED
    from toolkit.files import write_file
    from toolkit.report import render
    from toolkit.results.comparison import PAGE, Comparison

    packed = (folder / PACKED).is_file() and not (folder / FOUND).is_file()
    file = folder / (PACKED if packed else FOUND)
    try:
        comparison = Comparison.load(file)
    except gzip.BadGzipFile as error:
        raise InputError(f"{file} is not a comparison: {first_line(error)}; restore it.") from error
    except OSError as error:
        raise InputError(f"{folder} has no {FOUND}: {error.strerror}; give a comparison's folder.") from error
    except (ValueError, EOFError, zlib.error) as error:  # not UTF-8, not JSON, not in our schema, or cut off
        raise InputError(f"{file} is not a comparison: {first_line(error)}; repeat the comparison.") from error
    write_file(folder / PAGE, render(explained(comparison)))
    typer.echo(str(folder / PAGE))
