"""Recipes depend on the number of training characters and a budget, and on nothing else."""

import random
import re
import sys
import tomllib
from pathlib import Path

import pytest
from toolkit.comparison.completing import completed
from toolkit.training.schedule import rate_at

from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.training.recipes import LARGE_OF_MUCH_TEXT, RECIPES, recipe, recipe_name


def test_names_by_size_and_time():
    assert recipe_name(300_000) == recipe_name(300_000, 3600.0) == "small"
    assert recipe_name(2_000_000) == recipe_name(2_000_000, 120.0) == "standard"
    assert recipe_name(2_000_000, 1800.0) == "large"


def test_a_recipe_that_is_named_wins_over_the_size_and_single_settings_over_it():
    settings = completed({"recipe": "large", "network": {"units": 300}}, 300_000)
    assert settings.recipe == "large"
    assert settings.network.units == 300
    assert settings.network.dropout == RECIPES["large"].network.dropout
    budget = completed({"train": {"budget_seconds": 1800.0}}, 2_000_000)
    assert budget.network == LARGE_OF_MUCH_TEXT.network
    assert budget.network.units == RECIPES["large"].network.units


def test_a_recipe_drops_less_of_much_text_and_reads_it_fewer_times():
    little, much = (recipe(characters, "large") for characters in (999_999, 1_000_000))
    assert much.network.dropout < little.network.dropout
    assert much.train.updates < little.train.updates
    words = recipe(1_000_000, "large", kind="words")
    assert (words.train.optimizer, words.train.updates) == ("sgd", much.train.updates)
    assert much.network.dropout < words.network.dropout < recipe(999_999, "large", kind="words").network.dropout


def test_of_more_text_characters_drop_less_and_all_else_stays():
    little, more = (recipe(characters, kind="characters") for characters in (499_999, 500_000))
    assert (little.recipe, more.recipe) == ("small", "small")
    assert more.network.dropout < little.network.dropout
    assert more.network.recurrent_dropout < little.network.recurrent_dropout
    assert more.train == little.train.model_copy(update={"updates": more.train.updates})
    for kind in ("words", None):
        assert recipe(499_999, kind=kind).network == recipe(500_000, kind=kind).network


def test_a_recipe_may_be_another_where_tokens_are_words_and_as_long():
    letters, words = (recipe(300_000, "large", kind=kind) for kind in ("characters", "words"))
    assert (letters.train.optimizer, words.train.optimizer) == ("adam", "sgd")
    assert words.network.units == letters.network.units
    assert words.network.dropout > letters.network.dropout
    assert words.train.updates == letters.train.updates


def test_in_a_short_training_the_standard_recipe_is_the_same_for_all_kinds():
    usual = recipe(2_000_000)
    short = usual.model_copy(update={"train": usual.train.model_copy(update={"weight_decay": 0.0})})
    for kind in ("characters", "words", None):
        assert recipe(2_000_000, kind=kind, short=True) == short != recipe(2_000_000, kind=kind)
    for train, optimizer in (
        ({"budget_seconds": 299.0}, "adam"),
        ({"budget_seconds": 300.0}, "sgd"),
        ({"epochs": 3}, "adam"),
        ({"epochs": 4}, "sgd"),
        ({}, "sgd"),
    ):
        settings = completed({"train": train}, 2_000_000, "words")
        assert (settings.recipe, settings.train.optimizer) == ("standard", optimizer), train


