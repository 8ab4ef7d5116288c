"""``--config`` and ``--set`` -> nested settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.config import key_path, merged, nested, parse_value, read_settings
from toolkit.errors import InputError


def assignment(text: str) -> dict[str, Any]:
    """``a.b=c`` as nested values; a part with a dot or colon is quoted. Raises InputError if it is not an assignment.

    >>> assignment('columns."word:pos".rare_max_count=2')
    {'columns': {'word:pos': {'rare_max_count': 2}}}
    """
    key, equals, value = text.partition("=")
    try:
        names = key_path(key) if equals else ()
    except ValueError:
        names = ()
    if not names:
        quotes = (
            ', with a name that has a dot or colon in quotes, such as columns."word:pos".case=mark' if equals else ""
        )
        raise InputError(
            f"--set {text!r} is not an assignment; write KEY=VALUE, such as --set network.units=128{quotes}."
        )
    return nested(names, parse_value(value))


def assigned_settings(config: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """The settings that were given, nested: an assignment overrides the file.

    Raises InputError for one that cannot be read.
    """
    settings = {} if config is None else read_settings(config)
    for text in assignments:
        settings = merged(settings, assignment(text))
    return settings
