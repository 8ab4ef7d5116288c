"""The options of commands, made from the list in ``toolkit.comparison.options``, and what all commands print with."""

import json
import shlex
import sys
import types
import typing
import webbrowser
from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from toolkit.comparison.options import ARGUMENTS, COLUMNS, ColumnOptions, OutputOptions, assignment, options_of
from toolkit.config import merged, read_settings
from toolkit.errors import is_shown, printable
from toolkit.text.catalogue import DEFAULT

if TYPE_CHECKING:
    from toolkit.results.record import Record

F = TypeVar("F", bound=Callable[..., Any])

DEBUG = "--debug"
TOKENIZERS = typer.Option(COLUMNS, help=ARGUMENTS["tokenizers"])
CORPUS = typer.Option(DEFAULT, help=ARGUMENTS["corpus"])
CONFIG = typer.Option(None, help="A TOML file with settings.")
SET = typer.Option([], "--set", help="A setting, KEY=VALUE, such as network.units=128; may be repeated.")
OPEN = typer.Option(False, "--open", help="Open the page in a browser.")
JSON = typer.Option(False, "--json", help="Print one JSON document instead of text.")


def declared(name: str, default: Any, text: str) -> Any:
    """Return the declaration of an option; one that is true or false has no ``--no-`` form."""
    default = list(default) if isinstance(default, tuple) else default
    return typer.Option(default, f"--{name.replace('_', '-')}", help=text)


SHARED = {
    name: declared(name, *rest)
    for kind in (ColumnOptions, OutputOptions)
    for name, (_, *rest) in options_of(kind).items()
}
CODE, OUT, QUIET, SPLIT_SEED, TEXT_COLUMN = (
    SHARED[name] for name in ("code", "out", "quiet", "split_seed", "text_column")
)


def takes(kind: type, **defaults: Any) -> Callable[[F], F]:
    """Return a decorator that replaces ``**options`` of a command by the options of a kind.

    ``defaults`` are those that the command line does not share with Python. ``as_in_python`` undoes the replacement.
    """

    def declare(function: F) -> F:
        parameters = list(signature(function).parameters.values())[:-1]
        options: list[Parameter] = []
        for name, (type_, default, text) in options_of(kind).items():
            if name == "settings":
                options += [keyword("config", Path | None, CONFIG), keyword("set_", list[str], SET)]
            elif name != "command":
                declaration = declared(name, defaults.get(name, default), text)
                options.append(keyword(name, command_line_type(type_), declaration))
        first = [parameter for parameter in parameters if parameter.kind is not Parameter.KEYWORD_ONLY]
        whole = [*first, *options, *parameters[len(first) :]]
        function.__signature__ = signature(function).replace(parameters=whole)  # type: ignore[attr-defined]
        function.__annotations__ = {parameter.name: parameter.annotation for parameter in whole}
        return function

    return declare


def keyword(name: str, type_: Any, declaration: Any) -> Parameter:
    """Return a parameter as typer reads it."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=declaration, annotation=type_)


def command_line_type(type_: Any) -> Any:
    """Return the type of an option on the command line: the first of several, or none.

    >>> command_line_type(str | float | None)
    str | None
    """
    if typing.get_origin(type_) not in (types.UnionType, typing.Union):
        return type_
    first, *others = typing.get_args(type_)
    return first | None if types.NoneType in others else first


def as_in_python(options: dict[str, Any]) -> dict[str, Any]:
    """Return a command's options for the function in Python: with settings, and with the command line."""
    settings = assigned_settings(options.pop("config"), options.pop("set_"))
    return options | {"settings": settings, "command": command_line()}


def assigned_settings(config: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """Return settings as nested values, from a TOML file and then from ``--set``."""
    settings = {} if config is None else read_settings(config)
    for text in assignments:
        settings = merged(settings, assignment(text))
    return settings


def command_line() -> str:
    """Return the command that is running."""
    return shlex.join(["toolkit", *(argument for argument in sys.argv[1:] if argument != DEBUG)])


def run_code(code: Sequence[Path]) -> None:
    """Run the files of ``--code``."""
    from toolkit.plugins import load_code

    for path in code:
        load_code(path)


def say(text: str = "", *, to_error: bool = False) -> None:
    """Print a line; a terminal gets control characters spelled out, a program gets them as they are."""
    stream = sys.stderr if to_error else sys.stdout
    print(printable(text) if stream.isatty() else text, file=stream, flush=True)


def print_result(
    record: "Record", show: Callable[[Any], None], page: Path | None, *, open_: bool, as_json: bool
) -> None:
    """Print a result and the path of its page, as text or as JSON, and open the page if ``open_``."""
    if open_ and page:
        webbrowser.open(page.resolve().as_uri())
    if as_json:
        echo_json(record.model_dump(by_alias=True) | {"page": None if page is None else str(page)})
        return
    show(record)
    if page is not None:
        say(f"Report:  {page}")


def echo_json(document: Any) -> None:
    """Print values as one JSON document, with null for numbers that are not finite."""
    from pydantic import TypeAdapter

    say(escaped(TypeAdapter(Any).dump_json(document, indent=1).decode("utf-8"), sys.stdout.encoding or "utf-8"))


def escaped(text: str, encoding: str) -> str:
    r"""Escape the characters of JSON that the encoding lacks or a terminal must not get.

    >>> escaped('"é\x9b😀"', "latin-1"), escaped('"é\x9b😀"', "utf-8")
    ('"é\\u009b\\ud83d\\ude00"', '"é\\u009b😀"')
    """
    odd = {c for c in set(text) if not is_shown(c) or not c.encode(encoding, "ignore")}
    return text.translate({ord(c): json.dumps(c)[1:-1] for c in odd})
