"""Documents: the difference from the best column in each held-out document, which is the unit of every interval."""

from typing import Any

import altair as alt
import numpy as np

from toolkit.report.charts import NEAREST, Spec, from_best
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.section import Section
from toolkit.results.corpus import SEGMENT
from toolkit.results.units import joined, unit_of, units

DOTS = 400  # documents that have a dot; of more, the longest


def differences(best: ColumnResult, other: ColumnResult, unit: str) -> list[tuple[str, int, float]]:
    """Name, characters and difference in bits per character of each such unit, other − best, the mean over seeds."""
    ours, theirs = (
        np.mean([[unit.bits for unit in units(cell.documents)] for cell in column.cells], axis=0)
        for column in (best, other)
    )
    documents = best.first.documents
    characters, apart = np.array([unit.characters for unit in units(documents)], float), theirs - ours
    names = [document.name for document in documents]
    if unit == SEGMENT:  # those of a single document have no names
        characters, apart = joined(characters), joined(apart)
        names = [f"segment {i}" for i, _ in enumerate(characters, 1)]
    rates = (apart / characters).tolist()
    return list(zip(names, characters.astype(int).tolist(), rates, strict=True))


def by_document(results: Results) -> Spec:
    """A dot per document and difference; the dot on a line is all documents together, with the interval."""
    best, others = results.best, results.ranked[1 : NEAREST + 1]
    dots: list[dict[str, Any]] = []
    whole: list[dict[str, Any]] = []
    for other in others:
        longest = sorted(differences(best, other, unit_of(results.comparison)), key=lambda one: -one[1])[:DOTS]
        dots += [
            {"column": other.name, "document": name, "characters": characters, "difference": difference}
            | {"colour": other.colour}
            for name, characters, difference in longest
        ]
        contrast = results.comparison.contrast(other.name, best.name)
        whole.append(
            {"column": other.name, "difference": contrast.difference, "low": contrast.low, "high": contrast.high}
        )
    tips = [alt.Tooltip("document:N", title="document"), alt.Tooltip("characters:Q", format=",")]
    size = alt.Size("characters:Q", scale=alt.Scale(range=[20, 200]), legend=None)
    return from_best(best.name, dots, whole, tips, size)


def _shows(results: Results) -> dict[str, Any]:
    best = results.best
    lines: list[dict[str, Any]] = []
    for other in results.ranked[1 : NEAREST + 1]:
        found = differences(best, other, unit_of(results.comparison))
        least, most = (pick(found, key=lambda one: one[2]) for pick in (min, max))
        fewer = sum(difference > 0 for *_, difference in found)
        lines.append({"column": other, "fewer": fewer, "of": len(found), "least": least, "most": most})
    said = {
        "best": best,
        "lines": lines,
        "unit": unit_of(results.comparison),
        "nearest": NEAREST if len(results.columns) > NEAREST + 1 else None,
        "longest": DOTS if any(line["of"] > DOTS for line in lines) else None,
    }
    return {"by_document": said}


def _charts(results: Results) -> dict[str, Spec | None]:
    return {"documents": by_document(results)}


SECTION = Section("Documents", _shows, _charts, there=lambda comparison: len(comparison.columns) > 1)
