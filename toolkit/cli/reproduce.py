"""toolkit reproduce: repeat the experiments of the article that this project answers."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.article.recipe import CHARACTERS, LEAST_BUDGET
from toolkit.cli import options
from toolkit.cli.tables import console, print_table
from toolkit.results.record import PAGE

if TYPE_CHECKING:
    from toolkit.article.results import Reproduction


class Work(StrEnum):
    """What can be reproduced."""

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
    from toolkit.article.reproduction import Request
    from toolkit.article.reproduction import reproduce as reproduce_article
    from toolkit.comparison.default_folder import REPORTS
    from toolkit.comparison.progress import reporting
    from toolkit.errors import whole_number
    from toolkit.text.catalogue import find_corpus

    request = Request(
        corpus=find_corpus(corpus, text_column=text_column),
        characters=whole_number("--characters", characters, LEAST_BUDGET),
        seed=whole_number("--seed", seed, 0),
        split_seed=whole_number("--split-seed", split_seed, 0),
        command=options.command_line(),
    )
    folder = out or REPORTS / f"{request.corpus.name}--article"
    with reporting(quiet=quiet) as reporter:
        reproduction = reproduce_article(request, folder, reporter.stage)
    options.tell(reproduction, show, folder / PAGE, open_=open_, as_json=as_json)


def show(reproduction: "Reproduction") -> None:
    """Print the experiments in a table, and the answer."""
    from toolkit.article.story import answer

    text = reproduction.text
    heading = ["experiment", "right", "binary cross-entropy", "bits per character", "known words when drawn", "seconds"]
    chance = text.chance
    lines = [heading, [
        f"always “{chance.most_common}”", f"{chance.accuracy:.1%}", f"{chance.binary_cross_entropy:.4f}",
        f"{chance.bits_per_character:.3f}", "", "",
    ]]  # fmt: skip
    for result in reproduction.results:
        scores = result.held_out
        bits = "" if scores.bits_per_character is None else f"{scores.bits_per_character:.3f}"
        known = f"{result.counts['drawn'].known_words:.1%}"
        numbers = (f"{scores.accuracy:.1%}", f"{scores.binary_cross_entropy:.4f}", bits, known, f"{result.seconds:.0f}")
        lines.append([result.title, *numbers])
    out = console(120)
    print_table(out, f"{text.name}: {text.targets:,} held-out characters, predicted one by one", lines)
    out.print(answer(reproduction), markup=False)
