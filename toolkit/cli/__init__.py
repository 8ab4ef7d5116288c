"""The command line: each command turns its strings into values and calls one plain function."""

import os
import re
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

import typer

from toolkit import __version__
from toolkit.cli import compare, corpora, listing, model, report, score, tokenize, verify
from toolkit.cli.options import DEBUG, command_line, say
from toolkit.errors import (
    DEBUGGING,
    INTERRUPTED,
    INTERRUPTED_CODE,
    SHOULD_BE,
    ContractError,
    InputError,
    KilledError,
    VerificationError,
    disk_is_full,
    first_line,
    out_of_memory,
    printable,
    wanted,
)

try:
    from typer.exceptions import TyperException as UsageError
except ImportError:  # an older typer, which is built on click
    from click import ClickException as UsageError  # type: ignore[assignment]

app = typer.Typer(
    help="Find out whether to model a text corpus by characters, by words or by something in between.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS: dict[str, tuple[Callable[..., None], str]] = {  # each with its line in the list of all
    "compare": (compare.compare, "Train a model for each column and compare their bits."),
    "inspect": (compare.inspect, "Show what a corpus says before training."),
    "tokenize": (tokenize.tokenize, "Show how a text is cut, and which words are rare."),
    "train": (compare.train, "Train the model of one column."),
    "score": (score.score, "Show the bits that files need with a run."),
    "generate": (model.generate, "Continue a prompt with text from a run."),
    "verify": (verify.verify, "Prove the bits of a run: compress and decompress text."),
    "compress": (model.compress, "Compress a text with a run's probabilities."),
    "decompress": (model.decompress, "Restore the text of a compressed file."),
    "export": (model.export, "Write a run's network for plain Keras."),
    "report": (report.report, "Make the page of a comparison again, or join several."),
    "list": (listing.listing, "List tokenizers, strategies, corpora or measures."),
    "reproduce": (report.reproduce, "Train the article's four networks, then repair them."),
    "cache": (listing.cache, "Show, limit or clear the cache."),
}
for name, (command, line) in COMMANDS.items():
    app.command(name, short_help=line)(command)
app.add_typer(corpora.app, name="corpora", short_help="List, fetch or add corpora that have a name.")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version."),
    debug: bool = typer.Option(False, DEBUG, help="Show where an error arose; may stand after any command."),  # noqa: ARG001
) -> None:
    """Options of toolkit itself."""
    if version:
        say(f"toolkit {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 done, 1 a check failed, 2 bad input or environment, 130 interrupted."""
    spell_out_unknown_characters()
    if DEBUG in sys.argv:
        os.environ[DEBUGGING] = "1"  # for processes that start, too
    sys.exit(exit_code([argument for argument in sys.argv[1:] if argument != DEBUG]))


def exit_code(arguments: list[str]) -> int:
    """Run a command and return its exit code; print an error in one sentence, after its traceback if debugging."""
    try:
        code = app(arguments, prog_name="toolkit", standalone_mode=False) or 0
        sys.stdout.flush()  # a failure after the end would print a traceback
        return int(code)
    except (KeyboardInterrupt, typer.Abort):
        print(INTERRUPTED, file=sys.stderr)
        return INTERRUPTED_CODE
    except BrokenPipeError:  # the reader has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the edge; a panic of a library in Rust is no Exception
        if os.environ.get(DEBUGGING):
            traceback.print_exception(error)
        code, sentence = explain(error)
        print("toolkit:", printable(" ".join(sentence.split())), file=sys.stderr)
        return code


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code for an error and a sentence about it."""
    match error:
        case InputError():
            return 2, str(error)
        case VerificationError():
            return 1, f"verification failed: {error}"
        case KilledError():
            return 2, f"{error}."
        case ContractError():
            return 1, f"a plug-in breaks its contract: {error}"
        case OSError():
            place = error.filename or "standard output, or a file,"
            room = " Free some space there and repeat the command." if error.filename and disk_is_full(error) else ""
            return 2, f"{place} cannot be used: {error.strerror or first_line(error)}.{room}"
        case UsageError():
            option, refused, should = error.format_message().rstrip(".").partition(SHOULD_BE)
            problem = f"{option}give {wanted(should)}" if refused else option.replace("Value error, ", "")
            problem = re.sub(r": '.*' is not one of (?='[^']*'\Z)", ": give ", problem)
            return 2, f"{problem}, in: {command_line()}; see --help."
        case _ if out_of_memory(error):
            return 2, (
                "Memory ran out; finished cells are kept. Give smaller values with --set, fewer --workers, or less text."
            )
    kind = type(error).__name__
    return 2, f"{kind}: {first_line(error)}. This is unexpected; {DEBUG} after the same command shows where it arose."


def spell_out_unknown_characters() -> None:
    """Make standard output and error spell out what their encoding lacks; text for a closed one is lost."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until this process ends
            os.set_inheritable(nowhere.fileno(), True)  # worker processes write there, too
            setattr(sys, name, nowhere)
        else:
            stream.reconfigure(errors="backslashreplace")
