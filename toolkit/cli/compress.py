"""toolkit compress and decompress: a file, coded with a run's probabilities, and back."""

from pathlib import Path

import typer

from toolkit.cli import options
from toolkit.errors import InputError
from toolkit.files import write_file


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(compress)
    app.command()(decompress)


def compress(
    run: Path = typer.Argument(help="A run's folder."),
    file: Path = typer.Argument(help="A UTF-8 text file in canonical form."),
    out: Path = typer.Option(..., "-o", help="Where the compressed file goes."),
    code: list[Path] = options.CODE,
) -> None:
    """Compress a text with a run's probabilities."""
    from toolkit.inference import compression
    from toolkit.runs.folder import fingerprint, load_run
    from toolkit.text.corpus import read_bytes

    options.run_code(code)
    data, loaded = read_bytes(file), load_run(run)
    write(out, compression.compress(loaded.model, fingerprint(run), data, str(file)))
    typer.echo(f"{len(data):,} bytes -> {out.stat().st_size:,} bytes: {out}")


def decompress(
    run: Path = typer.Argument(help="The folder of the run that compressed the file, or a copy of it."),
    file: Path = typer.Argument(help="What compress wrote."),
    out: Path = typer.Option(..., "-o", help="Where the text goes."),
    code: list[Path] = options.CODE,
) -> None:
    """Give back the text of a compressed file."""
    from toolkit.inference import compression
    from toolkit.runs.folder import fingerprint, load_run
    from toolkit.text.corpus import read_bytes

    options.run_code(code)
    data, loaded = read_bytes(file), load_run(run)
    write(out, compression.decompress(loaded.model, fingerprint(run), data, str(file)))
    typer.echo(f"{len(data):,} bytes -> {out.stat().st_size:,} bytes: {out}")


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place and rename it. Raises InputError where that cannot be."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file with -o.")
    try:
        write_file(path, data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place with -o.") from error
