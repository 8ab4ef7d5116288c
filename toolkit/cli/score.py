"""toolkit score: what a run pays for files."""

import json
from pathlib import Path

import typer

from toolkit.cli import options


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    run: Path = typer.Argument(help="A run's folder."),
    files: list[Path] = typer.Argument(help="UTF-8 text files, each a document."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    code: list[Path] = options.CODE,
) -> None:
    """Complete bits of each file, as a document from its beginning to its end."""
    from toolkit.corpus import read_document
    from toolkit.results import PARTS
    from toolkit.runs import load_run
    from toolkit.scoring import score as score_documents

    documents = [read_document(file, str(file)) for file in files]
    options.run_code(code)
    loaded = load_run(run)
    scores = score_documents(loaded.network, loaded.tokenizer, [loaded.tokenizer.encode(d) for d in documents])
    rows = [
        {
            "name": document.name,
            "characters": paid.characters,
            "bits": paid.total,
            "bits_per_character": paid.total / paid.characters,
            "parts": dict(zip(PARTS, paid.parts().tolist(), strict=True)),
        }
        for document, paid in zip(documents, scores, strict=True)
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        bits, characters = f"{row['bits']:,.2f} bits", f"{row['characters']:,} characters"
        typer.echo(f"{bits:>20}  {characters:>20}  {row['bits_per_character']:.4f} bits per character  {row['name']}")
