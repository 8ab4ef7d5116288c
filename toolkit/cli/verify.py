"""toolkit verify: the proof of a run's likelihood."""

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    run: Path = typer.Argument(help="A run's folder."),
    file: Path | None = typer.Argument(None, help="A UTF-8 text file; by default the run's own held-out documents."),
    characters: int | None = typer.Option(
        None, help="Take this many characters at most, cut as a document of its own."
    ),
    quiet: bool = typer.Option(False, "--quiet", help="Show the result only."),
) -> None:
    """Compress text with a run's probabilities, decompress it, and compare text, bits and bytes."""
    from toolkit.baselines.compressors import COLD_ORDER, ppmd_size, xz_size
    from toolkit.cli.progress import Lines, Silent
    from toolkit.cli.requests import whole_number
    from toolkit.coding import verify as verify_documents
    from toolkit.corpus import read_document
    from toolkit.proof import held_out_documents, reported_bits
    from toolkit.runs import load_run

    most = whole_number("--characters", characters, 1) if characters is not None else None
    loaded = load_run(run)
    documents = [read_document(file, str(file))] if file else held_out_documents(loaded.config)
    documents, expected = reported_bits(loaded, documents, most, own=file is None)
    reporter = Silent() if quiet else Lines()
    result = verify_documents(
        loaded.network,
        loaded.tokenizer,
        documents,
        expected,
        lambda done, all_: reporter.verifying(run.name, done, all_),
    )
    text = "".join(document.text for document in documents).encode()
    typer.echo(f"characters      {result.characters:>12,}")
    typer.echo(f"reported bits   {result.bits:>15,.2f}")
    typer.echo(f"coded bits      {result.coded_bits:>15,.2f}")
    beside = result.coded_bytes - result.bits / 8
    typer.echo(f"coded bytes     {result.coded_bytes:>12,}  ({beside:+,.1f} beside reported bits / 8)")
    typer.echo(f"xz, cold        {xz_size(text):>12,}")
    typer.echo(f"PPMd, cold      {ppmd_size(text, COLD_ORDER):>12,}")
    if result.wrong:
        typer.echo(f"NOT verified: {result.wrong}", err=True)
        raise typer.Exit(1)
    typer.echo("verified: the text came back byte for byte, and its size is what the bits say")
