"""The command line: a file per command, each a thin wrapper over a plain function."""

import importlib
import shlex
import sys
from typing import NoReturn

import typer

from toolkit import __version__
from toolkit.errors import ContractError, InputError, VerificationError

try:
    from typer.exceptions import TyperException as UsageError
except ImportError:  # an older typer, which is built on click
    from click import ClickException as UsageError  # type: ignore[assignment]

INTERRUPTED = 130

app = typer.Typer(
    help="Find out whether to model a text corpus by characters, by words or by something in between.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS = (
    "compare",
    "inspect",
    "tokenize",
    "train",
    "score",
    "generate",
    "verify",
    "compress",
    "export",
    "report",
    "listing",
    "reproduce",
    "cache",
)
for command in COMMANDS:
    importlib.import_module(f"toolkit.cli.{command}").register(app)


def show_version(value: bool) -> None:
    """Print the version and exit."""
    if value:
        typer.echo(f"toolkit {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version."),  # noqa: ARG001
) -> None:
    """Options of toolkit itself."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 done, 1 a check failed, 2 bad input or environment, 130 interrupted."""
    try:
        check_arguments(sys.argv)
        code = app(standalone_mode=False) or 0
    except InputError as error:
        code = refused(str(error))
    except VerificationError as error:
        refused(f"verification failed: {error}")
        code = 1
    except ContractError as error:
        refused(f"someone else's code breaks its contract: {error}")
        code = 1
    except OSError as error:
        code = refused(f"{error.filename or 'a file'} cannot be used: {error.strerror}.")
    except UsageError as error:
        command_line = shlex.join(["toolkit", *sys.argv[1:]])
        code = refused(f"{error.format_message().rstrip('.')}, in: {command_line}; see toolkit --help.")
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        print(
            "toolkit: interrupted; comparisons and reproductions keep finished parts: repeat the command to continue.",
            file=sys.stderr,
        )
    sys.exit(code)


def refused(sentence: str) -> int:
    """Print the reason in one line; returns the exit code."""
    print("toolkit:", " ".join(sentence.split()), file=sys.stderr)
    return 2


def check_arguments(arguments: list[str]) -> None:
    """Raise InputError if an argument is not UTF-8: it could be neither shown nor saved."""
    for argument in arguments:
        if argument != argument.encode(errors="ignore").decode():
            raise InputError(f"The argument {argument!a} is not UTF-8; rename the file, or write it in UTF-8.")
