"""toolkit report: a comparison's page again, from its JSON."""

from pathlib import Path

import typer

from toolkit.errors import InputError, first_line


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(folder: Path = typer.Argument(help="A comparison's folder.")) -> None:
    """Make the page of a comparison again from its comparison.json."""
    from toolkit.comparison.folder import FOUND, PAGE
    from toolkit.evaluation.metrics import measures
    from toolkit.files import write_file
    from toolkit.report import render
    from toolkit.results import Comparison

    try:
        comparison = Comparison.load(folder / FOUND)
    except OSError as error:
        raise InputError(f"{folder} has no {FOUND}: {error.strerror}; give a comparison's folder.") from error
    except ValueError as error:  # no UTF-8, no JSON, or not of our schema
        raise InputError(f"{folder / FOUND} is no comparison: {first_line(error)}; compare again.") from error
    if not comparison.measures:  # an older version left it to the page to say what they are
        comparison.measures = {name: measure.facts() for name, measure in measures().items()}
    write_file(folder / PAGE, render(comparison))
    typer.echo(str(folder / PAGE))
