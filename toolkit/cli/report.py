"""toolkit report: the page of a comparison again, or of several joined, or its text; the list of those beside it."""

import webbrowser
from pathlib import Path

import typer

from toolkit.cli import options
from toolkit.cli.saying import say
from toolkit.errors import InputError


def report(
    folders: list[Path] = typer.Argument(help="A comparison's folder; several of one split are joined."),
    out: Path | None = typer.Option(None, help="The folder of a joined comparison; by default one in reports/."),
    text: bool = typer.Option(
        False,
        "--text",
        help="Print the answer, the tables and the learning curves, not the page's path; the page is made, too.",
    ),
    open_: bool = typer.Option(False, "--open", help="Open the page in a browser."),
    as_json: bool = options.JSON,
) -> None:
    """Make the page of a comparison again from its comparison.json, packed as comparison.json.gz or not.

    That of a folder in reports/ is listed there anew, too. With --json, print what compare does.
    """
    from toolkit.cli.summary import show, show_learning
    from toolkit.comparison.joining import reported

    if text and as_json:
        raise InputError("--text and --json print different things; give one of them.")
    comparison = reported(folders, out)
    if as_json:
        options.echo_json(comparison.model_dump(by_alias=True) | {"page": str(comparison.page)})
    elif text:
        show(comparison)
        show_learning(comparison)
    else:
        say(str(comparison.page))
    if open_ and comparison.page:
        webbrowser.open(comparison.page.resolve().as_uri())