def test_characters_learn_at_twice_the_rate_of_what_is_neither_they_nor_words():
    for name in ("small", "standard"):
        rates = {kind: recipe(300_000, name, kind=kind).train.learning_rate for kind in ("characters", "words", None)}
        assert rates == {"characters": 0.024, "words": 12.0, None: 0.012}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("sgd", 8.0)),
        ({"batch": 16}, ("sgd", 8.0)),
        ({"optimizer": "adam"}, ("adam", 0.008)),
        ({"learning_rate": 0.004}, ("adam", 0.004)),
        ({"optimizer": "sgd", "learning_rate": 5.0}, ("sgd", 5.0)),
    ],
)
def test_a_rate_that_was_given_never_meets_an_optimizer_that_was_chosen_for_another(given, expected):
    settings = completed({"recipe": "large", "train": given}, 300_000, "words")
    assert (settings.train.optimizer, settings.train.learning_rate) == expected
    assert settings.network.dropout == 0.6


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("adam", 0.024, 0.03)),
        ({"weight_decay": 0.1}, ("adam", 0.024, 0.1)),
        ({"learning_rate": 0.012}, ("adam", 0.012, 0.03)),
        ({"optimizer": "adam"}, ("adam", 0.012, 0.03)),
        ({"optimizer": "sgd", "learning_rate": 12.0}, ("sgd", 12.0, 0.0)),
        ({"optimizer": "sgd", "learning_rate": 12.0, "weight_decay": 1e-5}, ("sgd", 12.0, 1e-5)),
    ],
)
def test_the_weight_decay_of_a_recipe_stays_with_its_optimizer(given, expected):
    train = completed({"train": given}, 300_000, "characters").train
    assert (train.optimizer, train.learning_rate, train.weight_decay) == expected


def test_a_rate_that_is_given_leaves_short_trainings_without_weight_decay():
    short = completed({"train": {"epochs": 2, "learning_rate": 0.02}}, 2_000_000, "characters").train
    assert (short.learning_rate, short.weight_decay) == (0.02, 0.0)


def test_weight_decay_for_adam_is_refused_at_the_rate_of_plain_descent():
    given = {"train": {"weight_decay": 0.03}}
    with pytest.raises(
        InputError, match=r"loses 36 % of itself in an update by plain descent at the rate 12, .*columns\.char\.train"
    ):
        completed(given, 300_000, "words")
    assert completed(given, 300_000, "characters").train.weight_decay == 0.03
    assert completed({"train": {"learning_rate": 5.0}}, 300_000, "characters").train.weight_decay == 0.03  # not given


def test_words_have_the_weight_decay_of_adam_only_if_they_are_given_it():
    for given, decay in (
        ({}, 0.0),
        ({"dropout": 0.1}, 0.0),
        ({"optimizer": "adam"}, 0.03),
        ({"learning_rate": 0.1}, 0.03),
    ):
        group = "network" if "dropout" in given else "train"
        assert completed({group: given}, 300_000, "words").train.weight_decay == decay


def test_what_learns_by_adam_has_weight_decay_but_by_the_large_recipe():
    for characters in (300_000, 2_000_000):
        assert recipe(characters, "large").train.weight_decay == 0.0
    for name in ("small", "standard"):
        decays = {kind: recipe(300_000, name, kind=kind).train.weight_decay for kind in ("characters", "words", None)}
        assert decays == {"characters": 0.03, "words": 0.0, None: 0.03}


@pytest.mark.parametrize("characters", [300_000, 2_000_000])
def test_updates_are_passes_over_the_text(characters):
    train = recipe(characters).train
    read = train.updates * train.batch * train.window_characters
    assert read == pytest.approx(RECIPES[recipe_name(characters)].passes * characters, rel=0.01)


def test_small_texts_get_smaller_batches():
    assert recipe(4_000).train.batch == 2
    assert recipe(300_000).train.batch == 32
    assert recipe(500).train.updates >= 1


@pytest.fixture
def block():
    """The published recipe in the guide."""
    guide = (Path(__file__).parents[2] / "toolkit" / "GUIDE.md").read_text("utf-8")
    (found,) = (block for block in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL) if "penn-treebank" in block)
    return found


def test_the_published_recipe_in_the_guide_is_the_papers(block):
    settings = completed(tomllib.loads(block), 5_000_000)
    (column,) = parse_columns(["whitespace"], settings.columns)
    assert column.make().strategy.closed
    network, train = settings.network, settings.train
    assert (network.layers, network.units, network.embedding, network.initial_range) == (2, 200, 200, 0.1)
    assert network.dropout == network.input_dropout == network.recurrent_dropout == 0
    assert (train.epochs, train.batch, train.window_tokens, train.optimizer) == (13, 20, 20, "sgd")
    assert train.clip_norm * train.window_tokens == 5.0
    rates = [rate_at(0.5, epoch, train) / train.window_tokens for epoch in range(13)]
    assert rates == [1.0] * 4 + [0.5**n for n in range(1, 10)]


