"""toolkit inspect: an answer before training."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

import toolkit
from toolkit.cli import options
from toolkit.text.catalogue import DEFAULT

if TYPE_CHECKING:
    from toolkit.results.inspection import Inspection

WIDTH = 80  # characters of a line where there is no terminal


def inspect(
    corpus: str = typer.Argument(DEFAULT, help=f"What to read: {options.WHICH_CORPUS}."),
    tokenizers: str = options.TOKENIZERS,
    split_seed: int = options.SPLIT_SEED,
    rare_max_count: int | None = options.RARE_MAX_COUNT,
    rare_max_documents: int | None = options.RARE_MAX_DOCUMENTS,
    spacy_model: str | None = options.SPACY_MODEL,
    language: str | None = options.LANGUAGE,
    text_column: str | None = options.TEXT_COLUMN,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    out: Path | None = typer.Option(None, help="The inspection's folder; by default one in reports/."),
    open_: bool = typer.Option(False, "--open", help="Open the page in a browser."),
    quiet: bool = options.QUIET,
    as_json: bool = options.JSON,
) -> None:
    """Show what a corpus says before training: coverage, forecasts, sizes, costs, and what counting needs.

    With --json, print what inspect.json has, and the path of the page under "page".
    """
    from toolkit.cli.settings import assigned_settings

    inspection = toolkit.inspect(
        corpus,
        tokenizers,
        split_seed=split_seed,
        rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents,
        spacy_model=spacy_model,
        language=language,
        text_column=text_column,
        settings=assigned_settings(config, set_),
        code=code,
        out=out,
        quiet=quiet,
        command=options.command_line(),
    )
    options.tell(inspection, show, inspection.page, open_=open_, as_json=as_json)


def show(inspection: "Inspection") -> None:
    """Print the tables, each at most 80 characters wide, then notes and advice."""
    from toolkit.cli.tables import console, print_table
    from toolkit.inspection.summary import notes, tables

    out = console(WIDTH)
    for title, lines in tables(inspection).items():
        print_table(out, title, lines)
    for sentence in [*(f"Note: {note}" for note in notes(inspection)), *inspection.sentences]:
        out.print(sentence, markup=False)
