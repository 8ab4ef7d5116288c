"""toolkit generate: text from a run."""

from enum import StrEnum
from pathlib import Path

import typer

from toolkit.cli import options


class Fill(StrEnum):
    """Where a placeholder's word comes from."""

    seen = "seen"
    spelled = "spelled"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    run: Path = typer.Argument(help="A run's folder."),
    prompt: str = typer.Option("", help="Text to continue; by default the beginning of a document."),
    length: int = typer.Option(500, help="How many characters to write."),
    temperature: float = typer.Option(0.8, help="Below 1: likelier text; above 1: wilder text."),
    top_k: int | None = typer.Option(None, help="Draw from the k likeliest tokens."),
    top_p: float | None = typer.Option(None, help="Draw from the likeliest tokens that make up this probability."),
    seed: int = typer.Option(0, help="The seed of the first text; the others count up from it."),
    number: int = typer.Option(1, "-n", help="How many texts to write."),
    fill: Fill = typer.Option(Fill.seen, help="Fill placeholders with words seen in training, or spell new ones."),
    code: list[Path] = options.CODE,
) -> None:
    """Continue a prompt with text from a run."""
    from toolkit.cli.requests import whole_number
    from toolkit.inference.continuation import check
    from toolkit.inference.continuation import generate as generate_texts
    from toolkit.runs.folder import load_run
    from toolkit.text.corpus import canonical

    first, count = whole_number("--seed", seed, 0), whole_number("-n", number, 1)
    check(length, temperature, top_k, top_p)
    options.run_code(code)
    texts = generate_texts(
        load_run(run).model,
        canonical(prompt),
        length,
        seeds=range(first, first + count),
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        sources=[fill.value],
    )
    for i, text in enumerate(texts):
        if i:
            typer.echo("\n---\n")
        typer.echo(prompt + text[fill.value].text)
