"""The effects of settings, of more training text and of noise."""

from statistics import fmean
from typing import Any

import numpy as np

from toolkit.report import charts
from toolkit.report.charts import Rows, Spec
from toolkit.report.columns import Results
from toolkit.results.conclusions import Difference, Scaling, Sweep
from toolkit.results.text import cut
from toolkit.results.units import unit_of

VALUE_CHARACTERS = 40
EXTRAPOLATION = 4  # times the training text, to which curves are drawn
CURVE_POINTS = 40


def sweeps(results: Results) -> dict[str, Any] | None:
    """Return the facts and charts of the section; None without a sweep."""
    if not (sweeps := results.comparison.sweeps):
        return None
    lines = [sweep_lines(results, sweep) for sweep in sweeps]
    return {
        "sweeps": list(zip(sweeps, lines, strict=True)),
        "totals": results.comparison.totals,
        "charts": {
            f"sweep-{i}": sweep_chart(sweep, of) for i, (sweep, of) in enumerate(zip(sweeps, lines, strict=True))
        },
    }


def sweep_lines(results: Results, sweep: Sweep) -> Rows:
    """Return the bits of each value, its difference from the best value, and how it stands to that."""
    columns = {column.name: column for column in results.columns}
    lines: Rows = []
    for value in sweep.values:
        line = {"text": cut(value.text, VALUE_CHARACTERS), "value": value.value, "column": value.column}
        line |= {"bits": None, "valid": None, "difference": None, "standing": "no result"}
        if column := columns.get(value.column):
            line |= {"bits": column.total, "standing": "best"}
            if not column.first.counted:
                line["valid"] = column.mean(lambda cell: cell.best_check.valid_bits_per_character)
            if value.column != sweep.best:
                contrast = results.comparison.contrast(value.column, str(sweep.best))
                more = "needs more" if contrast.difference > 0 else "needs fewer"
                standing = more if contrast.significant else "not significant"
                line |= {"difference": contrast, "standing": "equal" if contrast.outcome == "equal" else standing}
        lines.append(line)
    return lines


def sweep_chart(sweep: Sweep, lines: Rows) -> Spec | None:
    """Chart bits by value; None with fewer than two results."""
    level = next((line["bits"] for line in lines if line["standing"] == "best"), None)
    measured = [line for line in lines if line["bits"] is not None]
    if len(measured) < 2:
        return None
    rows: Rows = [
        {
            "value": line["value" if sweep.numeric else "text"],
            "bits": line["bits"],
            "low": None if line["difference"] is None else level + line["difference"].low,
            "high": None if line["difference"] is None else level + line["difference"].high,
            "standing": line["standing"],
        }
        for line in measured
    ]
    values = [float(line["value"]) if sweep.numeric else line["text"] for line in lines]
    return charts.sweep(sweep.key, rows, values, level)


def scaling(results: Results) -> dict[str, Any] | None:
    """Return the facts and charts of the section; None without fractions."""
    if (scaling := results.comparison.scaling) is None:
        return None
    fractions = results.comparison.corpus.fractions
    crossed = {name for crossing in scaling.crossings for name in (crossing.a, crossing.b)}
    best = next((column.name for column in results.ranked if column.name in crossed), None)
    vocabulary = [
        {"characters": f.characters, "types": f.types, "unseen": round(f.unseen_token_share, 5)} for f in fractions
    ]
    return {
        "scaling": scaling,
        "best_first": sorted(scaling.crossings, key=lambda crossing: best not in (crossing.a, crossing.b)),
        "of_best": sum(best in (crossing.a, crossing.b) for crossing in scaling.crossings),
        "extrapolation": EXTRAPOLATION,
        "charts": {"scaling": scaling_chart(results, scaling), "vocabulary": charts.vocabulary(vocabulary)},
    }


def scaling_chart(results: Results, scaling: Scaling) -> Spec:
    """Chart the bits of every cell over its training text, and the fitted curves."""
    sizes = {fraction.fraction: fraction.characters for fraction in results.comparison.corpus.fractions}
    dots: Rows = [
        {
            "column": cell.column,
            "seed": cell.seed,
            "characters": sizes[cell.fraction],
            "bits": round(cell.bits_per_character.total, 4),
        }
        for cell in results.comparison.done
    ]
    places = np.geomspace(min(sizes.values()), EXTRAPOLATION * max(sizes.values()), CURVE_POINTS).tolist()
    curves: Rows = [
        {"column": curve.column, "characters": round(n), "bits": round(curve.at(n), 4)}
        for curve in scaling.curves
        for n in places
    ]
    return charts.scaling(dots, curves, results.colours)


def noise(results: Results) -> dict[str, Any]:
    """Return the facts and charts of the section."""
    names = dict.fromkeys(noise.name for column in results.columns for noise in column.first.noise)
    kinds = [noise_kind(results, name) for name in names]
    return {
        "kinds": kinds,
        "rows": [(column, [kind["lines"].get(column.name) for kind in kinds]) for column in results.columns],
        "unit": unit_of(results.comparison),
        "charts": {f"noise-{i}": noise_chart(results, kind) for i, kind in enumerate(kinds)},
    }


def noise_kind(results: Results, name: str) -> dict[str, Any]:
    """Return one kind of noise: its cost by column, refusals by column, and differences from the least affected."""
    measured = [
        (column.name, [noise for cell in column.cells for noise in cell.noise if noise.name == name])
        for column in results.columns
    ]
    refused = {column: noise.refused for column, noises in measured for noise in noises if noise.refused is not None}
    lines = {
        column: {
            "extra": fmean(noise.extra or 0.0 for noise in noises),
            "clean": fmean((noise.clean_bits or 0.0) / noise.characters for noise in noises),
            "interval": noise_difference(results, name, column, None),
        }
        for column, noises in measured
        if column not in refused
    }
    ranked = sorted(lines, key=lambda column: lines[column]["extra"])
    against = [noise_difference(results, name, other, ranked[0]) for other in ranked[1:]]
    first = measured[0][1][0]
    return {"noise": first, "lines": lines, "ranked": ranked, "refused": refused, "against": [c for c in against if c]}


def noise_difference(results: Results, name: str, a: str, b: str | None) -> Difference | None:
    """Return the extra bits of a minus those of b, or those of a alone."""
    differences = [difference for difference in results.comparison.noise if difference.at == name]
    both_ways = [*differences, *(difference.turned for difference in differences if difference.b)]
    return next((difference for difference in both_ways if (difference.a, difference.b) == (a, b)), None)


def noise_chart(results: Results, kind: dict[str, Any]) -> Spec | None:
    """Chart the extra bits by column; None without numbers."""
    rows: Rows = [
        {
            "column": name,
            "extra": line["extra"],
            "clean": line["clean"],
            "low": line["interval"].low if line["interval"] else line["extra"],
            "high": line["interval"].high if line["interval"] else line["extra"],
        }
        for name, line in kind["lines"].items()
    ]
    return charts.noise(rows, {name: results.colours[name] for name in kind["lines"]}) if rows else None
