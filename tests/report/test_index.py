"""The list of all comparisons, newest first, with their answers."""

import gzip
import json
import re

from toolkit.comparison.joining import write_index
from toolkit.results.comparison import FOUND, PACKED

from .comparison_example import TWO, comparison
from .pages import ATTACK, Page


def shelf(folder, **comparisons):
    """The list of a folder with these comparisons."""
    for name, whole in comparisons.items():
        (folder / name).mkdir()
        whole.save(folder / name / FOUND)
    return write_index(folder).read_text("utf-8")


def test_the_newest_comes_first_each_with_its_answer_and_a_link(tmp_path):
    earlier, newer = comparison(TWO), comparison({"char": (2.4,)})
    newer.created = "2026-11-15T09:41:07+00:00"
    newer.corpus.name = "letters"
    html = shelf(tmp_path, a=earlier, b=newer)
    text = Page(html).text
    assert text.index("letters") < text.index("weird-tales")
    assert f"<code>{earlier.answer.column}</code>" in html
    assert re.findall('href="([^"]*)"', html) == ["b/index.html", "a/index.html"]
    assert len(html) < 40_000


def test_a_published_comparison_is_listed_too_once(tmp_path):
    shelf(tmp_path, both=comparison(TWO))
    for name in ("packed", "both"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / PACKED).write_bytes(gzip.compress((tmp_path / "both" / FOUND).read_bytes()))
    links = re.findall("<a [^>]*>(.*?)</a>", write_index(tmp_path).read_text("utf-8"), re.DOTALL)
    names = [re.findall("<small>(.*)</small>", link) for link in links]
    assert sorted(names) == [["both"], ["packed"]]


def test_an_unreadable_file_is_listed_without_a_link_and_hides_nothing_else(tmp_path):
    shelf(tmp_path, a=comparison(TWO))
    for name, content in (
        ("broken", "{"), ("foreign", json.dumps({"a": 1})), ("list", "[]"), ("deep", 100_000 * "["),
        ("empty", json.dumps({"cells": [0]})), ("digits", "1" * 10_000), ("named", '{"cells": [{"column": 1}]}'),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / FOUND).write_text(content, "utf-8")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / PACKED).write_bytes(gzip.compress((tmp_path / "a" / FOUND).read_bytes())[:-20])
    html = write_index(tmp_path).read_text("utf-8")
    assert html.count("<h2>") == 9
    assert len(re.findall("<a href", html)) == 1


def test_no_text_of_others_becomes_markup(tmp_path):
    whole = comparison(TWO)
    whole.corpus.name += ATTACK
    whole.answer = whole.answer.model_copy(update={"column": ATTACK, "tied": [ATTACK]})
    assert "<script" not in shelf(tmp_path, a=whole)
