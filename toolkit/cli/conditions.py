"""``--fail-if``: a number in a comparison, or of a cell that was trained alone, compared with a bound."""

import math
import operator
import re
from dataclasses import dataclass
from statistics import mean
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from toolkit.cli.saying import say
from toolkit.config import key_path
from toolkit.errors import InputError, nearest
from toolkit.evaluation.metrics import MEASURES
from toolkit.results.cell import Cell
from toolkit.results.contrasts import Contrast
from toolkit.results.corpus import CorpusFacts
from toolkit.results.generated import Measured, MeasureValue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from toolkit.results.comparison import Comparison

COMPARE = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
OF_A_COLUMN = """write, for example, --fail-if 'columns."word:pos".bits_per_character.total > 2.4'"""
EXAMPLE = f"""{OF_A_COLUMN} or --fail-if 'contrasts."word:pos".char.difference > 0'"""


@dataclass(frozen=True)
class Condition:
    """``path sign bound``; the path begins with ``columns`` and a column, with ``contrasts`` and two, with ``folds``
    and two, for those over all folds, or with ``corpus``.
    """

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
            self.check_columns(rest[:1], columns)
            self.check_path(Cell, rest[1:])
        elif root in ("contrasts", "folds") and len(rest) > 2:
            self.check_columns(rest[:2], columns)
            self.check_path(Contrast, rest[2:])
        else:
            raise InputError(
                f"--fail-if {self.text!r} does not begin with columns and a name, contrasts or folds and two names, or "
                f"corpus; {EXAMPLE}."
            )

    @property
    def key(self) -> str:
        """The path as it was written."""
        return self.text.partition(self.sign)[0].strip()

    @property
    def found_by(self) -> str | None:
        """The option that finds such a number."""
        if self.path[0] == "columns":
            return {"verified": "--verify", "fold": "--folds 5"}.get(self.path[2])
        return "--folds 5" if self.path[0] == "folds" else None

    def check_found(self, options: "Collection[str]") -> None:
        """Raise InputError if the option that finds the number is not among these, even if the folder has found it."""
        if self.found_by and self.found_by.split()[0] not in options:
            raise InputError(f"--fail-if {self.text!r} is about what {self.found_by} finds; give that as well.")

    def check_columns(self, names: "Sequence[str]", columns: "Sequence[str]") -> None:
        """Raise InputError for a name that is not a column's, or the same one twice."""
        for name in names:
            if name not in columns:
                raise InputError(f"--fail-if {self.text!r}: there is no column {name!r}; {nearest(name, columns)}.")
        if len(set(names)) < len(names):
            raise InputError(f"--fail-if {self.text!r}: a column has no contrast with itself; name two columns.")

    def check_path(self, record: Any, path: "Sequence[str]") -> None:
        """Raise InputError for a name that is not there, or a path that does not end at a number."""
        for name in path:
            if record in (int, float) or get_origin(record) is list:
                below = "one" if record in (int, float) else "a list"
                raise InputError(
                    f"--fail-if {self.text!r} does not name a number, but what is below {below}; {OF_A_COLUMN}."
                )
            there = named(record)
            if there is None:
                return
            if name not in there:
                raise InputError(f"--fail-if {self.text!r}: there is no {name!r}; {nearest(name, there)}.")
            record = there[name]
        if record not in (int, float):
            raise InputError(f"--fail-if {self.text!r} does not name a number; {OF_A_COLUMN}.")

    def value(self, comparison: "Comparison") -> float | None:
        """The number, if there is one: a column's is the mean over its seeds."""
        root, *rest = self.path
        if root == "corpus":
            return number(comparison.corpus.model_dump(), rest)
        if root in ("contrasts", "folds"):
            over = comparison.folds if root == "folds" else comparison
            return number(over.contrast(*rest[:2]).model_dump() if over else None, rest[2:])
        values = [number(cell.model_dump(), rest[1:]) for cell in comparison.by_column[rest[0]]]
        there = [value for value in values if value is not None]
        return mean(there) if there == values else None  # fmean of the largest float overflows

    def failure(self, comparison: "Comparison") -> str | None:
        """A sentence if the condition is true of the comparison, or cannot be checked; otherwise None."""
        named = {"columns": self.path[1:2], "contrasts": self.path[1:3], "folds": self.path[1:3]}.get(self.path[0], ())
        folds = comparison.folds if self.path[0] == "folds" else None
        there = comparison.columns if folds is None else [column.column for column in folds.columns]
        for column in named:
            if column not in there:
                what = "No cell" if folds is None else "Not in every fold a cell"
                return f"{what} of {column!r} has a result, so --fail-if {self.text!r} cannot be checked."
        return self.verdict(self.value(comparison))

    def failure_alone(self, cell: Cell) -> str | None:
        """The same of a cell without a comparison, which is all that its column has."""
        return self.verdict(number(cell.model_dump(), self.path[2:]))

    def verdict(self, value: float | None) -> str | None:
        """A sentence if the condition is true of the number, or there is none; otherwise None."""
        if value is None:
            return f"There is no number at {self.key}, so --fail-if {self.text!r} cannot be checked."
        if math.isnan(value):
            return f"{self.key} is not a number (nan), so --fail-if {self.text!r} cannot be checked."
        if not COMPARE[self.sign](value, self.bound):
            return None
        found, bound = (f"{number:.15g}" for number in (value, self.bound))
        return f"{self.key} is {found}, so the condition {self.sign} {bound} of --fail-if holds."


