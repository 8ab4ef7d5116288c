"""toolkit verify: prove a run's likelihood by compressing text."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.cli import options
from toolkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.inference.verification import Verification
    from toolkit.text.corpus import Document, Split


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    run: Path = typer.Argument(help="A run's folder."),
    file: Path | None = typer.Argument(None, help="A UTF-8 text file; by default the run's own held-out documents."),
    characters: int | None = typer.Option(
        None, help="Use at most this many characters, cut off as a separate document."
    ),
    quiet: bool = typer.Option(False, "--quiet", help="Show only the result."),
    code: list[Path] = options.CODE,
) -> None:
    """Compress text with a run's probabilities, decompress it, and compare text, bits and bytes.

    Also show what common compressors need for the same text, both cold and after the run's training text (primed).
    """
    from toolkit.cli.progress import Lines, Silent
    from toolkit.cli.requests import whole_number
    from toolkit.inference.verification import verify as verify_documents
    from toolkit.runs.folder import load_run
    from toolkit.runs.own_split import own_split, reported_bits
    from toolkit.text.corpus import read_document

    most = whole_number("--characters", characters, 1) if characters is not None else None
    options.run_code(code)
    loaded = load_run(run)
    parts: Split | None = None
    held_out: Sequence[Document] = ()
    missing = ""
    try:
        parts = own_split(loaded.spec.basis)
        held_out = parts.test
    except InputError as error:
        if file is None:
            raise InputError(f"{str(error).rstrip('.')}, or give a FILE to verify.") from error
        missing = str(error)
    documents = [read_document(file, str(file))] if file else held_out
    documents, expected = reported_bits(loaded, documents, most, own=file is None)
    reporter = Silent() if quiet else Lines()
    verification = verify_documents(
        loaded.model,
        load_run(run).model,
        documents,
        expected,
        lambda done, all_: reporter.verifying(run.name, done, all_),
    )
    show_bits(verification)
    show_compressors([document.text for document in documents], parts)
    if missing:
        typer.echo(f"Primed sizes need the run's training text, which is missing: {missing}")
    if verification.wrong:
        typer.echo(f"NOT verified: {verification.wrong}", err=True)
        raise typer.Exit(1)
    typer.echo("verified: the text came back byte for byte, and its size matches the reported bits")


def show_bits(verification: "Verification") -> None:
    """Print what the run reported and what coding paid."""
    difference = verification.coded_bytes - verification.bits / 8
    typer.echo(f"characters      {verification.characters:>12,}")
    typer.echo(f"reported bits   {verification.bits:>15,.2f}")
    typer.echo(f"coded bits      {verification.coded_bits:>15,.2f}")
    typer.echo(f"coded bytes     {verification.coded_bytes:>12,}  ({difference:+,.1f} from reported bits / 8)")


def show_compressors(texts: "Sequence[str]", parts: "Split | None") -> None:
    """Print the bytes that other compressors need for the same text, cold and, given training text, primed with it."""
    from toolkit.evaluation.compressors import cold_sizes, primed_sizes
    from toolkit.report.names import compressor_label

    variants = {"cold": cold_sizes(texts)}
    if parts:
        train, valid = ([document.text for document in part] for part in (parts.train, parts.valid))
        variants["primed"] = primed_sizes(train, valid, texts)
    typer.echo("bytes by        " + "".join(f"{variant:>12}" for variant in variants))
    for name in variants["cold"]:
        typer.echo(f"  {compressor_label(name):<14}" + "".join(f"{sizes[name]:>12,}" for sizes in variants.values()))
