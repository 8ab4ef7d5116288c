"""toolkit score: the bits that a run needs for files."""

from pathlib import Path

import typer

from toolkit.cli import options


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    run: Path = typer.Argument(help="A run's folder."),
    files: list[Path] = typer.Argument(help="UTF-8 text files, one document each."),
    adapt: float | None = typer.Option(
        None, help="Keep learning from the files while reading them, at this rate, such as 0.3 (dynamic evaluation)."
    ),
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Show the total bits of each file, scored as one document from beginning to end.

    With --adapt the model learns from the text that it has just scored, as PPMd does: compare such bits with
    PPMd's, not with those of a run that does not learn. With --json, print a list with an entry per file.
    """
    from toolkit.evaluation.scored import scored
    from toolkit.text.corpus import read_document

    documents = [read_document(file, str(file)) for file in files]
    options.run_code(code)
    rows = scored(run, documents, adapt)
    if as_json:
        options.echo_json(rows)
        return
    unit = "bits per character" if adapt is None else "bits per character, adapting"
    for row in rows:
        size, length = f"{row.bits:,.2f} bits", f"{row.characters:,} characters"
        typer.echo(f"{size:>20}  {length:>20}  {row.bits_per_character:.4f} {unit}  {row.name}")
