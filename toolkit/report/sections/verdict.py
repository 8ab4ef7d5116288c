"""The verdict: which column needs the fewest bits, and how sure that is."""

from typing import Any

import altair as alt

from toolkit.report import prose
from toolkit.report.charts import ON_ONE_LINE, PER_CHARACTER, TWO_LINES, Spec, finished, inline
from toolkit.report.columns import ColumnResult
from toolkit.report.names import compressor
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast

VERDICTS = 3  # shown at first; the others on request
SETTLED = "settled: zero is outside the interval, and p at most 0.05"

CONTRASTS = 12


def contrasts(chosen: list[Contrast]) -> Spec:
    """A dot with its 95 % interval per contrast; hollow if neither beats the other."""
    rows = []
    for contrast in (one if one.difference >= 0 else one.turned for one in chosen[:CONTRASTS]):
        rows.append(
            {
                "pair": f"{contrast.a}\n− {contrast.b}",
                "difference": contrast.difference,
                "low": contrast.low,
                "high": contrast.high,
                "p": contrast.p,
                "verdict": SETTLED if contrast.settled else "cannot tell",
            }
        )
    tips = [
        alt.Tooltip("pair:N", title="difference"),
        alt.Tooltip("difference:Q", title=PER_CHARACTER, format="+.3f"),
        alt.Tooltip("low:Q", title="95 % interval from", format="+.3f"),
        alt.Tooltip("high:Q", title="to", format="+.3f"),
        alt.Tooltip("p:Q", title="p, adjusted", format=".3g"),
        alt.Tooltip("verdict:N", title="verdict"),
    ]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("pair:N", sort=[row["pair"] for row in rows], title=None, axis=TWO_LINES), tooltip=tips
    )
    zero = alt.Chart(inline([{"x": 0}])).mark_rule(strokeWidth=1.5, style="zero").encode(x="x:Q")
    interval = base.mark_rule(strokeWidth=2.5, style="interval").encode(
        x=alt.X(
            "low:Q",
            title="bits per character, first − second",
            axis=alt.Axis(tickCount=4),
            scale=alt.Scale(padding=12),
        ),
        x2="high:Q",
    )
    settled = alt.FieldOneOfPredicate(field="verdict", oneOf=[SETTLED])
    dots = (
        base.mark_point(filled=True, size=120, opacity=1, style="dot")
        .transform_filter(settled)
        .encode(x="difference:Q")
    )
    hollow = base.mark_point(filled=False, size=110, opacity=1, strokeWidth=2.5, style="dot-hollow").transform_filter(
        alt.LogicalNotPredicate(**{"not": settled})
    ).encode(x="difference:Q")  # fmt: skip
    return finished(alt.layer(zero, interval, dots, hollow), height=46 * len(rows))


def leading_contrasts(comparison: Comparison) -> list[Contrast]:
    """All contrasts if there are few, otherwise those of the best column, the smallest difference first."""
    chosen = comparison.leading_contrasts(VERDICTS)
    if len(chosen) == len(comparison.column_contrasts):
        return chosen
    return sorted(chosen, key=lambda contrast: abs(contrast.difference))


def matrix(
    comparison: Comparison, ranked: list[ColumnResult]
) -> list[tuple[ColumnResult, list[dict[str, Any] | None]]]:
    """A row per column: its difference to each ranked column, and None for itself."""
    by_pair = {(contrast.a, contrast.b): contrast for contrast in comparison.contrasts}

    def entry(a: str, b: str) -> dict[str, Any] | None:
        contrast = by_pair.get((a, b)) or by_pair.get((b, a))
        if contrast is None:
            return None
        sign = 1 if contrast.a == a else -1
        return {"difference": sign * contrast.difference, "settled": contrast.settled, "title": contrast.verdict}

    return [(row, [entry(row.name, column.name) for column in ranked]) for row in ranked]


def _verdict(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    best = prose.best_of(columns) if columns else None
    ranked = sorted(columns, key=lambda column: column.total)
    leading = leading_contrasts(comparison)
    marks = [(compressor(b), b.bits_per_character) for b in prose.rivals(comparison)]
    return {
        "best": best,
        "ranked": ranked,
        "others": [column for column in ranked if column is not best][:3],
        "matrix": matrix(comparison, ranked) if len(columns) > ON_ONE_LINE else [],
        "marks": marks,
        "standing": prose.standing(comparison, columns) if columns else [],
        "verdicts": [contrast.verdict for contrast in leading],
        "more": [contrast.verdict for contrast in comparison.contrasts if contrast not in leading],
    }


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {"verdict": _verdict(comparison, columns), "contrasts": comparison.contrasts}


def _charts(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Spec | None]:  # noqa: ARG001
    chosen = leading_contrasts(comparison)
    return {"contrasts": contrasts(chosen) if chosen else None}


SECTION = Section("Verdict", _shows, _charts)
