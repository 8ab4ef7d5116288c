"""toolkit generate: text from a run."""

from enum import StrEnum
from pathlib import Path

import typer

import toolkit
from toolkit.cli import options
from toolkit.cli.saying import say


class Fill(StrEnum):
    """Where a placeholder's word comes from."""

    seen = "seen"
    spelled = "spelled"


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
    as_json: bool = options.JSON,
) -> None:
    """Continue a prompt with text from a run.

    With --json, print the prompt, the settings and, for each seed, the text without the prompt.
    """
    from toolkit.errors import whole_number
    from toolkit.inference.model import MOST_TEXTS

    whole_number("--seed", seed, 0)
    whole_number("-n", number, 1, MOST_TEXTS)
    texts = toolkit.load(run, code=code).generate(
        prompt,
        length,
        seed=seed,
        number=number,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        fill=fill.value,
    )
    if as_json:
        settings = {"length": length, "temperature": temperature, "top_k": top_k, "top_p": top_p, "fill": fill.value}
        numbered = [{"seed": i, "text": text} for i, text in enumerate(texts, seed)]
        options.echo_json({"run": str(run), "prompt": prompt, **settings, "texts": numbered})
        return
    say("\n\n---\n\n".join(prompt + text for text in texts))
