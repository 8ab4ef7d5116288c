"""toolkit compare, train, inspect, tokenize, report and reproduce: the results of plain functions, in a terminal."""

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from textwrap import fill
from typing import Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import toolkit
from toolkit.article.experiments import CHARACTERS, LEAST_BUDGET
from toolkit.cli import options as cli
from toolkit.cli.completion import columns, comparisons
from toolkit.comparison.options import ALL, ARGUMENTS, ColumnOptions, CompareOptions, InspectOptions, TrainOptions
from toolkit.errors import InputError, printable
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import Inspection
from toolkit.results.record import PAGE, grouped, say
from toolkit.results.text import duration, plural
from toolkit.text.catalogue import DEFAULT, entries

LINE_CHARACTERS = 80
MAX_VERDICTS = 5
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
COLUMN = typer.Option(
    ..., "--tokenizers", help="The one column: NAME[:STRATEGY][@MODEL] or hf:PATH.", autocompletion=columns
)
NO_BREAK_SPACE = "\u00a0"
LEGEND = "␣ is a space, ↵ a line end and ⇥ a tab; <…> is a mark, or the class or escape of the text after it."


@cli.takes(CompareOptions, workers=None)
def compare(
    place: str | None = cli.PLACE,
    tokenizers: str = cli.TOKENIZERS,
    *,
    corpus: str | None = cli.CORPUS,
    open_: bool = cli.OPEN,
    yes: bool = typer.Option(False, "--yes", help="Do not ask before --tokenizers all."),
    **options: Any,
) -> None:
    """Train a model for each column and compare their bits.

    All are scored on the same held-out text. With --json, print comparison.json, with the path of the page as "page".
    """
    arguments = cli.as_in_python(options | {"corpus": corpus}, place)
    if tokenizers == ALL and not yes:
        confirm(**arguments)
    try:
        comparison = toolkit.compare(tokenizers, **arguments)
    except KeyboardInterrupt as interrupt:
        if str(interrupt):
            cli.say(f"toolkit: {interrupt}", to_error=True)
        raise
    cli.print_result(comparison, show_comparison, comparison.page, open_=open_)
    later = comparison.folds.warnings if comparison.folds else []
    if any(warning.kind == "failed" for warning in later) or len(comparison.done) < len(comparison.cells):
        raise typer.Exit(1)


def confirm(**arguments: Any) -> None:
    """Ask whether all columns are worth their time. Raises InputError if nobody can be asked."""
    from toolkit.comparison.costs import expected_seconds
    from toolkit.comparison.reading import make_request

    request = make_request(ALL, **arguments)
    names, time = ", ".join(column.name for column in request.columns), duration(expected_seconds(request))
    if not sys.stdin.isatty():
        raise InputError(f"--tokenizers all takes about {time} here. Add --yes, or name columns: {names}.")
    typer.confirm(f"{names}: {len(request.columns)} columns take about {time}. Go on?", abort=True, err=True)


@cli.takes(TrainOptions)
def train(
    place: str | None = cli.PLACE,
    tokenizers: str = COLUMN,
    *,
    corpus: str | None = cli.CORPUS,
    **options: Any,
) -> None:
    """Train the model of one column.

    With --json, print its entry in comparison.json, with the path of the run's folder under "run".
    """
    cell = toolkit.train(tokenizers, **cli.as_in_python(options | {"corpus": corpus}, place))
    total = None if isinstance(cell, FailedCell) else cell.bits_per_character.total
    text = "" if total is None else f"{total:.4f} bits per character on the held-out text\n"
    cli.echo(cell.model_dump(by_alias=True), f"{text}{cell.run}")
    if isinstance(cell, FailedCell):
        cli.say(f"toolkit: training failed: {cell.reason}", to_error=True)
        raise typer.Exit(1)


@cli.takes(InspectOptions)
def inspect(
    place: str | None = cli.PLACE,
    tokenizers: str = cli.TOKENIZERS,
    *,
    corpus: str | None = cli.CORPUS,
    open_: bool = cli.OPEN,
    **options: Any,
) -> None:
    """Show what a corpus says before training.

    These are coverage, forecasts, sizes, costs and n-grams. With --json, print inspect.json, with the path of the page.
    """
    arguments = cli.as_in_python(options | {"corpus": corpus}, place)
    inspection = toolkit.inspect(tokenizers=tokenizers, **arguments)
    cli.print_result(inspection, show_inspection, inspection.page, open_=open_)


