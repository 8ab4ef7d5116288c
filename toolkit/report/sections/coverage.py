"""How much of the held-out text a vocabulary covers, and which words a class stands for."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from toolkit.report.charts import Spec, coverage_axes, coverage_tips, finished, inline
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.section import Section
from toolkit.results.bits import ClassBits
from toolkit.results.cell import ClassCoverage
from toolkit.results.comparison import Comparison
from toolkit.results.text import thinned

POINTS = 200  # of the curve
LINES = 12  # of its table
CLASSES = 30  # of one column, those with the most held-out tokens: shown at first, the others on request
MOST_CLASSES = 1_100  # over all columns, shared equally: about 190 bytes of page each
CLASS_WORDS = 11_000  # over all classes: about 12 bytes of page each


def coverage(comparison: Comparison) -> Spec | None:
    """Share of held-out tokens covered by the k most frequent types, k on a log scale."""
    curve = [(types, share) for types, share in comparison.corpus.coverage.curve if types > 0]
    if len(curve) < 2:
        return None
    rows = [{"k": types, "share": round(share, 5)} for types, share in thinned(curve, POINTS)]
    base = alt.Chart(inline(rows)).encode(**coverage_axes("tokens", "tokens"), tooltip=coverage_tips())
    layers = base.mark_line(strokeWidth=2, style="coverage"), base.mark_circle(size=22, opacity=1, style="coverage")
    return finished(alt.layer(*layers), height=260)


@dataclass(frozen=True)
class Classes:
    """The classes of a column, those with the most held-out tokens first, and how many of them are shown."""

    column: ColumnResult
    shown: list[ClassCoverage]
    more: list[ClassCoverage]
    hidden: int
    examples: int

    def bits(self, name: str) -> ClassBits | None:
        """What the class cost in the held-out text; None if it never stood there, or was not measured."""
        return next((bits for bits in self.column.first.class_bits if bits.name == name), None)


def _classes(columns: list[ColumnResult]) -> list[Classes]:
    """The columns that have classes, with these classes."""
    with_classes = [column for column in columns if column.first.coverage.classes]
    most = max(CLASSES, MOST_CLASSES // max(1, len(with_classes)))
    number = sum(min(len(column.first.coverage.classes), most) for column in with_classes)
    examples = max(3, CLASS_WORDS // max(1, number))
    ranked = [sorted(c.first.coverage.classes, key=lambda k: (-k.test_tokens, -k.train_tokens)) for c in with_classes]
    return [
        Classes(column, classes[:CLASSES], classes[CLASSES:most], len(classes[most:]), examples)
        for column, classes in zip(with_classes, ranked, strict=True)
    ]


def _shows(results: Results) -> dict[str, Any]:
    return {"classes": _classes(results.columns), "covered": thinned(results.comparison.corpus.coverage.curve, LINES)}


def _charts(results: Results) -> dict[str, Spec | None]:
    return {"coverage": coverage(results.comparison)}


SECTION = Section("Coverage", _shows, _charts)
