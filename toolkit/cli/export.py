"""toolkit export: a run's network as a Keras model for others."""

from pathlib import Path

import typer

import toolkit
from toolkit.cli import options
from toolkit.cli.saying import say


def export(
    run: Path = typer.Argument(help="A run's folder."),
    out: Path = typer.Option(..., "-o", help="Where to write the model; the name ends with .keras."),
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Write a run's network as a Keras model that opens where toolkit is not installed.

    It maps ids to the probabilities of the next id. In the file, a zip archive, tokens.json has the token of each id.

    With --json, print the path of the file under "out", and its "bytes".
    """
    toolkit.load(run, code=code).export(out)
    written = out.stat().st_size
    if as_json:
        options.echo_json({"out": str(out), "bytes": written})
    else:
        say(f"{written:,} bytes: {out}")
