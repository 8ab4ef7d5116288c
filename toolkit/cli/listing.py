"""toolkit list: the names to choose from."""

from enum import StrEnum

import typer

from toolkit.cli import options


class Kind(StrEnum):
    """What can be listed."""

    tokenizers = "tokenizers"
    strategies = "strategies"
    corpora = "corpora"
    measures = "measures"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="list")(listing)


def listing(kind: Kind = typer.Argument(help="What to list."), as_json: bool = options.JSON) -> None:
    """List tokenizers, strategies, corpora or measures.

    With --json, print a list of the names.
    """
    if as_json:
        options.echo_json(names(kind))
        return
    for name in names(kind):
        typer.echo(name)


def names(kind: Kind) -> list[str]:
    """The names of a kind."""
    if kind is Kind.tokenizers:
        from toolkit.tokenizers import TOKENIZERS

        return list(TOKENIZERS)
    if kind is Kind.strategies:
        from toolkit.rare_words import RARE_WORDS

        return list(RARE_WORDS)
    if kind is Kind.corpora:
        from toolkit.text.catalogue import bundled

        return bundled()
    from toolkit.evaluation.metrics import MEASURES

    return list(MEASURES)
