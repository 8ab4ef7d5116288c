"""toolkit compare, train, inspect, report and reproduce: the results of plain functions, in a terminal."""

from pathlib import Path
from typing import Any, Literal

import typer

import toolkit
from toolkit.article.experiments import CHARACTERS, LEAST_BUDGET
from toolkit.cli import options as cli
from toolkit.cli.tables import print_lines, print_table, show_comparison
from toolkit.comparison.options import ARGUMENTS, CompareOptions, InspectOptions, TrainOptions
from toolkit.results.cell import FailedCell
from toolkit.results.inspection import Inspection
from toolkit.results.record import PAGE
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
    total = None if isinstance(cell, FailedCell) else cell.bits_per_character.total
    text = "" if total is None else f"{total:.4f} bits per character on the held-out text\n"
    cli.echo(cell.model_dump(by_alias=True), f"{text}{cell.run}", as_json=as_json)
    if isinstance(cell, FailedCell):
        cli.say(f"toolkit: training failed: {cell.reason}", to_error=True)
        raise typer.Exit(1)


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
    from toolkit.inspection.summary import notes, tables

    for title, lines in tables(inspection).items():
        print_table(title, lines)
    print_lines([*(f"Note: {note}" for note in notes(inspection)), *inspection.sentences])


def report(
    folders: list[Path] = typer.Argument(help="A comparison's folder; several of one split are joined."),
    out: Path | None = typer.Option(None, help="The folder of a joined comparison; by default one in reports/."),
    text: bool = typer.Option(False, "--text", help="Print the table and the answer."),
    open_: bool = cli.OPEN,
    as_json: bool = cli.JSON,
) -> None:
    """Make the page of a comparison again, or join several.

    It is made from comparison.json or comparison.json.gz. With --json, print what compare does.
    """
    from toolkit.comparison.joining import reported

    comparison = reported(folders, out)
    cli.print_result(comparison, show_comparison if text else None, comparison.page, open_=open_, as_json=as_json)


def reproduce(
    work: Literal["article"] = typer.Argument(help="What to reproduce."),  # noqa: ARG001
    corpus: str = cli.CORPUS,
    text_column: str | None = cli.TEXT_COLUMN,
    characters: int = typer.Option(CHARACTERS, min=LEAST_BUDGET, help="Characters of text that each experiment reads."),
    seed: int = typer.Option(0, min=0, help="The seed of all random draws."),
    split_seed: int = cli.SPLIT_SEED,
    out: Path | None = cli.OUT,
    open_: bool = cli.OPEN,
    quiet: bool = cli.QUIET,
    as_json: bool = cli.JSON,
) -> None:
    """Train the article's four networks, then repair them.

    With --json, print all that was measured, and the path of the page under "page".
    """
    from toolkit.article.page import answer
    from toolkit.article.reproduction import reproduce as reproduce_article
    from toolkit.comparison.folder import REPORTS
    from toolkit.comparison.progress import reporting
    from toolkit.text.catalogue import find_corpus

    document = find_corpus(corpus, text_column=text_column)
    folder = out or REPORTS / f"{document.name}--article"
    with reporting(quiet=quiet) as reporter:
        reproduction = reproduce_article(
            document,
            folder,
            reporter.stage,
            characters=characters,
            seed=seed,
            split_seed=split_seed,
            command=cli.command_line(),
        )
    cli.print_result(
        reproduction, lambda record: print_lines([answer(record)]), folder / PAGE, open_=open_, as_json=as_json
    )
