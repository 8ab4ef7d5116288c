"""toolkit train: one cell, without a comparison."""

import shlex
import sys
from pathlib import Path

import typer

from toolkit.cli import options
from toolkit.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    tokenizer: str = typer.Option(..., help="What to train: NAME[:STRATEGY][@MODEL]."),
    corpus: str = options.CORPUS,
    seed: int = typer.Option(0, help="The seed of all random draws in training."),
    split_seed: int = options.SPLIT_SEED,
    epochs: int | None = options.EPOCHS,
    budget: str | None = options.BUDGET,
    verify: bool = options.VERIFY,
    rare_max_count: int | None = options.RARE_MAX_COUNT,
    rare_max_documents: int | None = options.RARE_MAX_DOCUMENTS,
    spacy_model: str | None = options.SPACY_MODEL,
    language: str | None = options.LANGUAGE,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    out: Path | None = typer.Option(None, help="The run's folder; by default one in reports/."),
    tensorboard: bool = options.TENSORBOARD,
    quiet: bool = options.QUIET,
) -> None:
    """Train the model of one column and show how many bits it needs for the held-out text."""
    from toolkit.cli.progress import Lines, Silent
    from toolkit.cli.requests import make_request, whole_number
    from toolkit.comparison.comparison import train_alone
    from toolkit.results import FailedCell

    whole_number("--seed", seed, 0)
    request = make_request(
        tokenizers=tokenizer,
        corpus=corpus,
        first_seed=seed,
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
        tensorboard=tensorboard,
        command=shlex.join(["toolkit", *sys.argv[1:]]),
    )
    if len(request.columns) > 1:
        raise InputError(f"--tokenizer {tokenizer!r} names several; give only one, or use toolkit compare.")
    run = out or Path("reports") / f"{request.corpus.name}--{request.columns[0].slug}-seed{seed}"
    cell = train_alone(request, run, Silent() if quiet else Lines())
    if isinstance(cell, FailedCell):
        typer.echo(f"toolkit: training failed: {cell.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{cell.bits_per_character.total:.4f} bits per character on the held-out text")
    typer.echo(str(run))
