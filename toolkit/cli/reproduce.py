"""toolkit reproduce: repeat the experiments of the article that this project answers."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.article.experiments import CHARACTERS, LEAST_BUDGET
from toolkit.cli import options
from toolkit.cli.tables import console, print_table
from toolkit.results.record import PAGE

if TYPE_CHECKING:
    from toolkit.article.experiments import Reproduction


class Work(StrEnum):
    """The works that can be reproduced."""

    article = "article"


def reproduce(
    work: Work = typer.Argument(help="What to reproduce."),  # noqa: ARG001
    corpus: str = options.CORPUS,
    text_column: str | None = options.TEXT_COLUMN,
    characters: int = typer.Option(CHARACTERS, help="How many characters of training text each experiment reads."),
    seed: int = typer.Option(0, help="The seed of all random draws."),
    split_seed: int = options.SPLIT_SEED,
    out: Path | None = typer.Option(None, help="The output folder; by default one in reports/."),
    open_: bool = typer.Option(False, "--open", help="Open the report in a browser."),
    quiet: bool = options.QUIET,
    as_json: bool = options.JSON,
) -> None:
    """Train the article's four networks as it describes them, then repair them one step at a time, and report.

    With --json, print all that was measured, and the path of the page under "page".
    """
    from toolkit.article.reproduction import reproduce as reproduce_article
    from toolkit.comparison.folder import REPORTS
    from toolkit.comparison.progress import reporting
    from toolkit.errors import whole_number
    from toolkit.text.catalogue import find_corpus

    text = find_corpus(corpus, text_column=text_column)
    folder = out or REPORTS / f"{text.name}--article"
    with reporting(quiet=quiet) as reporter:
        reproduction = reproduce_article(
            text,
            folder,
            reporter.stage,
            characters=whole_number("--characters", characters, LEAST_BUDGET),
            seed=whole_number("--seed", seed, 0),
            split_seed=whole_number("--split-seed", split_seed, 0),
            command=options.command_line(),
        )
    options.tell(reproduction, show, folder / PAGE, open_=open_, as_json=as_json)


def show(reproduction: "Reproduction") -> None:
    """Print the experiments in a table, and the answer."""
    from toolkit.article.page import answer
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
