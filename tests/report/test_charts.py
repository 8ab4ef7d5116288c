"""The charts' data and their limits; Vega-Lite's own compiler accepts each of them."""

import re

import altair as alt
import pytest
import vl_convert
from toolkit.report.sections.learning import POINTS, POINTS_PER_CELL

from toolkit.report import charts
from toolkit.report.columns import Results, columns, parts_of_speech
from toolkit.report.names import pos_name
from toolkit.report.sections import coverage, learning, ledger, verdict
from toolkit.report.sections import documents as documents_section
from toolkit.results.bits import DocumentBits
from toolkit.results.rows import Baseline, Row

from .comparison_example import BASELINES, NINE, comparison, contrast


@pytest.mark.slow
def test_vega_lite_compiles_every_chart() -> None:
    whole = comparison()
    results = Results.of(whole)
    specs = [
        ledger.ledger(results), ledger.band_rates(results.columns), ledger.band_shares(results.columns),
        coverage.coverage(whole),
        verdict.ranking(results), documents_section.by_document(results),
        learning.learning(results.columns, "x", "characters"),
        learning.learning(results.columns, "t", "seconds"), ledger.part_of_speech_rates(results.columns),
    ]  # fmt: skip
    nine = Results.of(comparison(NINE))
    specs += [verdict.ranking(nine), documents_section.by_document(nine)]
    specs += [ledger.band_rates(nine.columns), ledger.part_of_speech_rates(nine.columns), ledger.ledger(nine)]
    for spec in specs:
        assert spec is not None
        alt.Chart.from_dict({"$schema": alt.SCHEMA_URL, **spec}, validate=True)
        ready = {
            **spec,
            "width": 400,
            "datasets": {**spec.get("datasets", {}), "history": learning.history(results.columns)},
        }
        assert "<svg" in vl_convert.vegalite_to_svg(ready)


def test_a_column_stands_at_its_bits_and_its_line_is_the_interval_of_its_difference_from_the_best() -> None:
    whole = comparison({"char": (2.5, 2.52), "word:unk": (2.31, 2.33), "word:pos": (2.3, 2.31)})
    lines = {line["name"]: line for line in verdict.ranked(Results.of(whole))}
    assert list(lines) == ["word:pos", "word:unk", "char"]
    assert lines["word:pos"]["low"] is None
    for name in ("char", "word:unk"):
        contrast = whole.contrast(name, "word:pos")
        assert lines[name]["bits"] - lines["word:pos"]["bits"] == pytest.approx(contrast.difference)
        assert lines[name]["low"] - lines["word:pos"]["bits"] == pytest.approx(contrast.low)
        assert lines[name]["high"] - lines["word:pos"]["bits"] == pytest.approx(contrast.high)
    assert lines["char"]["stands"] != lines["word:unk"]["stands"]


def test_what_is_made_of_a_column_stands_in_its_line_below_its_dot() -> None:
    """In lines of their own, they made the chart twice as high and stood above the column that is recommended."""
    whole = comparison({"char": (2.5, 2.52), "word:pos": (2.3, 2.31)})
    bits, documents = whole.done[0].bits_per_character, whole.done[0].documents
    whole.rows = [
        Row(
            column="char",
            kind=kind,
            seeds=[1, 2],
            rate=rate,
            rule=None,
            bits_per_character=bits.model_copy(update={"total": 2.1}),
            bits_per_byte=2.06,
            perplexity_per_token=4.3,
            documents=documents,
            verified=None,
        )
        for kind, rate in (("adapting", 0.1), ("adapting ensemble", 0.1), ("mixture", None))
    ]
    spec = verdict.ranking(Results.of(whole))
    layers = {layer["mark"]["shape"]: layer for layer in spec["layer"] if "shape" in layer["mark"]}
    assert layers["circle"]["encoding"]["y"]["sort"] == ["mixture\n2.100", "word:pos\n2.305", "char\n2.510"]
    lanes = {shape: layers[shape]["data"]["values"][0]["lane"] for shape in ("triangle-right", "square", "cross")}
    assert lanes == {"triangle-right": "char\n2.510", "square": "char\n2.510", "cross": "mixture\n2.100"}
    dot, made = layers["circle"]["mark"]["yOffset"], layers["square"]["mark"]["yOffset"]
    assert made - dot > 10  # px: an ensemble of n-grams needs as much as each of them
    assert "yOffset" not in layers["cross"]["mark"]


def labels(spec: charts.Spec) -> list[str]:
    """The names of the compressors in a chart, the fewest bits first."""
    rows = [row for layer in spec["layer"] for row in layer.get("data", {}).get("values", [])]
    return sorted({row["label"] for row in rows if "label" in row})


