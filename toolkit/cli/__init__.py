"""The command line: a file per command, each a thin wrapper over a plain function."""

import os
import re
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

import typer

from toolkit import __version__
from toolkit.cli import (
    cache,
    compare,
    compress,
    corpora,
    export,
    generate,
    inspect,
    listing,
    options,
    report,
    reproduce,
    score,
    tokenize,
    train,
    verify,
)
from toolkit.cli.saying import say
from toolkit.errors import (
    DEBUGGING,
    INTERRUPTED,
    INTERRUPTED_CODE,
    ContractError,
    InputError,
    KilledError,
    VerificationError,
    disk_is_full,
    first_line,
    out_of_memory,
    printable,
)

try:
    from typer.exceptions import TyperException as UsageError
except ImportError:  # an older typer, which is built on click
    from click import ClickException as UsageError  # type: ignore[assignment]

DEBUG = "--debug"
ROOM = "; free some room there and repeat the command"

app = typer.Typer(
    help="Find out whether to model a text corpus by characters, by words or by something in between.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS: dict[str, tuple[Callable[..., None], str]] = {  # each with its line in the list of all
    "compare": (compare.compare, "Train a model for each column and compare their bits."),
    "inspect": (inspect.inspect, "Show what a corpus says before training."),
    "tokenize": (tokenize.tokenize, "Show how a text is cut, and which words are rare."),
    "train": (train.train, "Train the model of one column."),
    "score": (score.score, "Show the bits that files need with a run."),
    "generate": (generate.generate, "Continue a prompt with text from a run."),
    "verify": (verify.verify, "Prove the bits of a run: compress and decompress text."),
    "compress": (compress.compress, "Compress a text with a run's probabilities."),
    "decompress": (compress.decompress, "Restore the text of a compressed file."),
    "export": (export.export, "Write a run's network for plain Keras."),
    "report": (report.report, "Make the page of a comparison again, or join several."),
    "list": (listing.listing, "List tokenizers, strategies, corpora or measures."),
    "reproduce": (reproduce.reproduce, "Train the article's four networks, then repair them."),
    "cache": (cache.cache, "Show, limit or clear the cache."),
}
for name, (command, line) in COMMANDS.items():
    app.command(name, short_help=line)(command)
app.add_typer(corpora.app, name="corpora", short_help="List, fetch or add corpora that have a name.")


def show_version(value: bool) -> None:
    """Print the version and exit."""
    if value:
        say(f"toolkit {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version."),  # noqa: ARG001
    debug: bool = typer.Option(False, DEBUG, help="Show where an error arose; may stand after any command."),  # noqa: ARG001
) -> None:
    """Options of toolkit itself."""
    if context.invoked_subcommand is None:
        say(context.get_help())


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 done, 1 a check failed, 2 bad input or environment, 130 interrupted.

    Afterwards, the arguments and the environment of this process are as before.
    """
    write_anything()
    given, debugging = sys.argv, os.environ.get(DEBUGGING)
    arguments = given[: given.index("--")] if "--" in given else given
    sys.argv = [argument for argument in arguments if argument != DEBUG] + given[len(arguments) :]
    if DEBUG in arguments:
        os.environ[DEBUGGING] = "1"  # in the processes that are started, too
    try:
        code = outcome()
    finally:
        sys.argv = given
        os.environ.pop(DEBUGGING, None)
        if debugging is not None:
            os.environ[DEBUGGING] = debugging
    if code == INTERRUPTED_CODE:
        print(INTERRUPTED, file=sys.stderr)
    sys.exit(code)


def outcome() -> int:
    """Run the command; its exit code. Whatever is raised is told in one sentence, after its traceback if debugging."""
    try:
        check_arguments(sys.argv)
        check_folder()
        code = app(prog_name="toolkit", standalone_mode=False) or 0
        sys.stdout.flush()  # or its failure would be told after the end, with a traceback
        return int(code)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED_CODE
    except BrokenPipeError:  # who reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the edge; a panic of a library in Rust is no Exception
        if os.environ.get(DEBUGGING):
            traceback.print_exception(error)
        code, sentence = told(error)
        refused(sentence)
        return code


def told(error: BaseException) -> tuple[int, str]:
    """The exit code for an error, and what is said of it."""
    match error:
        case InputError():
            return 2, str(error)
        case VerificationError():
            return 1, f"verification failed: {error}"
        case KilledError():
            return 2, f"{error}."
        case ContractError():
            return 1, f"someone else's code breaks its contract: {error}"
        case OSError():
            what = error.filename or "standard output, or a file,"
            room = ROOM if error.filename and disk_is_full(error) else ""
            return 2, f"{what} cannot be used: {error.strerror or first_line(error)}{room}."
        case UsageError():
            return 2, f"{wrong_use(error)}, in: {options.command_line()}; see --help."
        case _ if out_of_memory(error):
            return 2, (
                "there is not enough memory for this; finished cells are kept. Give smaller values with --set, fewer "
                "--workers, or less text."
            )
    kind = type(error).__name__
    return 2, f"{kind}: {first_line(error)}. This was not expected; the same command with {DEBUG} shows where it arose."


def wrong_use(error: UsageError) -> str:
    """What is wrong with an option."""
    option = error.format_message().rstrip(".")
    return re.sub(r": '.*' is not one of (?='[^']*'\Z)", ": give ", option.replace("Value error, ", ""))  # of one


def write_anything() -> None:
    """Make standard output and error write any character: what their encoding lacks is spelled out.

    Where one of them is closed, what is written to it is lost and nothing else.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as we run
            os.set_inheritable(nowhere.fileno(), True)  # workers have it in the place of what is closed, too
            setattr(sys, name, nowhere)
        else:
            stream.reconfigure(errors="backslashreplace")


def refused(sentence: str) -> None:
    """Print the reason in one line."""
    print("toolkit:", printable(" ".join(sentence.split())), file=sys.stderr)


def check_folder() -> None:
    """Raise InputError if the working folder is no longer there: nothing can be found from it."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise InputError("The working folder has been removed; change to another one.") from error


def check_arguments(arguments: list[str]) -> None:
    """Raise InputError if an argument is not UTF-8: it could be neither shown nor saved."""
    for argument in arguments:
        if argument != argument.encode(errors="ignore").decode():
            raise InputError(
                f"The argument {argument!a} is not UTF-8, or the locale is not; rename the file, write it in UTF-8, or "
                f"set PYTHONUTF8=1."
            )
