"""toolkit score: the bits that a run needs for files."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

import toolkit
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
    from toolkit.inference.adapting import Adapting
    from toolkit.results import PARTS
    from toolkit.text.corpus import read_document

    documents = [read_document(file, str(file)) for file in files]
    model = toolkit.load(run, code=code)
    if adapt is not None:
        model = Adapting(model, adapt)
    scores = model.score([model.tokenizer.encode(document) for document in documents])
    if adapt is not None:
        confirm(model, Adapting(toolkit.load(run), adapt), documents, [of_document.total for of_document in scores])
    rows = [
        {
            "name": document.name,
            "characters": bits.characters,
            "bits": bits.total,
            "bits_per_character": bits.total / bits.characters,
            "adapt": adapt,
            "parts": dict(zip(PARTS, bits.parts().tolist(), strict=True)),
        }
        for document, bits in zip(documents, scores, strict=True)
    ]
    if as_json:
        options.echo_json(rows)
        return
    unit = "bits per character" if adapt is None else "bits per character, adapting"
    for row in rows:
        size, length = f"{row['bits']:,.2f} bits", f"{row['characters']:,} characters"
        typer.echo(f"{size:>20}  {length:>20}  {row['bits_per_character']:.4f} {unit}  {row['name']}")


def confirm(encoding: "Model", decoding: "Model", documents: "Sequence[Document]", bits: "Sequence[float]") -> None:
    """Code and decode the documents. Raises VerificationError if that does not give the same bits and text."""
    from toolkit.inference.verification import verify

    result = verify(encoding, decoding, documents, bits, lambda *_: None)
    if result.wrong:
        raise VerificationError(result.wrong)
