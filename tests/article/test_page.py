"""The page: its decisions, the numbers in its tables, and foreign texts without markup."""

import re

import pytest

from toolkit.article.figures import Figures
from toolkit.article.page import render

from .example import TEXT, reproduction

UNHELPED = dict.fromkeys(("shift-1", "categorical", "repaired", "other-seed"), 0.18)
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize(("accuracies", "first_learned", "repairs_help", "memorised"), [
    ({}, False, True, True),
    ({"network-1": 0.3, "short-text": 0.45}, True, True, False),  # its training text: 0.5
    (UNHELPED, False, False, True),
    ({**UNHELPED, "network-1": 0.02}, False, False, True),  # the repaired network beats the first, but not one answer
    ({"network-1": 0.455, "other-seed": 0.459}, True, False, True),
])  # fmt: skip
def test_decisions_need_more_than_noise_and_one_answer(accuracies, first_learned, repairs_help, memorised):
    figures = Figures(reproduction(accuracies))
    assert (figures.first_learned, figures.repairs_help, figures.memorised) == (first_learned, repairs_help, memorised)


def test_effects_depend_on_the_difference_between_seeds():
    usual, noisy = (Figures(reproduction(changes)) for changes in ({}, {"other-seed": 0.40}))
    assert (usual.noise, noisy.noise) == (pytest.approx(0.01), pytest.approx(0.12))
    effects = [usual.effect(name, "repaired") for name in ("layer-normalised", "gru", "batch-normalised")]
    assert effects == ["higher", "lower", "none"]
    assert noisy.effect("layer-normalised", "repaired") == "none"


def test_the_page_has_its_numbers_in_its_tables():
    html = render(reproduction())
    cells = [
        re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL) for row in re.findall(r"<tr[ >].*?</tr>", html, re.DOTALL)
    ]
    table = [[re.sub("<.*?>", "", cell).strip() for cell in row] for row in cells]
    rows = {row[0]: row[1:] for row in table}
    assert rows["The article, network 2its own figures"][:4] == ["740", "115", "37", ""]
    assert rows["The article, network 3its own figures"][:5] == ["", "", "", "10\u202f%", ""]
    assert ["–"] * 11 in [row[1:] for row in table]  # counts of a text without words
    assert rows["Learning rate 0.004"][3:7] == ["50.0\u202f%", "52.0\u202f%", "+6.0higher", "2.500"]
    assert rows["4"] == ["22.0\u202f%", "22.5\u202f%", "yes"]
    assert rows["10"] == ["18.1\u202f%", "21.0\u202f%", "no"]
    assert rows["a space"] == ["0.2500", "0.5623"]  # ¼ · ln 4 + ¾ · ln 4/3
    assert rows["network 1, on held-out text"] == ["0.1500", "0.0195", "18.1\u202f%"]
    assert '"accuracy":0.55' in html  # a bar
    text, passage = re.sub("<.*?>", "", html), TEXT.prompt + TEXT.beginning
    assert f"50 ahead{passage[26:99]}" in text
    assert f"1 ahead{passage[26:51]}\n" in text
    assert "e" + "␣" * 60 in text
    assert "likeliest –, sampling 25\u202f%" in text  # the likeliest text has no words


def test_the_page_loads_nothing_and_escapes_foreign_texts():
    html = render(reproduction(name=ATTACK, prompt=ATTACK, notes=[ATTACK]))
    assert ATTACK not in html
    links = re.findall(r'\b(?:src|href)="([^"]*)"', html)
    assert {f'id="{link.removeprefix("#")}"' in html for link in links} == {True}
