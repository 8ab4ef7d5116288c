"""``--sweep``: several values for one setting of a column -> a named column for each value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from toolkit.config import CompareSettings, key_path, merged, nested, parse_settings, parse_value
from toolkit.errors import InputError
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.runs.columns import column_name, parse_column, slug

CHOSEN_ON = ("train", "valid_characters")  # the setting that says on how much text the best value is chosen
EXAMPLE = "write, for example, --sweep 'columns.bpe.vocabulary_size=256,512,1024'"


@dataclass(frozen=True)
class Expanded:
    """The names and the options of columns as ``parse_columns`` takes them, with a column for each value of a sweep."""

    names: list[str]
    options: Mapping[str, Mapping[str, Any]]
    sweeps: tuple[Sweep, ...] = ()


def expanded(
    tokenizers: str | Sequence[str], options: Mapping[str, Mapping[str, Any]], sweeps: str | Sequence[str]
) -> Expanded:
    """The columns of a list, or of names with commas, in which a column for each value replaces one that is swept.

    A swept column that is not listed comes last. Raises InputError for what is not a sweep, for an unknown column or
    option, for a second sweep of a column, and for the one setting whose values could not be compared (``CHOSEN_ON``);
    the values are checked where the columns are made.

    >>> expanded("char,bpe", {}, "columns.bpe.vocabulary_size=300,400").names
    ['char', 'bpe-vocabulary_size-300', 'bpe-vocabulary_size-400']
    """
    listed = tokenizers.split(",") if isinstance(tokenizers, str) else tokenizers
    columns = Expanded([name.strip() for name in listed if name.strip()], options)
    for text in [sweeps] if isinstance(sweeps, str) else sweeps:
        columns = with_sweep(columns, text)
    return columns


def with_sweep(columns: Expanded, text: str) -> Expanded:
    """The columns with one more of them swept. Raises InputError as ``expanded`` does."""
    parse_settings({"columns": columns.options}, CompareSettings())
    given, key, values = parse_sweep(text)
    if key == CHOSEN_ON:
        raise InputError(
            f"--sweep {text!r} has no best value: bits of different validation texts, among which it would be chosen, "
            f"cannot be compared; give each value a column of its own in --config."
        )
    column = column_name(given, columns.options)
    if column in {sweep.column for sweep in columns.sweeps}:
        raise InputError(
            f"--sweep {text!r} is a second sweep of the column {column!r}, which can have one; leave it out, or give "
            f"each pair of values a column of its own in --config."
        )
    its_own = dict(columns.options.get(column, {}))
    if key[0] != "tokenizer":
        parse_column(given, merged(its_own, nested(key, values[0]))).make()  # by the name that was given
    points = [point(column, key[-1], value) for value in values]
    new = [point.column for point in points]
    check_new(text, new, {*columns.names, *columns.options})
    names: list[str] = []
    for name in columns.names:
        names += new if column_name(name, columns.options) == column else [name]
    options = {name: table for name, table in columns.options.items() if name != column}
    swept = {"tokenizer": given} | its_own
    options |= {point.column: merged(swept, nested(key, point.value)) for point in points}
    sweep = Sweep(column=column, key=".".join(key), values=points)
    return Expanded(names if new[0] in names else names + new, options, (*columns.sweeps, sweep))


def point(column: str, setting: str, value: bool | int | float | str) -> SweptValue:
    """A value with the name of its column: the swept column's, the setting and the value, joined by hyphens.

    Such a name is its own folder's, needs no quotes in a shell and, unless it has a dot, as a key of TOML; and it names
    no tokenizer, which a name with a colon or an @ would.

    >>> point("word:cluster", "k", 40).column, point("char@gru", "dropout", 0.25).column
    ('word-cluster-k-40', 'char-gru-dropout-0.25')
    """
    unnamed = SweptValue(value=value, column="")
    return SweptValue(value=value, column=slug(f"{column}-{setting}-{unnamed.text}"))


def check_new(text: str, new: Sequence[str], taken: set[str]) -> None:
    """Raise InputError if two values would be the same column, or if a column's name is taken."""
    name, times = Counter(new).most_common(1)[0]
    if times > 1:
        raise InputError(f"--sweep {text!r} has values that would both be the column {name!r}; leave one out.")
    for name in taken.intersection(new):
        raise InputError(f"--sweep {text!r} makes a column {name!r}, which there is already; give yours another name.")


def parse_sweep(text: str) -> tuple[str, tuple[str, ...], list[bool | int | float | str]]:
    """The column, the names in the key of its setting, and the values. Raises InputError for what is not a sweep.

    >>> parse_sweep('columns."word:pos".case=keep,mark')
    ('word:pos', ('case',), ['keep', 'mark'])
    """
    key, equals, listed = text.partition("=")
    try:
        root, *names = key_path(key) if equals else ("",)
    except ValueError:
        root, names = "", []
    if root and root != "columns":
        raise InputError(
            f"--sweep {text!r} does not say for which column; write, for example, columns.char.{text.strip()}, and a "
            f"--sweep of its own for each other column."
        )
    if len(names) < 2:
        raise InputError(
            f"--sweep {text!r} is not columns.NAME.SETTING=VALUE,VALUE; {EXAMPLE}, with quotes around a name that has "
            f"a colon or an @."
        )
    column, *setting = names
    values = [parse_value(value.strip()) for value in listed.split(",")]
    for value in values:
        finite = isfinite(value) if isinstance(value, float) else isinstance(value, bool | int | str)
        if not finite or value == "":
            raise InputError(f"--sweep {text!r} has a value that is {value!r}; give numbers, text, true or false.")
    if len(values) < 2:
        raise InputError(f"--sweep {text!r} has only one value; give at least two, or one with --set.")
    return column, tuple(setting), values
