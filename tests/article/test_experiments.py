"""The list of experiments: the article's four as it describes them, and each repair a change of one thing."""

import pytest

from toolkit.article.experiments import experiments
from toolkit.article.recipe import Loss

FOUND = {experiment.name: experiment.recipe for experiment in experiments(310_000, 1_500_000, 7)}


def changed(a, b):
    """The names of the settings in which two recipes differ."""
    before, after = FOUND[a].model_dump(), FOUND[b].model_dump()
    return {name for name in before if before[name] != after[name]}


def test_the_four_are_the_articles():
    four = [FOUND[f"network-{n}"] for n in (1, 2, 3, 4)]
    assert [(recipe.window, recipe.shift) for recipe in four] == [(50, 50), (30, 30), (50, 50), (10, 10)]
    assert [recipe.units for recipe in four[:3]] == [100, 125, 150]
    assert {recipe.loss for recipe in four} == {Loss.BINARY}
    assert not any(recipe.carried for recipe in four)


@pytest.mark.parametrize(("a", "b", "what"), [
    ("network-1", "shift-1", "shift"), ("shift-1", "categorical", "loss"), ("categorical", "repaired", "carried"),
    ("network-1", "categorical-alone", "loss"), ("network-1", "carried-alone", "carried"),
    ("categorical", "shift-4", "shift"),
    ("repaired", "batch-normalised", "between"), ("repaired", "layer-normalised", "between"),
    ("repaired", "gru", "cell"),
    ("repaired", "slower", "learning_rate"), ("repaired", "faster", "learning_rate"),
    ("repaired", "quarter", "characters"), ("repaired", "sixteenth", "characters"), ("repaired", "other-seed", "seed"),
])  # fmt: skip
def test_one_thing_changes_at_a_time(a, b, what):
    assert changed(a, b) == {what}


def test_the_short_text_is_read_fifty_ahead_at_a_rate_that_can_learn_it():
    assert changed("categorical-alone", "short-text") == {"characters", "learning_rate"}
    assert FOUND["short-text"].learning_rate == FOUND["faster"].learning_rate


def test_names_are_distinct_and_the_short_text_is_read_as_often_as_the_article_read_its_own():
    wanted = experiments(310_000, 1_500_000, 0)
    assert len({experiment.name for experiment in wanted}) == len(wanted)
    assert FOUND["short-text"].characters == 3_000
    assert {recipe.characters for recipe in FOUND.values()} == {310_000, 77_500, 19_375, 3_000}


def test_a_small_text_leaves_every_experiment_something_to_read():
    assert min(experiment.recipe.characters for experiment in experiments(700, 1_000, 0)) == 600
