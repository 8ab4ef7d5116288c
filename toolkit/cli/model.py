"""toolkit generate, compress, decompress and export: the model of a run at work."""

import os
from enum import StrEnum
from pathlib import Path

import typer

import toolkit
from toolkit.cli import options as cli
from toolkit.errors import InputError, whole_number
from toolkit.files import write_file

RUN = typer.Argument(help="A run's folder.")
Fill = StrEnum("Fill", ["seen", "spelled"])  # the source of a placeholder's word


def generate(
    run: Path = RUN,
    prompt: str = typer.Option("", help="Text to continue; by default the beginning of a document."),
    length: int = typer.Option(500, help="How many characters to write."),
    temperature: float = typer.Option(0.8, help="Below 1: likelier text; above 1: wilder text."),
    top_k: int | None = typer.Option(None, help="Draw from the k likeliest tokens."),
    top_p: float | None = typer.Option(None, help="Draw from the likeliest tokens that make up this probability."),
    seed: int = typer.Option(0, help="The seed of the first text; later texts have the next ones."),
    number: int = typer.Option(1, "-n", help="How many texts to write."),
    fill: Fill = typer.Option(Fill.seen, help="Fill placeholders with words seen in training, or spell new ones."),
    code: list[Path] = cli.CODE,
    as_json: bool = cli.JSON,
) -> None:
    """Continue a prompt with text from a run.

    With --json, print the prompt, the settings and, for each seed, the text without the prompt.
    """
    from toolkit.inference.model import MOST_TEXTS

    whole_number("--seed", seed, 0)
    whole_number("-n", number, 1, MOST_TEXTS)
    draw = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "fill": fill.value}
    texts = toolkit.load(run, code=code).generate(prompt, length, seed=seed, number=number, **draw)  # type: ignore[arg-type]
    if as_json:
        numbered = [{"seed": i, "text": text} for i, text in enumerate(texts, seed)]
        cli.echo_json({"run": str(run), "prompt": prompt, "length": length, **draw, "texts": numbered})
    else:
        cli.say("\n\n---\n\n".join(prompt + text for text in texts))


def compress(
    run: Path = RUN,
    file: Path = typer.Argument(help="A UTF-8 text file in canonical form."),
    out: Path = typer.Option(..., "-o", help="Where to write the compressed file."),
    adapt: float | None = typer.Option(
        None, help="Keep learning from the text while coding it, at this rate, such as 0.3 (dynamic evaluation)."
    ),
    code: list[Path] = cli.CODE,
    as_json: bool = cli.JSON,
) -> None:
    """Compress a text with a run's probabilities.

    Any processor can decompress the file. With --adapt, the run learns from the text as it codes, which needs fewer
    bytes. Decompressing such a file needs the same processor, threads and versions of libraries, unless the run counts.
    With --json, print the path of the file under "out", its "bytes", and how many were read ("bytes_read").
    """
    from toolkit.inference.adapting import Adapting
    from toolkit.text.corpus import decode_utf8
    from toolkit.text.sources import read_bytes

    check_out(out, file)
    content = read_bytes(file)
    model = toolkit.load(run, code=code)
    if adapt is not None:
        model = Adapting(model, adapt)
    write_file(out, model.compress(decode_utf8(content, str(file)), name=str(file)))
    print_sizes(out, len(content), as_json=as_json)


def decompress(
    run: Path = typer.Argument(help="The folder of the run that compressed the file, or a copy of it."),
    file: Path = typer.Argument(help="A file that toolkit compress wrote."),
    out: Path = typer.Option(..., "-o", help="Where to write the text."),
    code: list[Path] = cli.CODE,
    as_json: bool = cli.JSON,
) -> None:
    """Restore the text of a compressed file.

    With --json, print what compress does.
    """
    from toolkit.text.sources import read_bytes

    check_out(out, file)
    content = read_bytes(file)
    write_file(out, toolkit.load(run, code=code).decompress(content, name=str(file)).encode("utf-8"))
    print_sizes(out, len(content), as_json=as_json)


def export(
    run: Path = RUN,
    out: Path = typer.Option(..., "-o", help="Where to write the model; the name ends with .keras."),
    code: list[Path] = cli.CODE,
    as_json: bool = cli.JSON,
) -> None:
    """Write a run's network for plain Keras.

    The model opens where toolkit is not installed. It maps ids to the probabilities of the next id. In the file, a zip
    archive, tokens.json has the token of each id. With --json, print its path under "out", and its "bytes".
    """
    toolkit.load(run, code=code).export(out)
    print_sizes(out, None, as_json=as_json)


def print_sizes(out: Path, bytes_read: int | None, *, as_json: bool) -> None:
    """Print the size of a written file and its path, after the number of bytes that were read."""
    size = out.stat().st_size
    if as_json:
        read = {} if bytes_read is None else {"bytes_read": bytes_read}
        cli.echo_json({"out": str(out), **read, "bytes": size})
    else:
        cli.say(f"{'' if bytes_read is None else f'{bytes_read:,} bytes -> '}{size:,} bytes: {out}")


def check_out(path: Path, source: Path) -> None:
    """Raise InputError if a path cannot be written, or is the source's: coding takes minutes."""
    same = path.exists() and source.exists() and path.samefile(source)
    if same or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{path} is the file to be read, or cannot be written. Give another path with -o.")
