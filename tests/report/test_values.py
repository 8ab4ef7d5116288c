"""Numbers stand where their headings name them, in tables read cell by cell and in the data of charts."""

import re
import sys
from functools import cache
from typing import Any

import pytest
import vl_convert

from toolkit.report import render, verdict
from toolkit.report.charts import Spec, chart
from toolkit.report.columns import QUANTITIES, Results
from toolkit.report.page import SECTIONS
from toolkit.results.bits import BANDS, DocumentBits, Share
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import SplitNames
from toolkit.results.text import signed

from .comparison_example import EXAMPLE, NINE, TWO, comparison, in_folds, interval, made_row, swept
from .pages import Page

KINDS = ("ensemble", "adapting", "adapting ensemble", "mixture")
NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?(?:\u202f%)?")


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Three columns of two seeds with rows made of them, and different numbers in neighbouring cells."""
    adapting = [made_row("char", 1, per_token=4.0), made_row("char", 2, per_token=16.0), made_row("word:pos", 1)]
    whole = comparison(made=[*adapting, made_row("char", 1, "ensemble")])
    for number, cell in enumerate(whole.done):
        cell.history[3].valid_bits_per_character = 1.1 + number / 100  # the best check, early
    for cell, per_token in zip(whole.by_column["char"], (4.0, 16.0), strict=True):
        cell.perplexity_per_token = per_token
        for place, document in enumerate(cell.documents):
            document.bits *= 0.96 + 0.01 * place
    del whole.by_column["char"][1].noise[1]
    rows = {"a": "char (ensemble)", "b": "word:pos (ensemble)", "kind": "ensemble"}
    whole.contrasts.append(whole.contrasts[0].model_copy(update=rows))
    return whole


@pytest.fixture(scope="module")
def page(whole: Comparison) -> Page:
    return Page(render(whole))


def test_numbers_stand_in_the_row_of_their_column_under_their_heading(page: Page) -> None:
    for section, headings in EXAMPLE["numbers"].items():
        for heading, numbers in headings.items():
            cells = page.column(section, heading)
            shown = {row: " ".join(NUMBER.findall(cells[row])).replace("\u202f", " ") for row in numbers}
            assert shown == numbers, (section, heading)
    headings = [heading.partition("|")[0] for heading in page.table("columns", "total")[0]]
    assert headings == ["column", *QUANTITIES, "verified"]
    noise = page.data["charts"]["noise-1"]["datasets"]["columns"]
    assert [row["column"] for row in noise] == ["word:unk", "word:pos"]  # char has no number there


def test_the_fewest_bits_of_a_part_of_speech_are_marked_if_its_lead_is_significant(whole, page) -> None:
    last = [row[0].partition("|") for row in page.table("ledger", "lead")[-2:]]
    assert (last[0][2], last[1][0]) == ("SYM", BANDS[-1])  # the fewest characters, and everything else
    assert page.count("td", "fewest") == sum(lead.significant for lead in whole.leads) == len(whole.leads) - 1


def test_rows_made_of_cells_follow_their_column_and_stay_out_of_the_verdict(page: Page) -> None:
    names = [name for name in page.column("columns", "total") if "(" in name]
    assert names == ["char (adapting)", "char (ensemble)", "word:pos (adapting)"]
    assert len(page.table("verdict", "smallest detectable")) == 1 + 4
    assert page.count("td", "settled", "unsettled") == 0  # three contrasts of columns need no matrix


def test_nine_columns_have_a_colour_and_a_difference_from_each_other_one() -> None:
    whole = comparison(NINE, passages=())
    page = Page(render(whole))
    assert len(set(Results(whole).colours.values())) == 9
    assert len(page.table("verdict", "smallest detectable")) == 1 + 36
    assert page.count("td", "settled", "unsettled") == 72
    assert page.count("td", "settled") == 2 * sum(contrast.significant for contrast in whole.contrasts)


def test_every_difference_over_folds_is_in_a_table() -> None:
    whole = in_folds(comparison({name: NINE[name] for name in list(NINE)[:4]}, passages=()))
    table = Page(render(whole)).table("folds", "smallest detectable")
    assert [row[2] for row in table[1:]] == [signed(pair.difference) for pair in whole.contrasts]


def test_the_lead_within_a_band_stands_under_its_heading() -> None:
    whole = comparison(TWO, passages=())
    whole.leads = [interval("word:pos", "char", -0.05, 0.03, over="band", at="0")]
    headings, *_, leads = Page(render(whole)).table("ledger", "never seen")
    assert ["0.050" in lead for lead in leads] == [heading.startswith("never seen") for heading in headings]


def test_a_perplexity_beyond_the_largest_float_is_infinite() -> None:
    whole = comparison({"char": (2.4,)}, passages=())
    whole.done[0].word_perplexity = sys.float_info.max
    shown = Page(render(whole)).column("columns", "per word")
    assert (shown["char"], shown["PPMd primed"]) == ("∞", "–")  # nothing to compare with


def test_a_swept_value_has_its_bits_its_interval_and_its_standing() -> None:
    sizes = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04}
    whole = swept("bpe", "vocabulary_size", sizes)
    whole.done[0].history[0].valid_bits_per_character = 1.5  # its best check
    cells = [cell for cell in whole.done if not cell.column.endswith("-512")]
    _, *rows = Page(render(whole.model_copy(update={"cells": cells}))).table("sweep", "vocabulary_size")
    assert [row[0] for row in rows] == list(map(str, sizes))
    assert len({row[-1] for row in rows}) == 4
    assert rows[0][2:6] == ["2.090", "1.500", "+0.080", "[+0.046, +0.114]"]
    assert rows[1][2] == "–"


def specs(whole: Comparison) -> dict[str, Spec]:
    facts = [build(Results(whole)) or {} for _, build in SECTIONS.values()]
    return {name: spec for section in facts for name, spec in section.get("charts", {}).items() if spec}


def drawn_rows(spec: Spec) -> list[dict[str, Any]]:
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
        "fractions": comparison(TWO, facts={"fractions": EXAMPLE["fractions"]}),
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
    dots = [row for row in drawn_rows(all_charts()["folds"]["folds"]) if "label" in row]
    assert [(row["column"], row["label"]) for row in dots] == [("char", 0), ("char", 1)]
    assert [row["difference"] for row in dots] == pytest.approx([2.51 - 2.305] * 2)


def test_learning_curves_are_thinned_and_keep_their_last_point() -> None:
    whole = comparison(dict.fromkeys(NINE, (2.4,) * 3), rows=500, passages=())
    points = SECTIONS["learning"][1](Results(whole))["data"]["history"]
    assert 0.9 * 2_400 < len(points) <= 2_400
    assert points[-1]["x"] == 500 * 64_000


def test_charts_have_rates_and_sizes_and_leave_rare_parts_of_speech_to_the_table() -> None:
    labels = {row["label"] for row in drawn_rows(all_charts()["rows"]["parts-of-speech"])}
    assert "nouns" in labels
    rates = [row["bits"] for row in drawn_rows(all_charts()["rows"]["band-rates"]) if row["column"] == "char"]
    assert rates[0] == pytest.approx(2.51 * 10332.54 / 4_900)
    assert {row["characters"] for row in drawn_rows(all_charts()["fractions"]["scaling"])} == {200_000}
    assert "symbols" not in labels  # 12 of 88,123 characters
