"""toolkit export: a run's network as a Keras model for others."""

from pathlib import Path

import typer

import toolkit
from toolkit.cli import options
from toolkit.cli.saying import say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    run: Path = typer.Argument(help="A run's folder."),
    out: Path = typer.Option(..., "-o", help="Where to write the model; the name ends with .keras."),
    code: list[Path] = options.CODE,
) -> None:
    """Write a run's network as a Keras model that opens where toolkit is not installed.

    It maps ids to the probabilities of the next id. In the file, a zip archive, tokens.json has the token of each id.
    """
    toolkit.load(run, code=code).export(out)
    say(f"{out.stat().st_size:,} bytes: {out}")
