"""toolkit score, generate, verify, audit, compress, decompress and export: the model of a run at work."""

from functools import partial
from pathlib import Path
from typing import Any, Literal

import typer

import toolkit
from toolkit.cli import options as cli
from toolkit.cli.completion import runs
from toolkit.config import flat, without_none
from toolkit.errors import InputError
from toolkit.files import write_file
from toolkit.plugins import load_code
from toolkit.text.catalogue import entries

RUN = typer.Argument(help="A run's folder, or that of a comparison with one run.", autocompletion=runs)
FORCE = typer.Option(False, "--force", help="Replace the file of -o, if there is one.")
WORD_LINE = "{document}\t{start}\t{end}\t{word}\t{bits:.6f}\t{band}"  # no word has a tab or a line end
FILE_LINE = "{bits:>15,.2f} bits, {bits_per_character:.4f} per character, {bits_per_byte:.4f} per byte  {name}"
ADAPT = typer.Option(
    None, help="Keep learning from the text while reading it, at this rate, such as 0.3 (dynamic evaluation)."
)


def score(
    run: Path = RUN,
    files: list[Path] = typer.Argument(help="UTF-8 text files, one document each."),
    adapt: float | None = ADAPT,
    per_word: bool = typer.Option(
        False, "--per-word", help="Show what each word costs, as tab-separated values."
    ),
    code: list[Path] = cli.CODE,
) -> None:
    """Show the bits of each file.

    A file is scored from beginning to end and decoded again. With --adapt, the model learns from the text that it has
    just scored, as PPMd does. Compare such bits with PPMd's. With --per-word, print a line per word: document, start,
    end, word, bits, and its frequency band. The band needs the run's training text at its place. Start and end count
    characters of the canonical text. With --json, print a list with an entry per file, or per word.
    """
    from toolkit.evaluation.scoring import scored, scored_words
    from toolkit.text.sources import read_document

    documents = [read_document(file) for file in files]
    for file in code:
        load_code(file)
    rows = (scored_words if per_word else scored)(run, documents, adapt)
    lines = ["document\tstart\tend\tword\tbits\tband"] if per_word else []
    lines += [
        (WORD_LINE if per_word else FILE_LINE).format(**row | {"band": row.get("band") or ""}) for row in rows
    ]
    cli.echo(rows, "\n".join(lines))


def generate(
    run: Path = RUN,
    prompt: str = typer.Option("", help="Text to continue; by default the beginning of a document."),
    length: int = typer.Option(500, help="How many characters to write."),
    temperature: float = typer.Option(0.8, help="Below 1: likelier text; above 1: wilder text."),
    top_k: int | None = typer.Option(None, help="Draw from the k likeliest tokens."),
    top_p: float | None = typer.Option(
        None, help="Draw from the likeliest tokens that make up this probability."
    ),
    seed: int = typer.Option(0, help="The seed of the first text; later texts have the next ones."),
    number: int = typer.Option(1, "-n", help="How many texts to write."),
    fill: Literal["seen", "spelled"] = typer.Option(
        "seen", help="Fill placeholders with seen words, or spell new ones."
    ),
    code: list[Path] = cli.CODE,
) -> None:
    """Continue a prompt with text from a run.

    With --json, print the prompt, the settings and, for each seed, the text without the prompt.
    """
    draw = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "fill": fill}
    texts = toolkit.load(run, code=code).generate(prompt, length, seed=seed, number=number, **draw)  # type: ignore[arg-type]
    numbered = [{"seed": i, "text": text} for i, text in enumerate(texts, seed)]
    document = {"run": str(run), "prompt": prompt, "length": length, **draw, "texts": numbered}
    cli.echo(document, "\n\n---\n\n".join(prompt + text for text in texts))


def verify(
    run: Path = RUN,
    file: Path | None = typer.Argument(
        None, help="A UTF-8 text file; by default the run's own held-out documents."
    ),
    characters: int | None = typer.Option(
        None, min=1, help="Use at most this many characters, cut off as a separate document."
    ),
    quiet: bool = cli.QUIET,
    code: list[Path] = cli.CODE,
) -> None:
    """Prove the bits of a run: compress and decompress text.

    A FILE verifies the text, but not the bits that the run reported. With --json, print sizes, whether the text and the
    run were verified, and if not, the reason.
    """
    from toolkit.comparison.progress import reporting
    from toolkit.evaluation.scoring import prove

    for path in code:
        load_code(path)
    with reporting(quiet=quiet) as reporter:
        proof = prove(run, file, characters, partial(reporter.verifying, run.name))
    checked = proof.verification
    document = {
        "characters": checked.characters,
        "reported_bits": checked.bits,
        "coded_bits": checked.coded_bits,
        "coded_bytes": checked.coded_bytes,
        "run_verified": proof.run_verified,
        "bytes_over_reported_bits": checked.coded_bytes - checked.bits / 8,
        "run_bytes": proof.run_bytes.model_dump(),
        "verified": checked.wrong is None,
        "reason": checked.wrong,
    }
    cli.echo(document, listed(document, 2))
    if checked.wrong:
        cli.say(f"NOT verified: {checked.wrong}", to_error=True)
        raise typer.Exit(1)