def test_the_recipe_for_two_hours_in_the_guide_is_bounded_by_the_clock_and_leaves_the_schedule_alone():
    guide = (Path(__file__).parents[2] / "toolkit" / "GUIDE.md").read_text("utf-8")
    (block,) = (block for block in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL) if "two-hours" in block)
    settings = completed(tomllib.loads(block), 5_000_000, "words")
    (column,) = parse_columns(["whitespace"], settings.columns)
    assert column.make().strategy.closed
    assert settings.network.tied
    assert settings.network.embedded == settings.network.units == 650
    assert settings.train.budget_seconds < 2 * 3600
    assert settings.train.cooling == 1
    assert settings.train.patience >= settings.train.checks
    assert settings.train.window_tokens / settings.train.forgotten > 30_000  # words read with one state, on average
    assert settings.train.valid_characters > 450_000  # all of the Treebank's
    rates = [rate_at(share, 40 * share, settings.train) for share in (0.1, 0.5, 0.9, 1.0)]
    assert rates == sorted(rates, reverse=True)


WORDS = ["the", "<unk>", "N", "'s", "$", "of", "mr.", "u.s.", "rose", "fell", "n't", "points", "shares", "a"]


def treebank(lines: int, seed: int) -> str:
    """A text as the Penn Treebank's files are."""
    rng = random.Random(seed)
    return f" {' '.join(WORDS)} \n" + "".join(f" {' '.join(rng.choices(WORDS, k=9))} \n" for _ in range(lines - 1))


@pytest.mark.slow
def test_the_published_recipe_runs_on_a_corpus_like_the_treebank_and_gives_its_perplexity(
    block, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for part, lines in (("train", 150), ("valid", 10), ("test", 12)):
        Path(f"{part}.txt").write_text(treebank(lines, lines), "utf-8")
    Path("recipe.toml").write_text(block, "utf-8")
    tiny = ("network.units=8", "train.epochs=2", "samples.characters=60", "samples.count=2")
    command = ["toolkit", "compare", "--tokenizers", "whitespace", "--corpus", ".", "--config", "recipe.toml"]
    command += ["--workers", "1", "--verify", "--out", "out", *(part for each in tiny for part in ("--set", each))]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0, capsys.readouterr().err
    (cell,) = Comparison.load(tmp_path / "out" / "comparison.json").done
    text = treebank(12, 12)
    assert (cell.column, cell.tokens) == ("whitespace:keep", len(text.split()) + text.count("\n") + 1)
    assert cell.vocabulary_size == len(WORDS) + 2 + 4  # the line end, <doc>, and the marks, which are never shown
    paid = cell.bits_per_character
    assert (paid.classes, paid.spelling) == (0, 0)
    assert cell.perplexity_per_token == pytest.approx(2 ** (paid.total * len(text) / cell.tokens))
    assert cell.perplexity_per_token < len(WORDS) + 2
    assert cell.verified


def test_a_corpus_with_other_words_than_the_closed_vocabularys_is_refused_before_anything_is_made(
    block, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for part in ("train", "valid", "test"):
        Path(f"{part}.txt").write_text(treebank(20, 0) + " the dow fell \n" * (part == "test"), "utf-8")
    Path("recipe.toml").write_text(block, "utf-8")
    command = "toolkit compare --tokenizers whitespace --corpus . --config recipe.toml --out out"
    monkeypatch.setattr(sys, "argv", command.split())
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "'test' has words that the closed vocabulary of the training text lacks, 1 in all: 'dow'" in (
        capsys.readouterr().err.replace("\n", " ")
    )
    assert not Path("out").exists()
