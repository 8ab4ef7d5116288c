"""The charts' data and their limits; Vega-Lite's own compiler accepts each of them."""

from functools import cache
from typing import Any

import pytest
import vl_convert

from toolkit.report import verdict
from toolkit.report.charts import Spec, chart
from toolkit.report.columns import Results
from toolkit.report.page import SECTIONS
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import SplitNames

from .comparison_example import NINE, TWO, comparison, in_folds, made_row, of_fractions

KINDS = ("ensemble", "adapting", "adapting ensemble", "mixture")


def specs(whole: Comparison) -> dict[str, Spec]:
    facts = [build(Results(whole)) or {} for _, build in SECTIONS.values()]
    return {name: spec for section in facts for name, spec in section.get("charts", {}).items() if spec}


def rows(spec: Spec) -> list[dict[str, Any]]:
    return [row for data in spec["datasets"].values() for row in data]


@cache
def all_charts() -> dict[str, dict[str, Spec]]:
    """The charts of the article, and of comparisons of all kinds."""
    bars = {
        "network": "a",
        "accuracy": 0.4,
        "characters": 9,
        "unit": "a",
        "colour": "#123456",
        "share": 0.3,
        "k": 3,
    }
    constant = {"constant": 0.2, "answer": "e"}
    article = {
        "accuracy_bars": chart("accuracy_bars", constant | {"order": ["a"]}, networks=[bars]),
        "accuracy_lines": chart("accuracy_lines", constant | {"colours": {"a": "#123456"}}, moments=[bars]),
    }
    wholes = {
        "one": comparison({"char": (1.5,)}, baselines=[]),
        "fractions": of_fractions(comparison(TWO)),
        "folds": in_folds(comparison(TWO)),
        "nine": comparison(NINE),
        "rows": comparison(TWO, made=[made_row("char", 1, kind) for kind in KINDS]),
    }
    return {"article": article} | {name: specs(whole) for name, whole in wholes.items()}


def test_vega_lite_compiles_every_chart() -> None:
    by_name = {name: spec for charts in all_charts().values() for name, spec in charts.items()}
    history = SECTIONS["learning"][1](Results(comparison(TWO)))["data"]
    assert len(by_name) == 2 + 13
    for name, spec in by_name.items():
        drawn = vl_convert.vegalite_to_svg(spec | {"width": 500, "datasets": history | spec["datasets"]})
        assert len(drawn) > 1_000, name
        assert "NaN" not in drawn, name


def test_a_column_stands_at_its_bits_and_its_line_is_the_interval_of_its_difference_from_the_best() -> None:
    whole = comparison({"char": (2.5, 2.52), "word:unk": (2.31, 2.33), "word:pos": (2.3, 2.31)})
    dots = {dot["name"]: dot for dot in verdict.ranked_dots(Results(whole))}
    assert list(dots) == ["word:pos", "word:unk", "char"]
    assert dots["word:pos"]["low"] is None
    for name in ("char", "word:unk"):
        contrast = whole.contrast(name, "word:pos")
        ends = [dots[name][key] - dots["word:pos"]["bits"] for key in ("bits", "low", "high")]
        assert ends == pytest.approx([contrast.difference, contrast.low, contrast.high])
    assert [dots[name]["hollow"] for name in dots] == [False, True, False]


def test_marks_of_rows_stand_in_the_lane_of_their_column_below_its_dot() -> None:
    spec = all_charts()["rows"]["ranking"]
    layers = {layer["mark"]["shape"]: layer for layer in spec["layer"] if "shape" in layer["mark"]}
    assert layers["circle"]["encoding"]["y"]["sort"] == ["word:pos\n2.305", "mixture\n2.351", "char\n2.510"]
    lanes = {mark["kind"]: mark["lane"] for mark in spec["datasets"]["marks"]}
    assert lanes == {**dict.fromkeys(KINDS, "char\n2.510"), "mixture": "mixture\n2.351"}
    offsets = {shape: layer["mark"]["yOffset"] for shape, layer in layers.items()}
    assert offsets["square"] - offsets["circle"] > 10  # px: an ensemble of n-grams needs as much as each of them
    assert offsets["cross"] == 0


@pytest.mark.parametrize(
    ("totals", "labels"),
    [({"char": (2.0,), "bpe": (2.1,)}, ["PPMd primed 2.079"]),
     ({"char": (1.5,)}, ["PPMd primed 2.079", "xz primed 2.611"])],
)  # fmt: skip
def test_compressors_near_the_columns_are_drawn_or_all_beside_a_single_column(totals, labels) -> None:
    drawn = rows(specs(comparison(totals))["ranking"])
    assert list(dict.fromkeys(row["label"] for row in drawn if "label" in row)) == labels


def test_a_single_document_has_a_dot_for_each_segment_of_its_interval() -> None:
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=["c"])})
    for cell in whole.done:
        scale = 1.0 if cell.column == "char" else 0.5
        shares = [Share(characters=10, bits=scale * (i + 1)) for i in range(20)]
        cell.documents = [DocumentBits(name="c", characters=200, bits=210 * scale, units=shares)]
    results = Results(whole)
    differences = verdict.document_differences(results, results.columns[0])
    sizes = [(f"segment {i}", n) for i, n in enumerate((40, 40, 30, 30, 30, 30), 1)]
    assert [(name, n) for name, n, _ in differences] == sizes
    assert differences[0][2] == pytest.approx(0.5 * (1 + 2 + 3 + 4) / 40)
    assert sum(characters * rate for _, characters, rate in differences) == pytest.approx(105)


def test_a_fold_has_the_difference_from_the_best_column_there() -> None:
    dots = [row for row in rows(all_charts()["folds"]["folds"]) if "label" in row]
    assert [(row["column"], row["label"]) for row in dots] == [("char", 0), ("char", 1)]
    assert [row["difference"] for row in dots] == pytest.approx([2.51 - 2.305] * 2)


@pytest.mark.parametrize(
    ("totals", "checks", "most"),
    [({"char": (2.4,)}, 5_000, 200), ({f"w{i}": (2.4,) * 3 for i in range(9)}, 500, 2_400)],
)
def test_learning_curves_are_thinned_and_keep_their_last_point(totals, checks, most) -> None:
    whole = comparison(totals, rows=checks, passages=())
    points = SECTIONS["learning"][1](Results(whole))["data"]["history"]
    assert 0.9 * most < len(points) <= most
    assert points[-1]["x"] == checks * 64_000


def test_rare_parts_of_speech_stand_in_the_table_only() -> None:
    labels = {row["label"] for row in rows(all_charts()["rows"]["parts-of-speech"])}
    assert "nouns" in labels
    assert "symbols" not in labels  # 12 of 88,123 characters