def number(entry: Any, path: "Sequence[str]") -> float | None:
    """The number at the end of a path through nested tables, if there is one.

    >>> number({"a": {"b": 2}}, ["a", "b"]), number({"a": None}, ["a", "b"])
    (2.0, None)
    """
    for name in path:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return float(entry) if isinstance(entry, int | float) else None


def named(record: Any) -> "Mapping[str, Any] | None":
    """What lies below a record, by name: its fields, or of measures those that there are. None where a comparison's
    text or columns decide it.

    >>> named(MeasureValue)["value"], named(dict[str, MeasureValue])["distinct_1"].__name__, named(str)
    (<class 'float'>, 'MeasureValue', None)
    """
    if get_origin(record) is dict and get_args(record)[1] in (Measured, MeasureValue):
        return dict.fromkeys(MEASURES, get_args(record)[1])
    fields = getattr(record, "model_fields", None)
    return fields and {name: measured(field.annotation) for name, field in fields.items()}


def measured(annotation: Any) -> Any:
    """What a field has where it has anything: its type without None, which only older versions and some texts leave.

    >>> measured(int | None), measured(float)
    (<class 'int'>, <class 'float'>)
    """
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return kinds[0] if isinstance(annotation, UnionType) and len(kinds) == 1 else annotation


def tell(failures: "Iterable[str | None]") -> bool:
    """Print what conditions say against a result, a sentence each; whether any of them says something."""
    sentences = list(filter(None, failures))
    for sentence in sentences:
        say(f"toolkit: {sentence}", to_error=True)
    return bool(sentences)


def check_conditions(
    conditions: "Sequence[Condition]",
    tokenizers: str,
    settings: "Mapping[str, Any]",
    sweep: "Sequence[str]",
    out: "Path | None" = None,
    options: "Collection[str]" = (),
) -> None:
    """Raise InputError for a condition that a comparison of these columns cannot have, before it is computed.

    Columns are those asked for, those that ``out`` has already, and those there are by default without a tagger;
    ``options`` are those given of ``--folds`` and ``--verify``.
    """
    from toolkit.comparison.arguments import BY_DEFAULT, WITHOUT_TAGGER
    from toolkit.comparison.existing import Existing
    from toolkit.comparison.folder import COMPARISON
    from toolkit.comparison.sweeping import expanded
    from toolkit.runs.columns import parse_columns

    swept = expanded(tokenizers, settings.get("columns", {}), sweep)
    columns = parse_columns(swept.names, swept.options)
    if tokenizers == BY_DEFAULT:
        columns += parse_columns(WITHOUT_TAGGER.split(","), {})
    if out is not None and COMPARISON.is_in(out):
        columns += Existing.load(out).columns
    names = list(dict.fromkeys(column.name for column in columns))
    for condition in conditions:
        condition.check(names)
        condition.check_found(options)


def check_alone(
    conditions: "Sequence[Condition]", tokenizer: str, settings: "Mapping[str, Any]", options: "Collection[str]" = ()
) -> None:
    """Raise InputError for a condition that a cell of this column cannot have, before it is trained.

    ``options`` has ``--verify`` if that is given.
    """
    from toolkit.runs.columns import parse_columns

    names = [column.name for column in parse_columns(tokenizer.split(","), settings.get("columns", {}))]
    for condition in conditions:
        if condition.path[0] != "columns" or len(condition.path) < 3 or condition.path[2] == "fold":
            raise InputError(
                f"--fail-if {condition.text!r} does not name a number of a column, and toolkit train has no others; "
                f"{OF_A_COLUMN}."
            )
        condition.check(names)
        condition.check_found(options)


def parse_condition(text: str) -> Condition:
    """The condition that an expression states. Raises InputError if it is not a condition.

    >>> parse_condition('columns."word:pos".bits_per_character.total > 2.4').path
    ('columns', 'word:pos', 'bits_per_character', 'total')
    """
    try:
        key, sign, bound = re.split("(<=|>=|==|!=|<|>)", text)
        condition = Condition(text, key_path(key), sign, float(bound))
    except ValueError as error:
        raise InputError(
            f"--fail-if {text!r} is not a condition such as KEY < NUMBER, with <, <=, >, >=, == or !=; {OF_A_COLUMN}."
        ) from error
    if not math.isfinite(condition.bound):
        raise InputError(f"--fail-if {text!r} compares with {bound.strip()}, which is not a number; {OF_A_COLUMN}.")
    return condition
