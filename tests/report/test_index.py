"""The list of all comparisons, newest first, with their answers."""

import gzip
import json
import re

from toolkit.comparison.pages import write_index
from toolkit.evaluation.answer import answer
from toolkit.results.comparison import FOUND, PACKED

from .comparison_example import comparison
from .test_page import ATTACK, Page

TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}


def shelf(folder, **comparisons):
    for name, whole in comparisons.items():
        (folder / name).mkdir()
        whole.save(folder / name / FOUND)
    return write_index(folder)


def test_the_newest_comes_first_each_with_its_answer_and_a_link(tmp_path):
    earlier, newer = comparison(TWO), comparison({"char": (2.4,)})
    newer.created = "2026-11-15T09:41:07+00:00"
    newer.corpus.name = "letters"
    html = shelf(tmp_path, a=earlier, b=newer).read_text("utf-8")
    text = Page(html).text
    assert text.index("letters") < text.index("weird-tales")
    assert answer(earlier).sentence.replace("`", "") in text
    assert [link for link in ("a/index.html", "b/index.html") if f'href="{link}"' in html] == [
        "a/index.html",
        "b/index.html",
    ]
    assert "2 comparisons" in text
    assert len(html) < 40_000


def test_a_published_comparison_is_listed_too_once(tmp_path):
    whole = comparison(TWO)
    shelf(tmp_path, both=whole)
    for name in ("packed", "both"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / PACKED).write_bytes(gzip.compress((tmp_path / "both" / FOUND).read_bytes()))
    text = Page(write_index(tmp_path).read_text("utf-8")).text
    assert "2 comparisons" in text
    assert text.count(answer(whole).sentence.replace("`", "")) == 2


def test_links_to_comparisons_of_one_corpus_are_told_apart(tmp_path):
    html = shelf(tmp_path, a=comparison(TWO), b=comparison(TWO)).read_text("utf-8")
    links = re.findall(r"<a [^>]*>(.*?)</a>", html, re.DOTALL)
    assert len(set(links)) == len(links) == 2
    assert "<small>a</small>" in links[0] + links[1]


def test_a_saved_answer_is_shown_as_it_is(tmp_path):
    whole = comparison(TWO)
    whole.answer = answer(whole).model_copy(update={"sentence": "Use `this`."})
    assert "<code>this</code>" in shelf(tmp_path, a=whole).read_text("utf-8")


def test_what_cannot_be_read_is_listed_without_a_link_and_hides_nothing_else(tmp_path):
    shelf(tmp_path, a=comparison(TWO))
    for name, content in (
        ("broken", "{"), ("foreign", json.dumps({"a": 1})), ("list", "[]"), ("deep", 100_000 * "["),
        ("empty", json.dumps({"cells": [0]})), ("digits", "1" * 10_000),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / FOUND).write_text(content, "utf-8")
    html = write_index(tmp_path).read_text("utf-8")
    assert html.count("cannot be read") == 6
    assert len(re.findall("<a href", html)) == 1


def test_no_text_of_others_becomes_markup(tmp_path):
    whole = comparison(TWO)
    whole.corpus.name += ATTACK
    whole.answer = answer(whole).model_copy(update={"sentence": ATTACK})
    html = shelf(tmp_path, a=whole).read_text("utf-8")
    assert "<script" not in html
