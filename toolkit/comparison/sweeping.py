"""``--sweep``: several values for one setting of a column -> a named column for each value."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.config import key_path, merged, nested, parse_value
from toolkit.errors import InputError
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.runs.columns import column_name, slug

CHOSEN_ON = ("train", "valid_characters")  # the setting that says on how much text the best value is chosen
EXAMPLE = "--sweep 'columns.\"word:cluster\".k=8,16'"


def sweep_column(
    names: Sequence[str], options: Mapping[str, Mapping[str, Any]], text: str
) -> tuple[list[str], dict[str, Mapping[str, Any]], Sweep]:
    """Replace a column by a column for each value of a setting; a column that is not listed comes last.

    Returns:
        The names and options of all columns as ``parse_columns`` takes them, and the sweep.

    >>> sweep_column(["char", "bpe"], {}, "columns.bpe.vocabulary_size=300,400")[0]
    ['char', 'bpe-vocabulary_size-300', 'bpe-vocabulary_size-400']
    """
    name, key, values = parse_sweep(text)
    if key == CHOSEN_ON:
        raise InputError(f"--sweep {text!r} has no best value: each value is validated on another text.")
    column = column_name(name, options)
    points = [point(column, key[-1], value) for value in values]
    new = [point.column for point in points]
    replaced: list[str] = []
    for listed in names:
        replaced += new if column_name(listed, options) == column else [listed]
    table = {"tokenizer": name} | dict(options.get(column, {}))
    tables = {listed: table for listed, table in options.items() if listed != column}
    tables |= {point.column: merged(table, nested(key, point.value)) for point in points}
    sweep = Sweep(column=column, key=".".join(key), values=points)
    return replaced if new[0] in replaced else replaced + new, tables, sweep


def point(column: str, setting: str, value: bool | int | float | str) -> SweptValue:
    """Return a value with its column, whose name needs no quotes in a shell and names no tokenizer.

    >>> point("word:cluster", "k", 40).column, point("char@gru", "dropout", 0.25).column
    ('word-cluster-k-40', 'char-gru-dropout-0.25')
    """
    return SweptValue(value=value, column=slug(f"{column}-{setting}-{SweptValue(value=value, column='').text}"))


def parse_sweep(text: str) -> tuple[str, tuple[str, ...], list[bool | int | float | str]]:
    """Return the column, the names in the key of its setting, and the values.

    >>> parse_sweep('columns."word:pos".case=keep,mark')
    ('word:pos', ('case',), ['keep', 'mark'])
    """
    key, _, listed = text.partition("=")
    values = [parse_value(value.strip()) for value in listed.split(",")]
    try:
        root, column, *setting = key_path(key)
    except ValueError:
        root, column, setting = "", "", []
    if root != "columns" or not setting or len(values) < 2 or not all(isinstance(v, int | float | str) for v in values):
        raise InputError(f"--sweep {text!r} is not columns.NAME.SETTING=VALUE,VALUE. Write, for example, {EXAMPLE}.")
    return column, tuple(setting), values
