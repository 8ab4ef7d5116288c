"""Sentences of the article's page that were wrong or unsupported: each test fails on the old one."""

import gzip
import json
import re
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests.report.test_page import Page
from toolkit.article import story, word_story
from toolkit.article.page import lanes, render
from toolkit.article.recipe import CHOSEN, FIGURES

from .reproduction_example import BLANK, reproduction

COLLAPSED = dict.fromkeys(("shift-1", "categorical", "repaired", "other-seed", "shift-2", "shift-4", "shift-10"), 0.18)


def test_of_a_sample_without_words_nothing_is_said_of_repetition():
    whole = reproduction()
    whole["repaired"].counts["likeliest"] = BLANK
    assert "does not repeat itself" not in story.sampling(whole)
    assert "writes hardly any words (0 words)" in story.sampling(whole)


def test_a_network_that_knows_less_than_frequencies_is_not_said_to_know_them():
    whole = reproduction(COLLAPSED)
    held_out = whole["shift-1"].held_out
    held_out.binary_cross_entropy = 1.4 * whole.text.chance.binary_cross_entropy
    assert "knows less than how often each occurs (a loss of 0.2660; the frequencies alone give 0.1900)" in story.alone(
        whole
    )
    held_out.binary_cross_entropy = whole.text.chance.binary_cross_entropy
    assert "still knows only how often each occurs (a loss of 0.1900" in story.alone(whole)


def test_where_one_ahead_is_not_learned_either_the_shift_is_not_blamed():
    assert story.shift_title(reproduction()) == "Why fifty ahead asks for what cannot be known"
    whole = reproduction(COLLAPSED)
    assert "too short" in story.shift_title(whole)
    assert "learned nothing at any distance, one included" in story.words_ahead(whole)
    assert "learned nothing at any distance" not in story.words_ahead(reproduction())


def test_the_hundred_outputs_are_listed_as_chosen():
    assert [choice for what, choice, _ in CHOSEN if "outputs of its network" in what] == [f"{FIGURES['outputs']:.0f}"]


def test_two_seeds_that_learned_nothing_do_not_say_how_far_seeds_differ():
    assert "how far runs that learn would differ is not known" in story.conditions(reproduction(COLLAPSED))
    assert "is not known" not in story.conditions(reproduction())


def test_noise_is_in_points_and_not_a_share():
    assert "differences below 1.0 percentage points count as none" in story.conditions(reproduction())


def test_the_articles_figures_stand_by_the_network_that_they_are_of():
    rows = {lane.name: [number for number in lane.numbers if number] for lane in lanes(reproduction())}
    assert rows["The article, network 2"] == ["740", "115", "37"]
    assert rows["The article, network 3"] == ["10\u202f%"]


@pytest.mark.parametrize(("name", "other"), [("weird-tales", True), ("Lovecraft", False), ("h-p-lovecraft", False)])
def test_a_text_that_is_not_the_articles_is_said_to_be_another(name, other):
    assert ("by H. P. Lovecraft" in story.conditions(reproduction(name=name))) == other


def test_the_shift_is_drawn():
    whole = reproduction(beginning="was not at home, nor had he been for the nights that the log did not name.")
    (far, near) = story.ahead(whole)
    text = whole.text.prompt + whole.text.beginning
    for shift, before, last, between, asked in (far, near):
        assert text.startswith(last + between + asked, text.index(before + last) + len(before))
        assert len(between) == shift - 1
    assert (far[0], near[0]) == (whole["network-1"].recipe.shift, 1)
    html = render(whole)
    assert html.count('class="line"') == 2
    assert "asked 1 ahead" in Page(html).text


def published(name: str) -> dict[str, Any]:
    """The comparison.json of a published comparison."""
    file = Path(__file__).parents[2] / "reports" / "published" / name / "comparison.json.gz"
    return json.loads(gzip.decompress(file.read_bytes()))


def test_the_answer_on_rare_words_is_that_of_the_published_comparison():
    found = published("char-word")
    assert found["command"] == "toolkit compare --tokenizers char,word --seeds 3"
    assert found["command"] in Page(render(reproduction())).text
    for column, needed in {"word:pos": word_story.WORDS_NEED, "char": word_story.CHARACTERS_NEED}.items():
        totals = [cell["bits_per_character"]["total"] for cell in found["cells"] if cell["column"] == column]
        assert f"{fmean(totals):.3f}" == needed
    assert f"need {word_story.WORDS_NEED} bits per character" in Page(render(reproduction())).text


def test_the_ways_to_treat_rare_words_are_counted_without_the_columns_that_are_not_of_words():
    ways = {cell["strategy"] for cell in published("nine-columns")["cells"]} - {None}
    assert len(ways) == 7
    assert "seven ways to treat rare words are compared" in Page(render(reproduction())).text


def test_a_run_too_short_says_which_would_not_be():
    whole = reproduction(COLLAPSED)
    assert "one with more --characters would say more" in story.verdict(whole)
    whole.characters = 10_000
    assert re.search(r"one with --characters 1500000 \(the default\) would say more", story.verdict(whole))
