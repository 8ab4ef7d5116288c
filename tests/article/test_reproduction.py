"""The page of an invented reproduction, its decisions, and the folder of a real one."""

import re

import pytest

from toolkit.article.article_text import ArticleText
from toolkit.article.experiments import Chance, Counts, Moment, Reproduction, Result, Scores, Text, experiments
from toolkit.article.reproduction import Figures, render, reproduce
from toolkit.errors import InputError
from toolkit.files import write_file

USUAL = 0.181  # the accuracy of an experiment that is not listed
ACCURACIES = {
    "shift-1": 0.41, "categorical": 0.42, "repaired": 0.46, "other-seed": 0.462, "short-text": 0.12,
    "categorical-alone": 0.15, "large": 0.55,
}  # fmt: skip
UNHELPED = dict.fromkeys(("shift-1", "categorical", "repaired", "other-seed"), 0.18)
TEXTS = {
    "answers": "e" + " " * 60,
    "likeliest": "the sea of the sea of the sea",
    "drawn": "He ploud & <br> the waller",
}
COUNTS = Counts(**dict.fromkeys(Counts.model_fields, 0.25) | {"characters": 57_600, "words": 10_000})
BLANK = COUNTS.model_copy(update={"words": 0})
TEXT = Text(
    name="tales", sha256="9f2c", documents=45, characters=441_722, training_characters=310_000,
    alphabet=" etaonihsrdlu", held_out_characters=88_000, targets=57_600,
    prompt="The keeper of the lamp was away in the town, and s", beginning="o he was not at home for the nights. " * 4,
    notes=[], counts=COUNTS,
    chance=Chance(most_common=" ", accuracy=0.18, binary_cross_entropy=0.19),
)  # fmt: skip
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def invented_result(experiment, accuracy=USUAL):
    scores = Scores(accuracy=accuracy, binary_cross_entropy=0.15)
    moment = Moment(characters_read=1_500_000, updates=940, seconds=25, held_out=scores, texts=TEXTS)
    return Result(
        **dict(experiment), parameters=151_200, moments=[moment],
        training=scores.model_copy(update={"accuracy": 0.5}), recalled="the lamp was lit",
        counts={"answers": BLANK, "likeliest": BLANK, "drawn": COUNTS, "recalled": COUNTS},
    )  # fmt: skip


def reproduction(accuracies=None, **changes):
    by_name = ACCURACIES | (accuracies or {})
    return Reproduction(
        command="toolkit reproduce article", created="2026-11-25T10:00:00+00:00", versions={"python": "3.12"},
        machine={"cores": 2}, seed=0, characters=1_500_000, text=TEXT.model_copy(update=changes),
        results=[invented_result(plan, by_name.get(plan.name, USUAL)) for plan in experiments(310_000, 1_500_000, 0)],
    )  # fmt: skip


def test_decisions_need_more_than_noise_and_one_answer():
    """Whether the first network learned, the repairs help, and the short text was memorised (with 0.5 right there)."""
    for accuracies, decisions in (
        ({}, (False, True, True)),
        (UNHELPED, (False, False, True)),
        ({"network-1": 0.455}, (True, False, True)),
        ({"network-1": 0.3, "short-text": 0.45}, (True, True, False)),
        ({**UNHELPED, "network-1": 0.02}, (False, False, True)),  # the repaired network beats the first alone
    ):
        figures = Figures(reproduction(accuracies))
        assert (figures.first_learned, figures.repairs_help, figures.memorised) == decisions
    usual, noisy = (Figures(reproduction(changes)) for changes in ({}, {"other-seed": 0.40}))
    assert (usual.margin, noisy.margin) == (pytest.approx(0.01), pytest.approx(0.12))  # by what two seeds differ
    effects = [usual.effect(name, "network-1") for name in ("shift-1", "categorical-alone", "carried-alone")]
    assert [*effects, noisy.effect("large", "repaired")] == ["higher", "lower", "none", "none"]


def test_the_page_has_its_numbers_in_its_tables_loads_nothing_and_escapes_foreign_texts():
    html = render(reproduction())
    rows = {}
    for row in re.findall(r"<tr[ >].*?</tr>", html, re.DOTALL):
        name, *cells = (re.sub("<.*?>", "", c).strip() for c in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL))
        rows[name] = cells
    assert ["–"] * 11 in rows.values()  # counts of a text without words
    assert ["15.0\u202f%", "−3.1lower"] in [cells[1:3] for cells in rows.values()]  # categorical-alone
    assert ["0.1500", "0.0195", "18.1\u202f%"] in rows.values()  # network-1 on held-out text
    assert '"accuracy":0.55' in html  # a bar
    text, passage = re.sub("<.*?>", "", html), TEXT.prompt + TEXT.beginning
    assert f"50 ahead{passage[26:99]}" in text
    assert f"1 ahead{passage[26:51]}\n" in text
    assert "likeliest –, sampling 25\u202f%" in text  # the likeliest text has no words
    html = render(reproduction(name=ATTACK, prompt=ATTACK, notes=[ATTACK]))
    assert ATTACK not in html
    links = re.findall(r'\b(?:src|href)="([^"]*)"', html)
    assert {f'id="{link.removeprefix("#")}"' in html for link in links} == {True}


@pytest.mark.slow
def test_an_interrupted_reproduction_runs_only_missing_experiments(corpus, tmp_path):
    """A damaged result and one of another recipe are missing, too."""
    options = {"characters": 5_000, "seed": 0, "command": "toolkit reproduce article"}
    plan = experiments(len(ArticleText(corpus).training), 5_000, 0)
    files = [tmp_path / "experiments" / f"{experiment.name}.json" for experiment in plan]
    with pytest.raises(KeyError, match=f"1 of {len(plan)}"):  # a line about the first one that is missing
        reproduce(corpus, tmp_path, {}.__getitem__, **options)
    for experiment, file in zip(plan, files, strict=True):
        saved = invented_result(plan[0] if experiment.name == "shift-1" else experiment).model_dump_json()
        write_file(file, saved if experiment.name != "network-2" else saved[:100])
    with pytest.raises(KeyError, match=f"2 of {len(plan)}"):
        reproduce(corpus, tmp_path, {}.__getitem__, **options)
    write_file(files[1], invented_result(plan[1]).model_dump_json())
    whole = reproduce(corpus, tmp_path, print, **options)
    assert [r.name for r in whole.results] == [e.name for e in plan]
    assert [r.name for r in whole.results if r.accuracy != USUAL] == ["shift-1"]
    assert [moment.characters_read for moment in whole["shift-1"].moments] == [1_600, 1_600, 3_200, 6_400]
    assert Reproduction.model_validate_json((tmp_path / "reproduction.json").read_bytes()) == whole
    with pytest.raises(InputError, match="seed"):
        reproduce(corpus, tmp_path, print, **options | {"seed": 1})
