"""toolkit score: what a run pays for files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.cli import options
from toolkit.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.inference.model import Model
    from toolkit.text.corpus import Document


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    run: Path = typer.Argument(help="A run's folder."),
    files: list[Path] = typer.Argument(help="UTF-8 text files, each a document."),
    adapt: float | None = typer.Option(
        None, help="Go on learning from the files as they are read, at this rate, such as 0.3 (dynamic evaluation)."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    code: list[Path] = options.CODE,
) -> None:
    """Complete bits of each file, as a document from its beginning to its end.

    With --adapt the network learns from each file once it has paid for it, as PPMd does: such bits are to be compared
    with PPMd's, not with those of a run that stands still.
    """
    from toolkit.inference.adapting import Adapting
    from toolkit.results import PARTS
    from toolkit.runs.folder import load_run
    from toolkit.text.corpus import read_document

    documents = [read_document(file, str(file)) for file in files]
    options.run_code(code)
    model: Model = load_run(run).model
    if adapt is not None:
        model = Adapting(model, adapt)
    scores = model.score([model.tokenizer.encode(document) for document in documents])
    if adapt is not None:
        confirm(model, Adapting(load_run(run).model, adapt), documents, [of_document.total for of_document in scores])
    rows = [
        {
            "name": document.name,
            "characters": paid.characters,
            "bits": paid.total,
            "bits_per_character": paid.total / paid.characters,
            "adapt": adapt,
            "parts": dict(zip(PARTS, paid.parts().tolist(), strict=True)),
        }
        for document, paid in zip(documents, scores, strict=True)
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    unit = "bits per character" if adapt is None else "bits per character, adapting"
    for row in rows:
        bits, characters = f"{row['bits']:,.2f} bits", f"{row['characters']:,} characters"
        typer.echo(f"{bits:>20}  {characters:>20}  {row['bits_per_character']:.4f} {unit}  {row['name']}")


def confirm(encoding: "Model", decoding: "Model", documents: "Sequence[Document]", bits: "Sequence[float]") -> None:
    """Code and decode the documents. Raises VerificationError where that does not come to the same bits and text."""
    from toolkit.inference.verification import verify

    result = verify(encoding, decoding, documents, bits, lambda *_: None)
    if result.wrong:
        raise VerificationError(result.wrong)
