"""``--config`` and ``--set`` -> nested settings."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import InputError


def parse_value(text: str) -> Any:
    """A value as TOML reads it; anything else is a string.

    >>> parse_value("3"), parse_value("true"), parse_value("abc")
    (3, True, 'abc')
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def assignment(text: str) -> dict[str, Any]:
    """``a.b=c`` as nested values; a part with a dot or colon is quoted. Raises InputError if it is not an assignment.

    >>> assignment('columns."word:pos".rare_max_count=2')
    {'columns': {'word:pos': {'rare_max_count': 2}}}
    """
    key, equals, value = text.partition("=")
    try:
        keys = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        equals = ""
        keys = {}
    if not equals or not keys:
        raise InputError(f"--set {text!r} is not an assignment; write KEY=VALUE, such as --set network.units=128.")
    place = keys
    while isinstance(inner := place[next(iter(place))], dict):
        place = inner
    place[next(iter(place))] = parse_value(value)
    return keys


def assigned_settings(config: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """The settings that were given, nested: an assignment overrides the file.

    Raises InputError for one that cannot be read.
    """
    from toolkit.config import merged, read_settings

    settings = {} if config is None else read_settings(config)
    for text in assignments:
        settings = merged(settings, assignment(text))
    return settings