def listed(facts: dict[str, Any], places: int) -> str:
    """Return the facts that there are, a line each."""
    lines = [
        f"{name:<36}{value:,.{places}f}" if isinstance(value, float) else f"{name:<36}{value}"
        for name, value in flat(without_none(facts)).items()
    ]
    return "\n".join(lines)


def audit(
    log: Path = typer.Argument(metavar="FILE.jsonl", help="Lines of document, token and logprob (natural)."),
    corpus: str = typer.Option(..., help="The corpus that the log is about.", autocompletion=entries),
    claim: str | None = typer.Option(None, help="The number that the log is said to lead to."),
    unit: Literal["bpc", "bpb", "ppl"] = typer.Option(
        "bpc", help="The claim is bits per character or per byte, or the perplexity per token."
    ),
) -> None:
    """Check the log of any program, and a number from it.

    The tokens must spell the corpus' documents and charge everything once: the characters and the end of each document.
    Tokens such as <s> may stand around a document. With --json, print the numbers, and the findings with their codes.
    """
    audited = toolkit.audit(log, corpus, claim, unit)
    document = audited.model_dump()
    findings = [f"{finding.code}: {finding.sentence}" for finding in audited.findings]
    cli.echo(document, "\n".join([listed(audited.model_dump(exclude={"findings"}), 4), *findings]))
    if findings:
        raise typer.Exit(1)


def compress(
    run: Path = RUN,
    file: Path = typer.Argument(help="A UTF-8 text file in canonical form."),
    out: Path = typer.Option(..., "-o", help="Where to write the compressed file."),
    adapt: float | None = ADAPT,
    code: list[Path] = cli.CODE,
    force: bool = FORCE,
) -> None:
    """Compress a text with a run's probabilities.

    Any processor can decompress the file. With --adapt, the run learns from the text as it codes, which needs fewer
    bytes. Decompressing such a file needs the same processor, threads and versions of libraries, unless the run counts.
    With --json, print the path of the file under "out", its "bytes", and how many were read ("bytes_read").
    """
    from toolkit.inference.combined import Adapting
    from toolkit.text.corpus import decode_utf8

    check_out(out, file, force=force)
    content = file.read_bytes()
    model = toolkit.load(run, code=code)
    if adapt is not None:
        model = Adapting(model, adapt)
    write_file(out, model.compress(decode_utf8(content, str(file)), name=str(file)))
    echo_size(out, bytes_read=len(content))


def decompress(
    run: Path = RUN,
    file: Path = typer.Argument(help="A file that toolkit compress wrote."),
    out: Path = typer.Option(..., "-o", help="Where to write the text."),
    code: list[Path] = cli.CODE,
    force: bool = FORCE,
) -> None:
    """Restore the text of a compressed file.

    The run is the one that compressed it, or a copy. With --json, print what compress does.
    """

    check_out(out, file, force=force)
    content = file.read_bytes()
    write_file(out, toolkit.load(run, code=code).decompress(content, name=str(file)).encode("utf-8"))
    echo_size(out, bytes_read=len(content))


def export(
    run: Path = RUN,
    out: Path = typer.Option(..., "-o", help="Where to write the model; the name ends with .keras."),
    code: list[Path] = cli.CODE,
) -> None:
    """Write a run's network for plain Keras.

    A comparison's folder will do if it has one run of a network. The model opens where toolkit is not installed. It
    maps ids to the probabilities of the next id. In the file, a zip archive, tokens.json has the token of each id.
    With --json, print its path under "out", and its "bytes".
    """
    from toolkit.runs.folder import only_run
    from toolkit.training import Neural

    toolkit.load(only_run(run, Neural.file), code=code).export(out)
    echo_size(out)


def echo_size(out: Path, **facts: int) -> None:
    """Print the size of a written file and its path."""
    size = out.stat().st_size
    cli.echo({"out": str(out), **facts, "bytes": size}, f"{size:,} bytes: {out}")


def check_out(path: Path, source: Path, *, force: bool) -> None:
    """Raise InputError if a path is the source's, has no folder or, without force, has a file: coding takes minutes."""
    if path.resolve() == source.resolve() or not path.parent.is_dir():
        raise InputError(f"{path} is the file to be read, or its folder is missing. Give another path with -o.")
    if path.is_file() and not force:
        raise InputError(f"{path} exists already. Give another path with -o, or replace it with --force.")
