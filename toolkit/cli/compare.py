"""toolkit compare: the main job."""

import shlex
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.cli import options

if TYPE_CHECKING:
    from toolkit.results import Comparison

SENTENCES = 3  # up to this many contrasts are all printed; otherwise, those of the best column


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def compare(
    tokenizers: str = typer.Option("char,word", help="Columns, separated by commas: NAME[:STRATEGY][@MODEL]."),
    corpus: str = options.CORPUS,
    seeds: int = typer.Option(1, help="How many times each column is trained."),
    first_seed: int = typer.Option(0, help="The first seed."),
    split_seed: int = options.SPLIT_SEED,
    epochs: int | None = options.EPOCHS,
    budget: str | None = options.BUDGET,
    verify: bool = options.VERIFY,
    adapt: float | None = typer.Option(
        None,
        help="Add rows that keep learning from the held-out text they have paid for, at this rate, such as 0.3.",
    ),
    rare_max_count: int | None = options.RARE_MAX_COUNT,
    rare_max_documents: int | None = options.RARE_MAX_DOCUMENTS,
    spacy_model: str | None = options.SPACY_MODEL,
    language: str | None = options.LANGUAGE,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    workers: int | None = typer.Option(
        None, help="How many cells to compute at once; by default one per core, or a single one with --budget."
    ),
    out: Path | None = typer.Option(None, help="The comparison's folder; by default one in reports/."),
    fresh: bool = typer.Option(False, "--fresh", help="Replace the comparison in the folder."),
    open_: bool = typer.Option(False, "--open", help="Open the report in a browser."),
    tensorboard: bool = options.TENSORBOARD,
    quiet: bool = options.QUIET,
    fail_if: list[str] = typer.Option(
        [], help="Exit with code 1 if this is true, such as 'columns.char.bits_per_character.total > 2.4'."
    ),
) -> None:
    """Train a model for each column and compare the bits they need for the same held-out text."""
    from toolkit.cli.conditions import parse_condition
    from toolkit.cli.progress import Lines, Silent
    from toolkit.cli.requests import make_request
    from toolkit.comparison.comparison import compare as compare_columns

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
        code=code,
        verify=verify,
        adapt=adapt,
        tensorboard=tensorboard,
        workers=workers,
        command=shlex.join(["toolkit", *sys.argv[1:]]),
    )
    conditions = [parse_condition(text) for text in fail_if]
    for condition in conditions:
        condition.check([column.name for column in request.columns])
    columns = "-".join(column.slug for column in request.columns)
    folder = out or Path("reports") / f"{request.corpus.name}--{columns}"
    comparison = compare_columns(request, folder, Silent() if quiet else Lines(), fresh=fresh)
    show(comparison)
    page = folder / "index.html"
    if open_:
        webbrowser.open(page.resolve().as_uri())
    typer.echo(str(page))
    failures = [sentence for condition in conditions if (sentence := condition.failure(comparison))]
    for sentence in failures:
        typer.echo(f"toolkit: {sentence}", err=True)
    if failures or len(comparison.done) < len(comparison.cells):
        raise typer.Exit(1)


def show(comparison: "Comparison") -> None:
    """Print the summary table and the verdicts."""
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
    for row in comparison.rows:
        numbers = [f"{getattr(row.bits_per_character, name):.4f}" for name in ("total", *PARTS)]
        rate = "" if row.rate is None else f" {row.rate:g}"
        table.add_row(f"{row.column} ({row.kind}{rate})", ", ".join(map(str, row.seeds)), *numbers, "", "")
    for baseline in comparison.baselines:
        table.add_row(f"{baseline.name} {baseline.variant}", "", f"{baseline.bits_per_character:.4f}", *[""] * 7)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    for note in comparison.corpus.notes:
        console.print(f"Note: {note}", markup=False)
    leading = comparison.leading_contrasts(SENTENCES)
    for contrast in leading:
        console.print(contrast.verdict[0].upper() + contrast.verdict[1:] + ".", markup=False)
    if others := len(comparison.contrasts) - len(leading):
        console.print(f"The report has {others} more contrast{'' if others == 1 else 's'}.")
