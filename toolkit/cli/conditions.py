"""``--fail-if``: a number in a comparison, compared with a bound."""

import operator
import re
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from toolkit.config import key_path
from toolkit.errors import InputError, nearest
from toolkit.results.cell import Cell
from toolkit.results.corpus import CorpusFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.results.comparison import Comparison

COMPARE = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
EXAMPLE = """write, for example, --fail-if 'columns."word:pos".bits_per_character.total > 2.4'"""


@dataclass(frozen=True)
class Condition:
    """``path sign bound``; the path begins with ``columns`` and a column's name, or with ``corpus``."""

    text: str
    path: tuple[str, ...]
    sign: str
    bound: float

    def check(self, columns: "Sequence[str]") -> None:
        """Raise InputError for a key that a comparison of these columns cannot have, as far as is known in advance."""
        root, *rest = self.path
        if root == "corpus":
            self.check_path(CorpusFacts, rest)
        elif root == "columns" and len(rest) > 1:
            if rest[0] not in columns:
                raise InputError(
                    f"--fail-if {self.text!r}: there is no column {rest[0]!r}; {nearest(rest[0], columns)}."
                )
            self.check_path(Cell, rest[1:])
        else:
            raise InputError(f"--fail-if {self.text!r} does not begin with columns or corpus; {EXAMPLE}.")

    def check_path(self, record: Any, path: "Sequence[str]") -> None:
        """Follow the names through the fields of records; what lies below a table is known only afterwards."""
        for name in path:
            fields = getattr(record, "model_fields", None)
            if fields is None:
                break
            if name not in fields:
                raise InputError(f"--fail-if {self.text!r}: there is no {name!r}; {nearest(name, fields)}.")
            record = fields[name].annotation
        else:
            if record not in (int, float):
                raise InputError(f"--fail-if {self.text!r} does not name a number; {EXAMPLE}.")

    def value(self, comparison: "Comparison") -> float:
        """The number, a mean over the seeds of a column. Raises InputError if there is none."""
        root, *rest = self.path
        if root == "corpus":
            return self.number(comparison.corpus.model_dump(), rest)
        cells = [cell for cell in comparison.full if cell.column == rest[0]]
        return fmean(self.number(cell.model_dump(), rest[1:]) for cell in cells)

    def number(self, entry: Any, path: "Sequence[str]") -> float:
        """The number at the end of the path through nested tables. Raises InputError if there is no number."""
        for name in path:
            entry = entry.get(name) if isinstance(entry, dict) else None
        if not isinstance(entry, int | float):
            raise InputError(f"--fail-if {self.text!r} does not name a number in this comparison; {EXAMPLE}.")
        return float(entry)

    def failure(self, comparison: "Comparison") -> str | None:
        """A sentence if the condition is true of the comparison, otherwise None."""
        if self.path[0] == "columns" and self.path[1] not in comparison.columns:
            return f"No cell of {self.path[1]!r} has a result, so --fail-if {self.text!r} cannot be checked."
        value = self.value(comparison)
        if not COMPARE[self.sign](value, self.bound):
            return None
        return f"{'.'.join(self.path)} is {value:g}, so the condition {self.sign} {self.bound:g} of --fail-if holds."


def check_conditions(
    conditions: "Sequence[Condition]", tokenizers: str, settings: "Mapping[str, Any]", sweep: "Sequence[str]"
) -> None:
    """Raise InputError for a condition that a comparison of these columns cannot have, before it is computed."""
    from toolkit.comparison.arguments import named_columns
    from toolkit.comparison.sweeping import expanded

    swept = expanded(tokenizers, settings.get("columns", {}), sweep)
    columns = [column.name for column in named_columns(swept.names, swept.options, {})]
    for condition in conditions:
        condition.check(columns)


def parse_condition(text: str) -> Condition:
    """The condition that an expression states. Raises InputError if it is not a condition.

    >>> parse_condition('columns."word:pos".bits_per_character.total > 2.4').path
    ('columns', 'word:pos', 'bits_per_character', 'total')
    """
    try:
        key, sign, bound = re.split("(<=|>=|==|!=|<|>)", text)
        return Condition(text, key_path(key), sign, float(bound))
    except ValueError as error:
        raise InputError(
            f"--fail-if {text!r} is not a condition such as KEY < NUMBER, with <, <=, >, >=, == or !=; {EXAMPLE}."
        ) from error
