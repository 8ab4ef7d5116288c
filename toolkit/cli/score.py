"""toolkit score: the bits that a run needs for files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from toolkit.cli import options
from toolkit.cli.options import say


def score(
    run: Path = typer.Argument(help="A run's folder."),
    files: list[Path] = typer.Argument(help="UTF-8 text files, one document each."),
    adapt: float | None = typer.Option(
        None, help="Keep learning from the files while reading them, at this rate, such as 0.3 (dynamic evaluation)."
    ),
    per_word: bool = typer.Option(False, "--per-word", help="Show what each word costs, as tab-separated values."),
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Show the bits of each file.

    A file is scored from beginning to end and decoded again. With --adapt, the model learns from the text that it has
    just scored, as PPMd does. Compare such bits with PPMd's. With --per-word, print a line per word: document, start,
    end, word, bits, and its frequency band. The band needs the run's training text at its place. Start and end count
    characters of the canonical text. With --json, print a list with an entry per file, or per word.
    """
    from toolkit.evaluation.scoring import scored, scored_words
    from toolkit.text.sources import read_document

    documents = [read_document(file) for file in files]
    options.run_code(code)
    rows = (scored_words if per_word else scored)(run, documents, adapt)
    if as_json:
        options.echo_json(rows)
    elif per_word:
        show_words(rows)
    else:
        show(rows)


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a line per document."""
    for row in rows:
        size, length = f"{row['bits']:,.2f} bits", f"{row['characters']:,} characters"
        rates = f"{row['bits_per_character']:.4f} bits per character, {row['bits_per_byte']:.4f} per byte"
        say(f"{size:>20}  {length:>20}  {rates}{'' if row['adapt'] is None else ', adapting'}  {row['name']}")


def show_words(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print tab-separated values: a heading, then a line per word. No neutral word has a tab or a line end."""
    say("document\tstart\tend\tword\tbits\tband")
    for row in rows:
        place = "\t".join(str(row[key]) for key in ("document", "start", "end", "word"))
        say(f"{place}\t{row['bits']:.6f}\t{row['band'] or ''}")