def show_inspection(inspection: Inspection) -> None:
    """Print the tables, then warnings and notes."""
    from toolkit.inspection.inspection import tables

    for title, lines in tables(inspection).items():
        print_table(title, lines)
    print_lines(inspection.sentences)


def report(
    folders: list[Path] = typer.Argument(
        help="A comparison's folder; several of one split are joined.", autocompletion=comparisons
    ),
    out: Path | None = typer.Option(None, help="The folder of a joined comparison; by default one in reports/."),
    text: bool = typer.Option(False, "--text", help="Print the table and the answer."),
    no_text: bool = typer.Option(
        False, "--no-text", help="Make a page without passages of the corpus, to send on."
    ),
    latex: bool = typer.Option(False, "--latex", help="Print the table for LaTeX, with booktabs."),
    markdown: bool = typer.Option(False, "--markdown", help="Print the table in Markdown."),
    figures: Path | None = typer.Option(None, help="A folder for the page's charts as SVG and PDF."),
    open_: bool = cli.OPEN,
) -> None:
    """Make the page of a comparison again, or join several.

    It is made from comparison.json or comparison.json.gz. With --json, print what compare does.
    """
    from toolkit.comparison.joining import reported

    if latex + markdown + (text or cli.JSON in sys.argv) > 1:
        raise InputError("Only one can be printed. Choose from: --latex, --markdown, --text, --json.")
    comparison, page = reported(folders, out, has_text=not no_text)
    if figures:
        save_charts(comparison, figures)
    if latex or markdown:
        cli.say(comparison.to_latex() if latex else comparison.to_markdown())
    else:
        cli.print_result(comparison, show_comparison if text else None, page, open_=open_)


def save_charts(comparison: Comparison, folder: Path) -> None:
    """Save the page's charts; say on standard error where, and how to get PDF if its converter is missing."""
    from toolkit.report.charts import INSTALL
    from toolkit.report.page import save_figures

    files = save_figures(comparison, folder)
    hint = "" if any(file.suffix == ".pdf" for file in files) else f" PDF needs another package. {INSTALL}"
    cli.say(f"{plural(len(files), 'figure')} in {folder}.{hint}", to_error=True)


def reproduce(
    work: Literal["article"] = typer.Argument(help="What to reproduce."),  # noqa: ARG001
    corpus: str = typer.Option(DEFAULT, help=ARGUMENTS["corpus"]),
    characters: int = typer.Option(
        CHARACTERS, min=LEAST_BUDGET, help="Characters of text that each experiment reads."
    ),
    seed: int = typer.Option(0, min=0, help="The seed of all random draws."),
    out: Path | None = cli.OUT,
    open_: bool = cli.OPEN,
    quiet: bool = cli.QUIET,
) -> None:
    """Train the article's four networks, then repair them.

    With --json, print all that was measured, and the path of the page under "page".
    """
    from toolkit.article.reproduction import answer
    from toolkit.article.reproduction import reproduce as reproduce_article
    from toolkit.comparison.listing import REPORTS
    from toolkit.comparison.progress import reporting
    from toolkit.text.catalogue import find_corpus

    document = find_corpus(corpus)
    folder = out or REPORTS / f"{document.name}--article"
    with reporting(quiet=quiet) as reporter:
        reproduction = reproduce_article(
            document, folder, reporter.stage, characters=characters, seed=seed, command=cli.command_line()
        )
    cli.print_result(reproduction, lambda record: print_lines([answer(record)]), folder / PAGE, open_=open_)


@cli.takes(ColumnOptions)
def tokenize(
    file: Path = typer.Argument(help="A UTF-8 text file, one document."),
    tokenizers: str = COLUMN,
    corpus: str | None = typer.Option(
        None, help="The corpus to fit it on; by default FILE.", autocompletion=entries
    ),
    **options: Any,
) -> None:
    """Show how a text is cut, and which words are rare.

    The tokenizer is fitted on the corpus' training documents, as compare would, or else on FILE, whose words that occur
    once are rare. Nothing is trained. With --json, print one document with the tokens and the rare words.
    """
    from toolkit.inspection import cutting

    tokenized = cutting.tokenize(file, tokenizers, corpus, **cli.as_in_python(options))
    cli.echo(tokenized, as_text(tokenized))


