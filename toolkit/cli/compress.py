"""toolkit compress and decompress: a file, coded with a run's probabilities, and back."""

import os
from pathlib import Path

import typer

import toolkit
from toolkit.cli import options
from toolkit.cli.saying import say
from toolkit.errors import InputError
from toolkit.files import write_file


def compress(
    run: Path = typer.Argument(help="A run's folder."),
    file: Path = typer.Argument(help="A UTF-8 text file in canonical form."),
    out: Path = typer.Option(..., "-o", help="Where to write the compressed file."),
    adapt: float | None = typer.Option(
        None, help="Keep learning from the text while coding it, at this rate, such as 0.3 (dynamic evaluation)."
    ),
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Compress a text with a run's probabilities, and decompress it to see that it comes back.

    The file can be decompressed on any processor. With --adapt the run learns on as it codes, which needs fewer bytes
    but, unless the run only counts, can be undone only where the same numbers are computed: on the same processor, with
    as many threads and the same versions of the libraries.

    With --json, print the path of the file under "out", its "bytes", and how many were read ("bytes_read").
    """
    from toolkit.inference.adapting import Adapting
    from toolkit.text.corpus import decode_utf8
    from toolkit.text.sources import read_bytes

    refuse_out(out, file)
    content = read_bytes(file)
    model = toolkit.load(run, code=code)
    if adapt is not None:
        model = Adapting(model, adapt)
    write(out, model.compress(decode_utf8(content, str(file)), name=str(file)))
    tell(content, out, as_json=as_json)


def decompress(
    run: Path = typer.Argument(help="The folder of the run that compressed the file, or a copy of it."),
    file: Path = typer.Argument(help="A file that toolkit compress wrote."),
    out: Path = typer.Option(..., "-o", help="Where to write the text."),
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Restore the text of a compressed file, which says at what rate the run learnt, if it did.

    With --json, print what compress does.
    """
    from toolkit.text.sources import read_bytes

    refuse_out(out, file)
    compressed = read_bytes(file)
    model = toolkit.load(run, code=code)
    write(out, model.decompress(compressed, name=str(file)).encode("utf-8"))
    tell(compressed, out, as_json=as_json)


def tell(read: bytes, out: Path, *, as_json: bool) -> None:
    """Print how many bytes were read, how many written, and where."""
    written = out.stat().st_size
    if as_json:
        options.echo_json({"out": str(out), "bytes_read": len(read), "bytes": written})
    else:
        say(f"{len(read):,} bytes -> {written:,} bytes: {out}")


def refuse_out(path: Path, source: Path) -> None:
    """Raises InputError if writing to a path would replace what is read, a link, a device or a folder, or cannot be
    done: what is to be written takes minutes to compute.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "device or pipe"
        raise InputError(f"{path} is a {kind}; name a file with -o.")
    if path.exists() and source.exists() and path.samefile(source):
        raise InputError(f"{path} is the file that is read; name another one with -o.")
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}; choose another place with -o.")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path} cannot be written: {path.parent} is read-only; choose another place with -o.")


def write(path: Path, content: bytes) -> None:
    """Write a file, completely or not at all. Raises InputError if it cannot be written."""
    try:
        write_file(path, content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place with -o.") from error
