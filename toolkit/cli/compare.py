"""toolkit compare: the main job."""

from pathlib import Path

import typer

import toolkit
from toolkit.cli import options


def compare(
    tokenizers: str = options.TOKENIZERS,
    corpus: str = options.CORPUS,
    seeds: int = typer.Option(1, help="How many times each column is trained."),
    first_seed: int = typer.Option(0, help="The first seed."),
    fractions: str = typer.Option(
        "1", help="Train on nested fractions of the training documents too: 0.1,0.25,0.5,1 shows what more text gives."
    ),
    sweep: list[str] = typer.Option(
        [],
        help="Several values for a setting of a column, with a column for each: 'columns.bpe.vocabulary_size=256,512'; "
        "may be repeated for other columns.",
    ),
    match: str | None = typer.Option(None, help="Make one thing equal for all columns: params, flops or chars."),
    split_seed: int = options.SPLIT_SEED,
    folds: int = typer.Option(
        1, help="Hold out every document once, in so many folds: 5 trains five times, and the verdict is on the method."
    ),
    epochs: int | None = options.EPOCHS,
    budget: str | None = options.BUDGET,
    verify: bool = options.VERIFY,
    adapt: float | None = typer.Option(
        None,
        help="Add rows that keep learning from the held-out text they have paid for, at this rate, such as 0.3.",
    ),
    more: str | None = typer.Option(
        None, help="Train the comparison in the folder further: with 2x, twice as long in all as without this option."
    ),
    rare_max_count: int | None = options.RARE_MAX_COUNT,
    rare_max_documents: int | None = options.RARE_MAX_DOCUMENTS,
    spacy_model: str | None = options.SPACY_MODEL,
    language: str | None = options.LANGUAGE,
    text_column: str | None = options.TEXT_COLUMN,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    workers: int | None = typer.Option(
        None, help="How many cells to compute at once; by default one per core, or a single one with --budget."
    ),
    scheduler: str | None = typer.Option(
        None, help="Compute the cells on the workers of this Dask scheduler, such as tcp://127.0.0.1:8786."
    ),
    resources: str = typer.Option("", help="With --scheduler, what each cell takes of a worker, such as GPU=1."),
    out: Path | None = typer.Option(None, help="The comparison's folder; by default one in reports/."),
    fresh: bool = typer.Option(False, "--fresh", help="Replace the comparison in the folder."),
    open_: bool = typer.Option(False, "--open", help="Open the report in a browser."),
    tensorboard: bool = options.TENSORBOARD,
    quiet: bool = options.QUIET,
    as_json: bool = options.JSON,
) -> None:
    """Train a model for each column and compare the bits they need for the same held-out text.

    With --json, print what comparison.json has, and the path of the page under "page".
    """
    from toolkit.cli.settings import assigned_settings
    from toolkit.cli.summary import show

    comparison = toolkit.compare(
        tokenizers,
        corpus,
        seeds=seeds,
        first_seed=first_seed,
        fractions=fractions,
        sweep=sweep,
        match=match,
        split_seed=split_seed,
        folds=folds,
        epochs=epochs,
        budget=budget,
        verify=verify,
        adapt=adapt,
        more=more,
        rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents,
        spacy_model=spacy_model,
        language=language,
        text_column=text_column,
        settings=assigned_settings(config, set_),
        code=code,
        workers=workers,
        scheduler=scheduler,
        resources=resources,
        out=out,
        fresh=fresh,
        tensorboard=tensorboard,
        quiet=quiet,
        command=options.command_line(),
    )
    options.tell(comparison, show, comparison.page, open_=open_, as_json=as_json)
    later = comparison.folds.warnings if comparison.folds else []
    if any(warning.kind == "failed" for warning in later) or len(comparison.done) < len(comparison.cells):
        raise typer.Exit(1)