def as_text(tokenized: dict[str, Any]) -> str:
    """Return facts, the tokens with spaces between them, and the rare words by class, in lines of 80 characters."""
    fitted, tokens, length = tokenized["fitted_on"], tokenized["tokens"], tokenized["characters"]
    documents = plural(fitted["documents"], "training document")
    text = f"{documents} of {fitted['name']} ({fitted['characters']:,} characters)"
    paragraphs = [
        f"{tokenized['column']}, fitted on {'the text itself' if fitted['itself'] else text}, has a vocabulary of "
        f"{tokenized['vocabulary_size']:,} tokens. {say('shortfall', tokenized['column'], tokenized['shortfall'])}",
        f"{visible(tokenized['document'])} has {length:,} characters in {len(tokens):,} tokens, "
        f"{length / len(tokens):.2f} characters each.",
        LEGEND,
        "",
    ]
    line: list[str] = []
    for token in tokens:
        line.append(shown(token))
        if "\n" in token["text"] or token is tokens[-1]:
            paragraphs.append(" ".join(line))
            line = []
    for name, words in groupby(tokenized["rare"], key=itemgetter("class")):
        counts = [visible(rare["word"]) + (f"×{rare['count']}" if rare["count"] > 1 else "") for rare in words]
        paragraphs += ["", f"<{visible(name)}>, rare or unseen: {' '.join(counts)}"]
    return "\n".join(fill(paragraph, LINE_CHARACTERS, break_on_hyphens=False) for paragraph in paragraphs)


def shown(token: dict[str, Any]) -> str:
    """Return the characters of a token, after its name if it is a mark, a class or an escape."""
    name, text = token["token"], visible(token["text"])
    if text and token["spelled"] is None and token["class"] is None:
        return text
    name = name if name.startswith("<") and name.endswith(">") else f"<{name}>"
    return visible(name).replace(SIGNS[" "], NO_BREAK_SPACE) + text


def visible(text: str) -> str:
    r"""Return the text with a sign for each space, line end and tab; other control characters are escaped.

    >>> visible("a b\n\x1b")
    'a␣b↵\\x1b'
    """
    return "".join(
        SIGNS.get(c) or (c if c.isprintable() else c.encode("unicode_escape").decode("ascii")) for c in text
    )


def console() -> Console:
    """Return standard output, with at least 80 characters a line. A narrower terminal folds it."""
    out = Console(highlight=False)
    out.width = max(out.width, LINE_CHARACTERS)
    return out


def print_table(title: str, lines: Sequence[Sequence[str]]) -> None:
    """Print a table, whose first line is its heading. Names are folded, numbers are not."""
    lines = [[escape(printable(entry)) for entry in line] for line in lines]
    table = Table(title=escape(printable(title)), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in zip(*lines, strict=True):
        numbers = not any(entry[:1].isalpha() for entry in column[1:])
        table.add_column(column[0], justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    for row in lines[1:]:
        table.add_row(*row)
    console().print(table)


def print_lines(lines: Iterable[str]) -> None:
    """Print sentences, folded at the console's width."""
    console().print("\n".join(map(printable, lines)), markup=False)


def show_comparison(comparison: Comparison) -> None:
    """Print the table, the answer with its contrasts, warnings, notes and the next command."""
    print_table(comparison.title, comparison.table())
    answer = comparison.answer_contrast
    _, contrasts = comparison.answering
    of_best = [c for c in contrasts if answer and answer.a in (c.a, c.b) and answer.b not in (c.a, c.b)]
    nearest = sorted(of_best, key=lambda contrast: abs(contrast.difference))[: MAX_VERDICTS - 1]
    by_pair = list(grouped(comparison.scaling, lambda difference: (difference.a, difference.b)).values())
    later = comparison.folds.warnings if comparison.folds else []
    warnings = [f"Warning: {warning.sentence}" for warning in comparison.further_warnings]
    first = warnings[:1] if any(warning.kind == "language" for warning in comparison.warnings) else []
    lines = [
        *first,
        comparison.headline,
        *(contrast.verdict for contrast in nearest),
        *(say("fractions", differences) for differences in by_pair[:MAX_VERDICTS]),
        *([say("verified", comparison.done)] if any(cell.verified for cell in comparison.done) else []),
        *warnings[len(first) :],
        *(f"Warning, in another fold: {warning.sentence}" for warning in later),
        *(f"Note: {note}" for note in comparison.corpus.notes),
    ]
    if comparison.answer.next:
        lines.append(f"Next:    {say('step', comparison.answer.next)}")
    print_lines(lines)
    if comparison.answer.command:  # in one line, to be copied
        console().print(printable(f"         {comparison.answer.command}"), markup=False, soft_wrap=True)
