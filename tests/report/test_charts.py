"""The charts' data and their limits; Vega-Lite's own compiler accepts each of them."""

import vl_convert

from toolkit.report import charts
from toolkit.report.charts import POINTS, POINTS_PER_CELL, turned
from toolkit.report.columns import columns

from .comparison_example import comparison, contrast


def test_vega_lite_compiles_every_chart() -> None:
    whole = comparison()
    found = columns(whole)
    specs = [
        charts.ledger(whole, found), charts.band_rates(found), charts.band_shares(found), charts.coverage(whole),
        charts.contrasts(whole.contrasts), charts.learning(found, "x", "characters"),
        charts.learning(found, "t", "seconds"),
    ]  # fmt: skip
    for spec in specs:
        assert spec is not None
        ready = {**spec, "width": 400, "datasets": {**spec.get("datasets", {}), "history": charts.history(found)}}
        assert "<svg" in vl_convert.vegalite_to_svg(ready)


def test_a_contrast_is_turned_so_that_its_difference_is_not_negative() -> None:
    given = contrast("char", "word:pos", -0.25)
    found = turned(given)
    assert (found.a, found.b, found.difference) == ("word:pos", "char", 0.25)
    assert (found.low, found.high) == (-given.high, -given.low)
    assert turned(found) == found


def test_learning_curves_are_thinned_and_keep_their_last_point() -> None:
    found = columns(comparison({"char": (2.4,)}, rows=5_000))
    points = charts.history(found)
    assert len(points) == POINTS_PER_CELL
    assert points[-1]["x"] == 5_000 * 64_000
    many = columns(comparison({f"word:{i}": (2.4, 2.5, 2.6) for i in range(9)}, rows=500))
    assert len(charts.history(many)) <= POINTS


def test_the_shares_of_the_bands_are_those_of_the_bits() -> None:
    spec = charts.band_shares(columns(comparison()))
    rows = spec["data"]["values"]
    for lane in (charts.THE_TEXT, "char", "word:pos"):
        assert abs(sum(row["share"] for row in rows if row["lane"] == lane) - 1) < 1e-9


def test_the_script_holds_nothing_that_would_end_or_change_its_element() -> None:
    script = charts.javascript().lower()
    assert "</script" not in script
    assert "<!--" not in script
    assert "\r" not in script
