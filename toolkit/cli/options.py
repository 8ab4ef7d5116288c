"""The options of commands, from the list in ``toolkit.comparison.options``, and the printing of all commands."""

import shlex
import sys
import webbrowser
from collections.abc import Callable
from functools import reduce
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import typer
from pydantic import TypeAdapter

from toolkit.cli.completion import columns
from toolkit.comparison.options import ARGUMENTS, COLUMNS, CompareOptions, assignment, nested_settings, options_of
from toolkit.config import F, merged
from toolkit.errors import InputError, printable
from toolkit.results.record import Record
from toolkit.text.catalogue import DEFAULT, entries

DEBUG, JSON = "--debug", "--json"  # may stand after any command
TOKENIZERS = typer.Option(COLUMNS, help=ARGUMENTS["tokenizers"], autocompletion=columns)
PLACE = typer.Argument(None, metavar="[CORPUS]", help=ARGUMENTS["corpus"], autocompletion=entries)
CORPUS = typer.Option(None, "--corpus", help=f"The same as CORPUS; by default {DEFAULT}.", autocompletion=entries)
SET = typer.Option([], "--set", help="A setting, KEY=VALUE, such as network.units=128; may be repeated.")
OPEN = typer.Option(False, "--open", help="Open the page in a browser.")


def declared(name: str, default: Any, text: str) -> Any:
    """Return the declaration of an option; one that is true or false has no ``--no-`` form."""
    default = list(default) if isinstance(default, tuple) else default
    flag = "config" if name == "settings" else name.replace("_", "-")
    return typer.Option(default, f"--{flag}", help=text)


SHARED = options_of(CompareOptions)
CODE, OUT, QUIET = (declared(name, *SHARED[name][1:]) for name in ("code", "out", "quiet"))


def takes(kind: type, **defaults: Any) -> Callable[[F], F]:
    """Return a decorator that replaces ``**options`` of a command by the options of a kind.

    ``defaults`` replace the defaults of Python.
    """

    def declare(function: F) -> F:
        whole = signature(function)
        *parameters, _ = whole.parameters.values()
        for name, (type_, default, text) in options_of(kind).items():
            first, *alternatives = get_args(type_) or [type_]
            annotation = first | None if NoneType in alternatives else first
            declaration = declared(name, defaults.get(name, default), text)
            if name != "command":
                parameters.append(
                    Parameter(name, Parameter.KEYWORD_ONLY, default=declaration, annotation=annotation)
                )
        parameters.append(Parameter("set_", Parameter.KEYWORD_ONLY, default=SET, annotation=list[str]))
        function.__signature__ = whole.replace(parameters=parameters)  # type: ignore[attr-defined]
        function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return function

    return declare


def as_in_python(options: dict[str, Any], place: str | None = None) -> dict[str, Any]:
    """Return a command's options for the function in Python, with ``--set`` and the command line.

    ``place`` is a corpus that stands beside ``--corpus``. Raises InputError if they are two corpora.
    """
    settings = reduce(merged, map(assignment, options.pop("set_")), nested_settings(options.pop("settings")))
    if "corpus" in options:
        corpora = {place, options["corpus"]} - {None}
        if len(corpora) > 1:
            raise InputError(f"CORPUS is {place!r} and --corpus is {options['corpus']!r}. Leave one of them out.")
        options["corpus"] = corpora.pop() if corpora else DEFAULT
    return options | {"settings": settings, "command": command_line()}


def command_line() -> str:
    """Return the command that is running."""
    return shlex.join(["toolkit", *(argument for argument in sys.argv[1:] if argument != DEBUG)])


def say(text: str = "", *, to_error: bool = False) -> None:
    """Print a line; a terminal gets control characters spelled out, a program gets them as they are."""
    stream = sys.stderr if to_error else sys.stdout
    print(printable(text) if stream.isatty() else text, file=stream, flush=True)


def echo(document: Any, text: str) -> None:
    """Print a result as text or, with ``--json``, in ASCII and with null for NaN and infinity."""
    if JSON in sys.argv:
        text = TypeAdapter(Any).dump_json(document, indent=1, ensure_ascii=True).decode("ascii")
    say(text)


def print_result(record: Record, show: Callable[[Any], None] | None, page: Path | None, *, open_: bool) -> None:
    """Print a result and the path of its page; without ``show``, only the path."""
    if open_ and page:
        webbrowser.open(page.resolve().as_uri())
    if show and JSON not in sys.argv:
        show(record)
    document = record.model_dump(by_alias=True) | {"page": str(page) if page else None}
    echo(document, f"Report:  {page}" if show else str(page))
