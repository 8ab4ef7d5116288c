"""``--sweep``: several values for one setting of a column -> a named column for each value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.config import key_path, merged, nested, parse_value
from toolkit.errors import InputError
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.runs.columns import check_tables, column_name, slug

CHOSEN_ON = ("train", "valid_characters")  # the setting that says on how much text the best value is chosen
EXAMPLE = "--sweep 'columns.\"word:cluster\".k=8,16'"


@dataclass(frozen=True)
class Expanded:
    """The names and options of columns as ``parse_columns`` takes them, with a column for each value of a sweep."""

    names: list[str]
    options: Mapping[str, Mapping[str, Any]]
    sweeps: tuple[Sweep, ...] = ()


def expanded(names: Sequence[str], options: Mapping[str, Mapping[str, Any]], sweeps: Sequence[str]) -> Expanded:
    """Replace each swept column by a column for each value; one that is not listed comes last.

    >>> expanded(["char", "bpe"], {}, ["columns.bpe.vocabulary_size=300,400"]).names
    ['char', 'bpe-vocabulary_size-300', 'bpe-vocabulary_size-400']
    """
    columns = Expanded(list(names), options)
    for text in sweeps:
        check_tables(options)
        columns = with_sweep(columns, text)
    return columns


def with_sweep(columns: Expanded, text: str) -> Expanded:
    """Replace one more column.

    Raises:
        InputError: The text is not a sweep, the column or its tokenizer is unknown, the column has been swept already,
            or the setting changes the text on which the best value is chosen.
    """
    name, key, values = parse_sweep(text)
    if key == CHOSEN_ON:
        raise InputError(f"--sweep {text!r} has no best value: each value is validated on another text.")
    column = column_name(name, columns.options)
    if column in {sweep.column for sweep in columns.sweeps}:
        raise InputError(f"--sweep {text!r} is a second sweep of the column {column!r}. Leave one out.")
    points = [point(column, key[-1], value) for value in values]
    new = [point.column for point in points]
    names: list[str] = []
    for listed in columns.names:
        names += new if column_name(listed, columns.options) == column else [listed]
    options = {listed: table for listed, table in columns.options.items() if listed != column}
    table = {"tokenizer": name} | dict(columns.options.get(column, {}))
    options |= {point.column: merged(table, nested(key, point.value)) for point in points}
    sweep = Sweep(column=column, key=".".join(key), values=points)
    return Expanded(names if new[0] in names else names + new, options, (*columns.sweeps, sweep))


def point(column: str, setting: str, value: bool | int | float | str) -> SweptValue:
    """Return a value with its column, whose name needs no quotes in a shell and is that of no tokenizer.

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
