"""toolkit train: one cell, without a comparison."""

from pathlib import Path

import typer

import toolkit
from toolkit.cli import options
from toolkit.cli.saying import say


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
    text_column: str | None = options.TEXT_COLUMN,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    out: Path | None = typer.Option(None, help="The run's folder; by default one in reports/."),
    fresh: bool = typer.Option(False, "--fresh", help="Replace the run in the folder."),
    tensorboard: bool = options.TENSORBOARD,
    quiet: bool = options.QUIET,
    as_json: bool = options.JSON,
) -> None:
    """Train the model of one column and show how many bits it needs for the held-out text.

    With --json, print its entry in comparison.json, with the path of the run's folder under "run".
    """
    from toolkit.cli.settings import assigned_settings
    from toolkit.results.cell import FailedCell

    cell = toolkit.train(
        tokenizer,
        corpus,
        seed=seed,
        split_seed=split_seed,
        epochs=epochs,
        budget=budget,
        verify=verify,
        rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents,
        spacy_model=spacy_model,
        language=language,
        text_column=text_column,
        settings=assigned_settings(config, set_),
        code=code,
        out=out,
        fresh=fresh,
        tensorboard=tensorboard,
        quiet=quiet,
        command=options.command_line(),
    )
    if as_json:
        options.echo_json(cell.model_dump(by_alias=True))
    if isinstance(cell, FailedCell):
        say(f"toolkit: training failed: {cell.reason}", to_error=True)
        raise typer.Exit(1)
    if not as_json:
        say(f"{cell.bits_per_character.total:.4f} bits per character on the held-out text")
        say(cell.run)
