"""The options that several commands share."""

import json
import shlex
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli.saying import say
from toolkit.errors import printable
from toolkit.text.catalogue import DEFAULT

if TYPE_CHECKING:
    from toolkit.results.record import Record

WHICH_CORPUS = "a corpus by name, a folder of files (.txt, .txt.gz, .txt.zst, .jsonl, .csv, .parquet), or one such file"
CORPUS = typer.Option(DEFAULT, help=f"What to read: {WHICH_CORPUS}.")
TEXT_COLUMN = typer.Option(
    None, help="The column with the text in .jsonl, .csv and .parquet files, whose rows are documents (text)."
)
TOKENIZERS = typer.Option(
    "char,word",
    help="Columns, separated by commas: NAME[:STRATEGY][@MODEL], or hf:PATH for a tokenizer.json. By default word:unk "
    "where there is no tagger.",
)
SPLIT_SEED = typer.Option(0, help="The seed that chooses the held-out documents.")
EPOCHS = typer.Option(None, help="Passes over the training text; by default, the recipe decides.")
BUDGET = typer.Option(None, help="Time for training each cell, such as 90s or 5m.")
VERIFY = typer.Option(False, "--verify", help="Compress and decompress the held-out text with every cell.")
RARE_MAX_COUNT = typer.Option(None, help="A word is rare if it occurs at most this often in training (1).")
RARE_MAX_DOCUMENTS = typer.Option(None, help="Instead: a word is rare if it occurs in at most this many documents.")
SPACY_MODEL = typer.Option(None, help="The spaCy model that cuts and tags words; by default the language's.")
LANGUAGE = typer.Option(None, help="The language, such as en or fr; by default the corpus', the spaCy model's, or en.")
CONFIG = typer.Option(None, help="A TOML file with settings.")
SET = typer.Option([], "--set", help="A setting, KEY=VALUE, such as network.units=128; may be repeated.")
CODE = typer.Option([], "--code", help="A Python file that adds tokenizers, strategies or measures; may be repeated.")
TENSORBOARD = typer.Option(
    False, "--tensorboard", help="Write TensorBoard logs of the training, in tensorboard/ beside the runs."
)
JSON = typer.Option(False, "--json", help="Print one JSON document instead of text.")
QUIET = typer.Option(False, "--quiet", help="Show only the result.")


def command_line() -> str:
    """The command as it was given."""
    return shlex.join(["toolkit", *sys.argv[1:]])


def tell(result: "Record", show: Callable[[Any], None], page: Path | None, *, open_: bool, as_json: bool) -> None:
    """Show a result and where its page is, or print both as JSON; open the page in a browser if that was asked for."""
    if open_ and page:
        webbrowser.open(page.resolve().as_uri())
    if as_json:
        echo_json(result.model_dump(by_alias=True) | {"page": None if page is None else str(page)})
    else:
        show(result)
        if page is not None:
            say(f"Report:  {page}")


def echo_json(document: Any) -> None:
    """Print values as one JSON document; what is not a finite number is null, as in comparison.json."""
    from pydantic import TypeAdapter

    say(escaped(TypeAdapter(Any).dump_json(document, indent=1).decode("utf-8"), sys.stdout.encoding or "utf-8"))


def escaped(text: str, encoding: str) -> str:
    r"""JSON in which what the encoding lacks, and what a terminal must not be given, is escaped as JSON does it.

    >>> escaped('"é\x9b😀"', "latin-1"), escaped('"é\x9b😀"', "utf-8")
    ('"é\\u009b\\ud83d\\ude00"', '"é\\u009b😀"')
    """
    odd = {c for c in set(text) if printable(c) != c or not c.encode(encoding, "ignore")}
    return text.translate({ord(c): json.dumps(c)[1:-1] for c in odd})


def run_code(code: Sequence[Path]) -> None:
    """Run the files of ``--code``. Raises InputError if one cannot be run."""
    from toolkit.plugins import load_code

    for path in code:
        load_code(path)
