"""The command line: a file per command, each a thin wrapper over a plain function."""

import importlib
import sys

import typer

from toolkit import __version__
from toolkit.errors import InputError

app = typer.Typer(
    help="Settles, for a text corpus, whether to model it by characters, by words or by something between.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS = ("compare", "score", "generate", "verify", "compress", "report", "listing", "cache")
for command in COMMANDS:
    importlib.import_module(f"toolkit.cli.{command}").register(app)


def show_version(value: bool) -> None:
    """Print the version and stop."""
    if value:
        typer.echo(f"toolkit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version."),
) -> None:
    """Options of toolkit itself."""


def main() -> None:
    """Run the command line: exit code 0 done, 1 a check failed, 2 bad input or environment, 130 interrupted."""
    try:
        app(standalone_mode=True)
    except InputError as error:
        print(f"toolkit: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(
            "toolkit: interrupted; what is finished is kept, and the same command goes on from there.", file=sys.stderr
        )
        sys.exit(130)
