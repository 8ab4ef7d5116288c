"""The page: one file that loads nothing, in which no text of others becomes markup."""

import re
from html.parser import HTMLParser

import pytest

from toolkit.article.page import lanes, render, shown

from .reproduction_example import TEXT, reproduction

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.ids, self.links, self.text = [], set(), [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        for key, value in attrs:
            self.ids |= {value} if key == "id" else set()
            self.links += [value] if key in {"href", "src"} else []

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def html():
    return render(reproduction())


def test_it_loads_nothing(html):
    page = Page(html)
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "default-src 'none'" in html
    assert {"img", "link", "iframe"}.isdisjoint(page.elements)
    assert len(html.encode()) < 2_000_000


def test_every_chart_has_its_place_and_its_numbers(html):
    page = Page(html)
    charts = re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1]
    for name in ("repairs", "learning", "shifts"):
        assert f"chart-{name}" in page.ids
        assert f'"{name}":' in charts


def test_what_was_measured_and_written_is_there(html):
    text = Page(html).text
    for number in ("18.1\u202f%", "41.0\u202f%", "55.0\u202f%", "690", "740", "0.0244", "9f2c"):
        assert number in text
    assert TEXT.drawn in text
    assert "e" + "␣" * 60 in text
    for result in reproduction().results:
        assert result.title in text


def test_words_of_its_command_are_not_broken(html):
    assert '<code id="command"><span class="word">toolkit</span> <span class="word">reproduce</span> ' in html
    assert "toolkit reproduce article" in Page(html).text  # what its button copies


def test_no_text_of_others_becomes_markup(html):
    whole = reproduction(name=ATTACK, prompt=ATTACK, notes=[ATTACK])
    for result in whole.results:
        for moment in result.moments:
            moment.texts.drawn = ATTACK
    hostile = render(whole)
    assert ATTACK not in hostile
    assert Page(hostile).elements.count("script") == Page(html).elements.count("script")
    assert Page(hostile).text.count(ATTACK) > 80


def test_a_text_without_words_has_no_counts():
    blank = next(lane for lane in lanes(reproduction()) if lane.name.startswith("Network 1"))
    assert set(blank.numbers) == {"–"}


def test_spaces_are_shown_where_there_is_little_else():
    assert shown("a  b") == "a  b"
    assert shown("a   ") == "a␣␣␣"
