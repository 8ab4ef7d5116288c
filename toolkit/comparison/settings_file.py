"""A file of settings, which is not the file that says what a comparison was asked for."""

from pathlib import Path
from typing import Any

from toolkit.comparison.folder import JOINED_FROM, saved_comparison
from toolkit.config import read_settings
from toolkit.errors import InputError


def settings_in(path: Path) -> dict[str, Any]:
    """The nested values of a TOML file of settings.

    Raises InputError as ``read_settings`` does, and for a comparison's compare.toml, with the command to repeat.
    """
    values = read_settings(path)
    if {"tokenizers", "corpus"} <= values.keys() or JOINED_FROM in values:
        saved = saved_comparison(path.parent)
        command = f" ({saved.command})" if saved else ""
        raise InputError(
            f"{path} says what a comparison was asked for, and is no file of settings; repeat its command "
            f"instead{command}."
        )
    return values
