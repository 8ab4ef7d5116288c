"""toolkit verify: prove a run's likelihood by compressing text."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options
from toolkit.cli.saying import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.evaluation.scoring import Proof
    from toolkit.inference.verification import Verification


def verify(
    run: Path = typer.Argument(help="A run's folder."),
    file: Path | None = typer.Argument(None, help="A UTF-8 text file; by default the run's own held-out documents."),
    characters: int | None = typer.Option(
        None, help="Use at most this many characters, cut off as a separate document."
    ),
    quiet: bool = options.QUIET,
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Compress text with a run's probabilities, decompress it, and compare text, bits and bytes.

    Also show the bytes that common compressors need for the same text: cold and, except bzip2, after the run's training
    text (primed). PPMd "by text" reads each document by itself, as the run does. A FILE says
    nothing about the bits that the run reported, so it does not verify the run. With --json, print sizes, compressors,
    whether the text and the run were verified, and if not, the reason.
    """
    from toolkit.comparison.progress import reporting
    from toolkit.errors import whole_number
    from toolkit.evaluation.scoring import prove

    most = whole_number("--characters", characters, 1) if characters is not None else None
    options.run_code(code)
    with reporting(quiet=quiet) as reporter:
        proof = prove(run, file, most, lambda done, all_: reporter.verifying(run.name, done, all_))
    if as_json:
        options.echo_json(document(proof))
    else:
        show(proof)
    if proof.verification.wrong:
        say(f"NOT verified: {proof.verification.wrong}", to_error=True)
        raise typer.Exit(1)


def document(proof: "Proof") -> dict[str, Any]:
    """The proof as JSON values; ``training_text_missing`` says why no size is primed."""
    verification = proof.verification
    return {
        "characters": verification.characters,
        "reported_bits": verification.bits,
        "coded_bits": verification.coded_bits,
        "coded_bytes": verification.coded_bytes,
        "bytes_over_reported_bits": bytes_over(verification),
        "run_bytes": proof.run_bytes.model_dump(),
        "compressors": proof.compressors,
        "training_text_missing": proof.missing,
        "verified": verification.wrong is None,
        "run_verified": proof.run_verified,
        "reason": verification.wrong,
    }


def show(proof: "Proof") -> None:
    """Print the proof."""
    verification = proof.verification
    say(f"characters      {verification.characters:>12,}")
    say(f"reported bits   {verification.bits:>15,.2f}")
    say(f"coded bits      {verification.coded_bits:>15,.2f}")
    difference = f"({bytes_over(verification):+,.1f} from reported bits / 8)"
    say(f"coded bytes     {verification.coded_bytes:>12,}  {difference}")
    brings = proof.run_bytes
    say(f"tokenizer bytes {brings.tokenizer:>12,}  in the run")
    say(f"model bytes     {brings.model:>12,}  in the run")
    show_compressors(proof.compressors)
    if proof.missing is not None:
        say(f"Primed sizes need the run's training text, which is missing: {proof.missing}")
    if verification.wrong is None:
        not_run = "" if proof.run_verified else "; the run is not verified, because it has no saved bits of this text"
        say(f"verified: the canonical text came back byte for byte, and its size matches the reported bits{not_run}")


def bytes_over(verification: "Verification") -> float:
    """How many more bytes were coded than the reported bits allow for."""
    return verification.coded_bytes - verification.bits / 8


def show_compressors(sizes: "Mapping[str, Mapping[str, int]]") -> None:
    """Print the bytes that other compressors need for the same text, by variant; not all have every variant."""
    from toolkit.results.rows import COMPRESSORS

    say("bytes by        " + "".join(f"{variant:>12}" for variant in sizes))
    for name in dict.fromkeys(name for of_name in sizes.values() for name in of_name):
        shown = (f"{of_name[name]:,}" if name in of_name else "" for of_name in sizes.values())
        say(f"  {COMPRESSORS[name]:<14}" + "".join(f"{size:>12}" for size in shown))
