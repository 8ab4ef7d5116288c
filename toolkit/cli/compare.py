"""toolkit compare: the main job."""

import shlex
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.catalogue import DEFAULT

if TYPE_CHECKING:
    from toolkit.results import Comparison


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def compare(
    tokenizers: str = typer.Option("char,word", help="Columns, separated by commas: NAME or NAME:STRATEGY."),
    corpus: str = typer.Option(DEFAULT, help="A bundled corpus, a folder of .txt files, or one .txt file."),
    seeds: int = typer.Option(1, help="How many times each column is trained."),
    first_seed: int = typer.Option(0, help="The first seed."),
    split_seed: int = typer.Option(0, help="Which documents are held out."),
    epochs: int | None = typer.Option(None, help="Passes over the training text; by default as the recipe says."),
    budget: str | None = typer.Option(None, help="Time for each cell's training, such as 90s or 5m."),
    verify: bool = typer.Option(False, "--verify", help="Compress and decompress the held-out text with every cell."),
    rare_max_count: int | None = typer.Option(None, help="A word with at most so many occurrences is rare (1)."),
    rare_max_documents: int | None = typer.Option(None, help="A word of at most so many documents is rare instead."),
    spacy_model: str | None = typer.Option(None, help="The spaCy model that tags words."),
    language: str | None = typer.Option(None, help="The corpus's language, such as en or fr."),
    config: Path | None = typer.Option(None, help="A TOML file of settings."),
    set_: list[str] = typer.Option([], "--set", help="A setting, KEY=VALUE, such as network.units=128."),
    out: Path | None = typer.Option(None, help="The comparison's folder; by default below reports/."),
    fresh: bool = typer.Option(False, "--fresh", help="Replace what the folder holds."),
    open_: bool = typer.Option(False, "--open", help="Open the report in a browser."),
    quiet: bool = typer.Option(False, "--quiet", help="Show the result only."),
) -> None:
    """Train one LSTM under each tokenizer and compare what it pays for the same held-out text."""
    from toolkit.cli.progress import Lines, Silent
    from toolkit.cli.requests import make_request
    from toolkit.comparison import VerificationError
    from toolkit.comparison import compare as compare_columns

    request = make_request(
        tokenizers=tokenizers,
        corpus=corpus,
        seeds=seeds,
        first_seed=first_seed,
        split_seed=split_seed,
        epochs=epochs,
        budget=budget,
        rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents,
        spacy_model=spacy_model,
        language=language,
        config=config,
        assignments=set_,
        verify=verify,
        command=shlex.join(["toolkit", *sys.argv[1:]]),
    )
    columns = "-".join(column.slug for column in request.columns)
    folder = out or Path("reports") / f"{request.corpus.name}--{columns}"
    try:
        comparison = compare_columns(request, folder, Silent() if quiet else Lines(), fresh=fresh)
    except VerificationError as error:
        typer.echo(f"toolkit: verification failed: {error}", err=True)
        raise typer.Exit(1) from error
    show(comparison)
    page = folder / "index.html"
    if open_:
        webbrowser.open(page.resolve().as_uri())
    typer.echo(str(page))
    if len(comparison.done) < len(comparison.cells):
        raise typer.Exit(1)


def show(comparison: "Comparison") -> None:
    """The summary table and the verdict."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.results import PARTS

    corpus = comparison.corpus
    table = Table(title=f"{corpus.name}: bits per character of {corpus.test_characters:,} held-out characters")
    table.add_column("column")
    for name in ("seed", "total", *PARTS, "parameters", "seconds"):
        table.add_column(name.replace("_", " "), justify="right")
    for cell in comparison.done:
        numbers = [f"{getattr(cell.bits_per_character, name):.4f}" for name in ("total", *PARTS)]
        table.add_row(cell.column, str(cell.seed), *numbers, f"{cell.parameters:,}", f"{cell.train_seconds:.0f}")
    for baseline in comparison.baselines:
        table.add_row(f"{baseline.name} {baseline.variant}", "", f"{baseline.bits_per_character:.4f}", *[""] * 7)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    for note in comparison.corpus.notes:
        console.print(f"Note: {note}", markup=False)
    for contrast in comparison.contrasts:
        console.print(contrast.verdict[0].upper() + contrast.verdict[1:] + ".", markup=False)
