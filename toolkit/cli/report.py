"""toolkit report and reproduce: pages from saved results, and the article's experiments."""

from enum import StrEnum
from pathlib import Path

import typer

from toolkit.article.experiments import CHARACTERS, LEAST_BUDGET, Reproduction
from toolkit.cli import options as cli
from toolkit.errors import whole_number
from toolkit.results.record import PAGE


def report(
    folders: list[Path] = typer.Argument(help="A comparison's folder; several of one split are joined."),
    out: Path | None = typer.Option(None, help="The folder of a joined comparison; by default one in reports/."),
    text: bool = typer.Option(False, "--text", help="Print the table and the answer."),
    open_: bool = cli.OPEN,
    as_json: bool = cli.JSON,
) -> None:
    """Make the page of a comparison again, or join several.

    It is made from comparison.json or comparison.json.gz, and listed in reports/ if it is there. With --json, print
    what compare does.
    """
    from toolkit.cli.tables import show_comparison
    from toolkit.comparison.joining import reported

    comparison = reported(folders, out)
    show = show_comparison if text else None
    cli.print_result(comparison, show, comparison.page, open_=open_, as_json=as_json)


Work = StrEnum("Work", ["article"])  # that can be reproduced


def reproduce(
    work: Work = typer.Argument(help="What to reproduce."),  # noqa: ARG001
    corpus: str = cli.CORPUS,
    text_column: str | None = cli.TEXT_COLUMN,
    characters: int = typer.Option(CHARACTERS, help="How many characters of training text each experiment reads."),
    seed: int = typer.Option(0, help="The seed of all random draws."),
    split_seed: int = cli.SPLIT_SEED,
    out: Path | None = cli.OUT,
    open_: bool = cli.OPEN,
    quiet: bool = cli.QUIET,
    as_json: bool = cli.JSON,
) -> None:
    """Train the article's four networks, then repair them.

    With --json, print all that was measured, and the path of the page under "page".
    """
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
            characters=whole_number("--characters", characters, LEAST_BUDGET),
            seed=whole_number("--seed", seed, 0),
            split_seed=whole_number("--split-seed", split_seed, 0),
            command=cli.command_line(),
        )
    cli.print_result(reproduction, show_reproduction, folder / PAGE, open_=open_, as_json=as_json)


def show_reproduction(reproduction: Reproduction) -> None:
    """Print the answer."""
    from toolkit.article.page import answer
    from toolkit.cli.tables import console, print_lines

    print_lines(console(), [answer(reproduction)])
