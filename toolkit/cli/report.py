"""toolkit report: rewrite the page of a comparison, from its comparison.json."""

from pathlib import Path

import typer

from toolkit.errors import InputError, first_line


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(folder: Path = typer.Argument(help="A comparison's folder.")) -> None:
    """Rewrite the page of a comparison from its comparison.json."""
    from toolkit.comparison.comparison import explained
    from toolkit.comparison.folder import FOUND
    from toolkit.files import write_file
    from toolkit.report import render
    from toolkit.results import PAGE, Comparison

    try:
        comparison = Comparison.load(folder / FOUND)
    except OSError as error:
        raise InputError(f"{folder} has no {FOUND}: {error.strerror}; give a comparison's folder.") from error
    except ValueError as error:  # not UTF-8, not JSON, or not in our schema
        raise InputError(
            f"{folder / FOUND} is not a comparison: {first_line(error)}; repeat the comparison."
        ) from error
    write_file(folder / PAGE, render(explained(comparison)))
    typer.echo(str(folder / PAGE))
