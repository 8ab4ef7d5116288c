"""Charts as files: literal, within their width, of the size that was asked for, and refused by name."""

import re
import struct
import sys
from xml.etree import ElementTree

import pytest

from tests.helpers.comparison_example import COMPARISONS, NINE, TWO, comparison
from toolkit.errors import InputError
from toolkit.report.columns import Results
from toolkit.report.page import charts, save_figures

CHARACTER = 7.5  # pixels: wider than the mean of the letters
BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # the share of a text that is left of its place


def parsed(svg):
    return ElementTree.fromstring(re.sub(' xmlns="[^"]+"', "", svg))


def boxes(plot):
    """The left and right end, the line and the class of each text of a chart."""
    for text in plot.iter("text"):
        length = CHARACTER * len("".join(text.itertext()))
        left = float(text.get("x", "0")) - length * BEFORE[text.get("text-anchor", "start")]
        yield left, left + length, float(text.attrib["y"]), text.get("class")


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_file_needs_no_page_and_cuts_no_text(name):
    for chart in charts(Results(COMPARISONS[name]())).values():
        svg = chart.to_svg()
        assert not re.search(r"var\(|--\w|<script|https?://(?!www\.w3\.org)", svg)
        whole = parsed(svg)
        (plot,) = whole.findall("svg")
        assert [text.text for text in whole.findall("text")] == [chart.title, *chart.legend]
        ends = [end for *pair, _, kind in boxes(plot) if kind != "in wide" for end in pair]
        assert (min(ends) >= -0.1, max(ends) <= float(plot.attrib["width"]) + 0.1) == (True, True)


def test_names_of_near_models_do_not_overlap():
    whole = comparison({name: NINE[name] for name in ("char", "bpe", "word:unk", "word:pos", "word:shape")})
    for i, cell in enumerate(whole.done):
        cell.vocabulary_size, cell.coverage.held_out.whole = int(900 * 1.3**i), 0.5 + i / 50
    names = [box for box in boxes(parsed(charts(Results(whole))["curve"].to_svg())) if box[3] == "name"]
    assert len(names) == 5
    for i, (left, right, y, _) in enumerate(names):
        assert not [box for box in names[:i] if box[0] < right and box[1] > left and abs(box[2] - y) < 14]


def test_files_are_as_large_as_a_column_in_inches(tmp_path):
    chart = comparison(TWO).figure("documents")
    for kind in ("svg", "pdf", "png"):
        chart.save(tmp_path / f"x.{kind}")
    sizes = [parsed(svg).attrib for svg in ((tmp_path / "x.svg").read_text("utf-8"), chart.to_svg(672))]
    assert [float(size["width"]) for size in sizes] == [336, 672]
    scales = [float(size["width"]) / float(size["viewBox"].split()[2]) for size in sizes]
    assert scales[0] == pytest.approx(scales[1], rel=1e-4)  # the letters keep their size
    assert re.search(rb"/MediaBox ?\[0 0 252 ", (tmp_path / "x.pdf").read_bytes())
    png = (tmp_path / "x.png").read_bytes()
    width, per_metre = (struct.unpack(">I", png[place : place + 4])[0] for place in (16, png.index(b"pHYs") + 4))
    assert width / (per_metre * 0.0254) == pytest.approx(3.5, rel=1e-3)


def test_every_chart_is_saved_and_without_the_converter_as_svg_alone(tmp_path, monkeypatch):
    whole = comparison(TWO)
    names = list(charts(Results(whole)))
    assert {file.name for file in save_figures(whole, tmp_path / "a")} == {
        f"{name}.{kind}" for name in names for kind in ("svg", "pdf")
    }
    monkeypatch.setitem(sys.modules, "vl_convert", None)  # as if it were not installed
    assert set(save_figures(whole, tmp_path / "b")) == {tmp_path / "b" / f"{name}.svg" for name in names}
    for name, file, word in (
        ("bits", "x.pdf", "vl-convert"),
        ("bits", "x.gif", r"\.png"),
        ("bit", "x.svg", "bits"),
    ):
        with pytest.raises(InputError, match=word):
            whole.figure(name).save(tmp_path / file)
