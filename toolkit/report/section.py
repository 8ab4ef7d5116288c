"""What a section of the page is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from toolkit.report.charts import Spec
from toolkit.report.columns import Results
from toolkit.results.comparison import Comparison


def _nothing(_: Results) -> dict[str, Any]:
    return {}


def _always(_: Comparison) -> bool:
    return True


@dataclass(frozen=True)
class Section:
    """A part of the page: its name in the navigation, and what it takes from a comparison and its columns.

    ``shows`` gives its template what it needs, by name; ``charts`` gives its charts by the id of their place, None
    where there is no data for one; ``data`` is what the page's script reads besides. A page has the section only if the
    comparison has what it is about (``there``).
    """

    title: str
    shows: Callable[[Results], dict[str, Any]] = _nothing
    charts: Callable[[Results], dict[str, Spec | None]] = _nothing
    data: Callable[[Results], dict[str, Any]] = _nothing
    there: Callable[[Comparison], bool] = _always
