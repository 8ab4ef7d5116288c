"""The settings that differ between columns: of the network, of its training, and options of a tokenizer."""

from collections.abc import Mapping
from typing import Any

from toolkit.config import flat
from toolkit.results.comparison import Comparison

COMMON = ("recipe", "network", "train")  # what the comparison sets for all columns


def differing(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """The value by column, for each setting that columns with a result differ in, by its dotted key.

    None where a column has no such option, or its default, or counts and so has no network. What a tokenizer's name
    says is no setting.
    """
    common = of_all(comparison)
    tables: Mapping[str, Any] = comparison.settings.get("columns", {})
    own = {name: flat(dict(tables.get(name, {}))) for name in comparison.columns}
    keys = dict.fromkeys(key for table in own.values() for key in table if key != "tokenizer")
    counted = {name for name, cells in comparison.by_column.items() if cells[0].counted}
    by_key = {
        key: {name: table.get(key, None if name in counted else common.get(key)) for name, table in own.items()}
        for key in keys
    }
    found = {key: values for key, values in by_key.items() if len(set(map(repr, values.values()))) > 1}
    return {key: values for key, values in found.items() if key not in common or told_apart(values)}


def of_all(comparison: Comparison) -> dict[str, Any]:
    """What the comparison sets for all columns, by dotted keys."""
    return flat({group: comparison.settings[group] for group in COMMON if group in comparison.settings})


def told_apart(values: Mapping[str, Any]) -> bool:
    """Whether networks differ: columns that count have None."""
    return len({repr(value) for value in values.values() if value is not None}) > 1


def differing_in_words(comparison: Comparison) -> str:
    """The settings that differ, in a sentence; nothing if none does."""
    settings = [
        f"{key} ({', '.join(f'{name} {shown(value)}' for name, value in values.items() if value is not None)})"
        for key, values in differing(comparison).items()
    ]
    return f"Settings that differ between columns: {'; '.join(settings)}." if settings else ""


def shown(value: Any) -> str:
    """A value as TOML writes it, as far as it is a number, text or truth.

    >>> shown(True), shown(512), shown("keep")
    ('true', '512', 'keep')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
