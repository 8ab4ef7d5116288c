"""The page's section on sweeps: there only if there is one, complete without its chart, and drawn as it says."""

import vl_convert
from toolkit.evaluation.headlines import headlines
from toolkit.evaluation.sweeps import sweep_of
from toolkit.report.sections.sweep import chart
from toolkit.results.folds import Folds
from toolkit.results.sweeps import Sweep

from toolkit.report import render
from toolkit.results.comparison import Comparison

from .comparison_example import comparison, swept
from .test_page import ATTACK, Page


def concluded(column: str, key: str, totals: dict[object, float]) -> Comparison:
    whole = swept(column, key, totals)
    return whole.model_copy(update={"sweeps": [sweep_of(whole, sweep) for sweep in whole.sweeps]})


SIZES = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04, 4096: 2.16}


def test_every_value_with_a_result_has_a_dot() -> None:
    """Also one that needs exactly as many bits as the best."""
    sweep = concluded("bpe", "vocabulary_size", {256: 2.09, 512: 2.01, 1024: 2.01, 2048: 2.04}).sweeps[0]
    assert {"best", "the same", "cannot tell", "needs more"} == {sweep.standing(point) for point in sweep.points}
    dots = [layer for layer in chart(sweep)["layer"] if layer["mark"]["type"] == "point"]
    drawn = [name for layer in dots for name in layer["transform"][0]["filter"]["oneOf"]]
    assert sorted(drawn) == ["best", "cannot tell", "needs fewer", "needs more", "the same"]


def test_a_page_without_a_sweep_has_no_section_and_no_link_to_it() -> None:
    assert 'id="sweep"' not in (html := render(comparison()))
    assert 'href="#sweep"' not in html


def test_the_page_has_the_sentence_the_numbers_and_a_link() -> None:
    whole = concluded("bpe", "vocabulary_size", SIZES)
    html = render(whole)
    page = Page(html)
    assert 'href="#sweep"' in html
    for said in (
        whole.sweeps[0].verdict, "vocabulary_size of bpe", "bpe-vocabulary_size-256", "+0.080", "[+0.046, +0.114]",
        "needs more", "cannot tell", "The lines are not intervals of a value’s own bits",
    ):  # fmt: skip
        assert said in page.text, said
    assert "chart-sweep-0" in page.ids


def test_with_folds_what_is_about_the_first_alone_says_so() -> None:
    """Five lines below "All folds", a sentence on one fold would be taken for one on all."""
    whole = concluded("bpe", "vocabulary_size", {256: 2.09, 512: 2.03})
    in_folds = whole.model_copy(update={"folds": Folds(folds=[], columns=[], deviation=0.0, contrasts=[])})
    beaten = next(line for line in headlines(whole) if " beats " in line)
    for said in (whole.sweeps[0].verdict, beaten):
        assert headlines(whole).count(said) == headlines(in_folds).count(f"Fold 1: {said}") == 1
        assert said not in headlines(in_folds)
    assert [said.removeprefix("Verdict: ") for said in whole.verdicts] == [
        said.removeprefix("Fold 1: ") for said in in_folds.verdicts
    ]
    assert all(said.startswith("Fold 1: ") for said in in_folds.verdicts)
    text = Page(render(in_folds)).text
    assert f"Fold 1: {whole.sweeps[0].verdict}" in text
    assert f"Fold 1: {whole.contrasts[0].verdict}" in text
    assert "Fold 1: " not in Page(render(whole)).text


def test_a_failed_value_has_a_line_of_its_own() -> None:
    whole = swept("bpe", "vocabulary_size", SIZES)
    cells = [cell for cell in whole.done if not cell.column.endswith("-512")]
    whole = whole.model_copy(update={"cells": cells})
    whole = whole.model_copy(update={"sweeps": [sweep_of(whole, whole.sweeps[0])]})
    assert [whole.sweeps[0].standing(point) for point in whole.sweeps[0].points] == [
        "needs more", "no result", "best", "cannot tell", "needs more",
    ]  # fmt: skip
    assert "no result" in Page(render(whole)).text
    nothing = whole.model_copy(update={"cells": []})
    nothing = nothing.model_copy(update={"sweeps": [sweep_of(nothing, whole.sweeps[0])]})
    assert "No value of vocabulary_size for bpe has a result." in Page(render(nothing)).text


def rows(sweep: Sweep) -> list[dict[str, object]]:
    """What the dots and intervals are drawn from."""
    spec = chart(sweep)
    assert spec is not None
    return next(values for layer in spec["layer"] if len(values := layer["data"]["values"]) > 1)  # type: ignore[no-any-return]


def scale(sweep: Sweep) -> object:
    spec = chart(sweep)
    assert spec is not None
    return next(x["scale"]["type"] if x["type"] == "quantitative" else x["sort"]
                for layer in spec["layer"] if (x := layer["encoding"].get("x")))  # fmt: skip


def test_vega_lite_compiles_the_chart() -> None:
    for key, totals in (("k", SIZES), ("case", {"keep": 2.1, "mark": 2.0})):
        (sweep,) = concluded("word:cluster", key, totals).sweeps
        assert "<svg" in vl_convert.vegalite_to_svg({**(chart(sweep) or {}), "width": 400})


def test_an_interval_is_drawn_around_its_dot_and_reaches_the_best_only_if_it_cannot_be_told() -> None:
    (sweep,) = concluded("bpe", "vocabulary_size", SIZES).sweeps
    for row in rows(sweep):
        if row["standing"] == "best":
            assert (row["bits"], row["low"], row["high"]) == (2.01, None, None)
        else:
            low, bits, high = float(str(row["low"])), float(str(row["bits"])), float(str(row["high"]))
            assert abs((low + high) / 2 - bits) < 1e-9
            assert (low <= 2.01) == (row["standing"] == "cannot tell")


def test_numbers_far_apart_are_on_a_log_scale_and_text_is_in_order() -> None:
    for values, expected in (
        ([256, 4096], "log"), ([256, 2048], "linear"), ([0, 4096], "linear"), ([0.001, 0.1], "log"),
        (["mark", "keep"], ["mark", "keep"]), ([True, False], ["true", "false"]),
    ):  # fmt: skip
        (sweep,) = concluded("a", "k", {value: 2.0 + i / 10 for i, value in enumerate(values)}).sweeps
        assert scale(sweep) == expected
        assert [row["value"] for row in rows(sweep)] == [
            point.value if sweep.numeric else point.text for point in sweep.points
        ]


def test_a_name_that_is_markup_is_escaped() -> None:
    html = render(concluded(f"bpe{ATTACK}", f"k{ATTACK}", {ATTACK: 2.0, "b": 2.1}))
    assert ATTACK not in html
    assert len(Page(html).scripts) == 3