@pytest.mark.parametrize(("baselines", "ends"), [(BASELINES, (1.5, 2.611)), ([], (1.45, 1.55))])
def test_one_column_alone_has_a_scale_that_has_extent(baselines: list[Baseline], ends: tuple[float, float]) -> None:
    """Its only number was a whole one, far from the value, and compressors were called far."""
    whole = comparison({"char": (1.5,)}, baselines=baselines)
    spec = verdict.ranking(Results.of(whole))
    svg = vl_convert.vegalite_to_svg(spec | {"width": 500})
    ticks = [float(number) for number in re.findall(r">(\d\.\d+)<", svg)]
    assert len(ticks) >= 3
    step = ticks[1] - ticks[0]
    assert (min(ticks), max(ticks)) == (pytest.approx(ends[0], abs=step), pytest.approx(ends[1], abs=step))
    assert not re.search(r"→", svg)


def test_a_dot_is_what_a_column_needs_more_than_the_best_in_one_document() -> None:
    """By hand: two documents of 100 and 50 characters, two seeds of the one column and one of the other."""
    whole = comparison({"char": (2.5, 2.5), "word:pos": (2.3,)})
    paid = {"char": [(300.0, 90.0), (320.0, 100.0)], "word:pos": [(210.0, 100.0)]}
    for name, cells in whole.by_column.items():
        for cell, (first, second) in zip(cells, paid[name], strict=True):
            documents = [("a", 100, first), ("b", 50, second)]
            cell.documents = [DocumentBits(name=n, characters=c, bits=b) for n, c, b in documents]
    char, pos = columns(whole)
    assert documents_section.differences(pos, char, "held-out document") == [
        ("a", 100, pytest.approx(1.0)), ("b", 50, pytest.approx(-0.1))
    ]  # fmt: skip


def test_a_contrast_turned_is_that_of_the_second_column_minus_the_first() -> None:
    given = contrast("char", "word:pos", -0.25)
    flipped = given.turned
    assert (flipped.a, flipped.b, flipped.difference) == ("word:pos", "char", 0.25)
    assert (flipped.low, flipped.high) == (-given.high, -given.low)
    assert flipped.turned == given


def test_learning_curves_are_thinned_and_keep_their_last_point() -> None:
    results = columns(comparison({"char": (2.4,)}, rows=5_000))
    points = learning.history(results)
    assert len(points) == POINTS_PER_CELL
    assert points[-1]["x"] == 5_000 * 64_000
    many = columns(comparison({f"word:{i}": (2.4, 2.5, 2.6) for i in range(9)}, rows=500))
    assert len(learning.history(many)) <= POINTS


def test_the_best_of_a_row_of_shades_is_bold() -> None:
    """Its number is bits per character, among numbers that are differences."""
    spec = ledger.band_rates(columns(comparison(NINE)))
    svg = vl_convert.vegalite_to_svg(spec | {"width": 900})
    texts = re.findall(r'<text[^>]*font-weight="(?:bold|700)"[^>]*>([^<]*)</text>', svg)
    assert len(texts) == 6
    assert not [text for text in texts if text.startswith("+")]


def test_a_field_of_shades_says_how_far_a_column_is_from_the_best_one() -> None:
    rows = ledger.part_of_speech_rates(columns(comparison(NINE)))["data"]["values"]
    for label in {row["label"] for row in rows}:
        of = [row for row in rows if row["label"] == label]
        assert len(of) == 9
        best = min(row["bits"] for row in of)
        assert all(abs(row["bits"] - row["apart"] - best) < 1e-9 for row in of)
        assert [row["said"] for row in of if not row["apart"]] == [f"{best:.2f}"]


def test_parts_of_speech_that_are_hardly_there_are_not_charted() -> None:
    results = columns(comparison())
    spec = ledger.part_of_speech_rates(results)
    labels = {row["label"] for layer in [spec] for row in layer["data"]["values"]}
    assert "nouns" in labels
    assert "symbols" not in labels  # 12 of 88,123 characters
    assert "symbols" in {pos_name(pos) for pos, _ in parts_of_speech(results)}
    assert parts_of_speech(results)[-1][0] == "not a word"


def test_the_shares_of_the_bands_are_those_of_the_bits() -> None:
    spec = ledger.band_shares(columns(comparison()))
    rows = spec["data"]["values"]
    for lane in (ledger.THE_TEXT, "char", "word:pos"):
        assert abs(sum(row["share"] for row in rows if row["lane"] == lane) - 1) < 1e-9


def test_the_script_holds_nothing_that_would_end_or_change_its_element() -> None:
    script = charts.javascript().lower()
    assert "</script" not in script
    assert "<!--" not in script
    assert "\r" not in script
