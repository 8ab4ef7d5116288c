"""toolkit report and reproduce: pages from saved results, and the article's experiments."""

import webbrowser
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.article.experiments import CHARACTERS, LEAST_BUDGET
from toolkit.cli import options as cli
from toolkit.errors import InputError, whole_number
from toolkit.results.record import PAGE

if TYPE_CHECKING:
    from toolkit.article.experiments import Reproduction


def report(
    folders: list[Path] = typer.Argument(help="A comparison's folder; several of one split are joined."),
    out: Path | None = typer.Option(None, help="The folder of a joined comparison; by default one in reports/."),
    text: bool = typer.Option(False, "--text", help="Print the answer, the tables and the learning curves."),
    open_: bool = cli.OPEN,
    as_json: bool = cli.JSON,
) -> None:
    """Make the page of a comparison again from its comparison.json, packed as comparison.json.gz or not.

    That of a folder in reports/ is listed there anew, too. With --json, print what compare does.
    """
    from toolkit.comparison.pages import reported

    if text and as_json:
        raise InputError("--text and --json exclude each other. Give one of them.")
    comparison = reported(folders, out)
    if as_json:
        cli.echo_json(comparison.model_dump(by_alias=True) | {"page": str(comparison.page)})
    elif text:
        from toolkit.cli.tables import show_comparison, show_learning

        show_comparison(comparison)
        show_learning(comparison)
    else:
        cli.say(str(comparison.page))
    if open_ and comparison.page:
        webbrowser.open(comparison.page.resolve().as_uri())


class Work(StrEnum):
    """The works that can be reproduced."""

    article = "article"


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
    """Train the article's four networks as it describes them, then repair them one step at a time, and report.

    With --json, print all that was measured, and the path of the page under "page".
    """
    from toolkit.article.reproduction import reproduce as reproduce_article
    from toolkit.comparison.default_folder import REPORTS
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


def show_reproduction(reproduction: "Reproduction") -> None:
    """Print the experiments in a table, and the answer."""
    from toolkit.article.page import answer
    from toolkit.cli.tables import console, print_table
    from toolkit.results.text import count, decimals, percent, seconds

    text, chance = reproduction.text, reproduction.text.chance
    heading = ["experiment", "right", "binary cross-entropy", "bits per character", "known words when drawn", "seconds"]
    loss, bits = decimals(chance.binary_cross_entropy, 4), decimals(chance.bits_per_character)
    lines = [heading, [f"always “{chance.most_common}”", percent(chance.accuracy), loss, bits, "", ""]]
    for result in reproduction.results:
        last = result.moments[-1]
        loss, bits = decimals(last.held_out.binary_cross_entropy, 4), decimals(last.held_out.bits_per_character)
        words = percent(result.counts["drawn"].known_words)
        lines.append([result.title, percent(result.accuracy), loss, bits, words, seconds(last.seconds)])
    out = console(120)
    print_table(out, f"{text.name}: {count(text.targets)} held-out characters, predicted one by one", lines)
    out.print(answer(reproduction), markup=False)
