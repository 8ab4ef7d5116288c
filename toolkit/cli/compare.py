"""toolkit compare, train and inspect: the functions of the same names, with results in a terminal."""

from typing import Any

import typer

import toolkit
from toolkit.cli import options as cli
from toolkit.comparison.options import ARGUMENTS, CompareOptions, InspectOptions, TrainOptions
from toolkit.results.cell import FailedCell
from toolkit.results.inspection import Inspection
from toolkit.text.catalogue import DEFAULT


@cli.takes(CompareOptions, workers=None)
def compare(
    tokenizers: str = cli.TOKENIZERS,
    corpus: str = cli.CORPUS,
    *,
    open_: bool = cli.OPEN,
    as_json: bool = cli.JSON,
    **options: Any,
) -> None:
    """Train a model for each column and compare their bits.

    All are scored on the same held-out text. With --json, print comparison.json, with the path of the page as "page".
    """
    from toolkit.cli.tables import show_comparison

    comparison = toolkit.compare(tokenizers, corpus, **cli.as_in_python(options))
    cli.print_result(comparison, show_comparison, comparison.page, open_=open_, as_json=as_json)
    later = comparison.folds.warnings if comparison.folds else []
    if any(warning.kind == "failed" for warning in later) or len(comparison.done) < len(comparison.cells):
        raise typer.Exit(1)


@cli.takes(TrainOptions)
def train(
    tokenizer: str = typer.Option(..., help=ARGUMENTS["tokenizer"]),
    corpus: str = cli.CORPUS,
    *,
    as_json: bool = cli.JSON,
    **options: Any,
) -> None:
    """Train the model of one column.

    With --json, print its entry in comparison.json, with the path of the run's folder under "run".
    """
    cell = toolkit.train(tokenizer, corpus, **cli.as_in_python(options))
    if as_json:
        cli.echo_json(cell.model_dump(by_alias=True))
    if isinstance(cell, FailedCell):
        cli.say(f"toolkit: training failed: {cell.reason}", to_error=True)
        raise typer.Exit(1)
    if not as_json:
        cli.say(f"{cell.bits_per_character.total:.4f} bits per character on the held-out text\n{cell.run}")


@cli.takes(InspectOptions)
def inspect(
    corpus: str = typer.Argument(DEFAULT, help=ARGUMENTS["corpus"]),
    tokenizers: str = cli.TOKENIZERS,
    *,
    open_: bool = cli.OPEN,
    as_json: bool = cli.JSON,
    **options: Any,
) -> None:
    """Show what a corpus says before training.

    These are coverage, forecasts, sizes, costs and n-grams. With --json, print inspect.json, with the path of the page.
    """
    inspection = toolkit.inspect(corpus, tokenizers, **cli.as_in_python(options))
    cli.print_result(inspection, show_inspection, inspection.page, open_=open_, as_json=as_json)


def show_inspection(inspection: Inspection) -> None:
    """Print the tables, then notes and advice."""
    from toolkit.cli.tables import console, print_lines, print_table
    from toolkit.inspection.summary import notes, tables

    out = console()
    for title, lines in tables(inspection).items():
        print_table(out, title, lines)
    print_lines(out, [*(f"Note: {note}" for note in notes(inspection)), *inspection.sentences])
