"""The command line: each command turns its strings into values and calls one plain function."""

import os
import signal
import sys
import traceback
from typing import NoReturn

import typer

from toolkit import __version__, errors
from toolkit.cli import catalogue, compare, completion, model, serve
from toolkit.cli.options import DEBUG, JSON, command_line, say
from toolkit.environment import search_rarely_for_garbage

INTERRUPTED_CODE = 130  # the exit code after Ctrl-C

app = typer.Typer(
    help="Find out whether to model a text corpus by characters, by words or by something in between.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    *(
        compare.compare,
        compare.inspect,
        compare.tokenize,
        compare.train,
        model.score,
        model.generate,
        model.verify,
        model.audit,
    ),
    *(model.compress, model.decompress, model.export, compare.report, catalogue.list_, compare.reproduce),
    serve.serve,
    catalogue.cache,
):
    app.command(command.__name__.rstrip("_"))(command)
app.add_typer(catalogue.corpora, name="corpora")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version."),
    debug: bool = typer.Option(False, DEBUG, help="Show where an error arose; may stand after any command."),  # noqa: ARG001
    json: bool = typer.Option(False, JSON, help="Print one JSON document; may stand after any command."),  # noqa: ARG001
) -> None:
    """Options of toolkit itself."""
    if version:
        say(f"toolkit {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 done, 1 a check failed, 2 bad input or environment, 130 interrupted."""
    search_rarely_for_garbage()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a command as Ctrl-C does
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # spells out what its encoding lacks
    if DEBUG in sys.argv:
        os.environ[errors.DEBUGGING] = "1"  # for processes that start, too
    completion.mend_bash_words()
    code = exit_code([argument for argument in sys.argv[1:] if argument not in (DEBUG, JSON)])
    if code == INTERRUPTED_CODE:  # typer, too, returns it
        print("toolkit: interrupted. Repeat the command to continue.", file=sys.stderr)
    sys.exit(code)


def exit_code(arguments: list[str]) -> int:
    """Run a command and return its exit code; print an error in one sentence, after its traceback if debugging."""
    try:
        code = app(arguments, prog_name="toolkit", standalone_mode=False) or 0
        sys.stdout.flush()  # a failure after the end would print a traceback
        return int(code)
    except SystemExit:  # after completion
        raise
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED_CODE
    except BaseException as error:  # noqa: BLE001 - the edge; a panic of a library in Rust is no Exception
        # The reader has read enough; typer exits then.
        if BrokenPipeError in (type(error), type(error.__context__)):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        if os.environ.get(errors.DEBUGGING):
            traceback.print_exception(error)
        code, sentence = explain(error)
        print("toolkit:", errors.printable(" ".join(sentence.split())), file=sys.stderr)
        return code


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code for an error and a sentence about it."""
    match error:
        case errors.InputError() | errors.KilledError():
            return 2, f"{str(error).rstrip('.')}."
        case errors.VerificationError():
            return 1, f"verification failed: {error}"
        case errors.ContractError():
            return 1, f"a plug-in breaks its contract: {error}"
        case OSError():
            place = error.filename or "standard output, or a file,"
            return 2, f"{place} cannot be used: {error.strerror or errors.first_line(error)}."
        case _ if hasattr(error, "format_message"):  # of typer
            return 2, f"{error.format_message().rstrip('.')}, in: {command_line()}; see --help."
        case _ if errors.out_of_memory(error):
            return (
                2,
                "Memory ran out; finished cells are kept. Give less text, smaller settings or fewer --workers.",
            )
    unexpected = f"{type(error).__name__}: {errors.first_line(error)}"
    return 2, f"{unexpected}. The same command with {DEBUG} shows where this error arose."
