"""Training for real on tiny networks; and the whole command, with experiments that are only pretended."""

import json
import sys

import numpy as np
import pytest

from toolkit.article import reproduction as module
from toolkit.article.alphabet import Alphabet
from toolkit.article.article_text import ArticleText
from toolkit.article.experiments import Experiment
from toolkit.article.model import Model
from toolkit.article.reading import Reader
from toolkit.article.recipe import Between, Cell, Loss, Recipe
from toolkit.article.results import Reproduction
from toolkit.article.training import Training
from toolkit.article.trial import run
from toolkit.article.windows import Passages
from toolkit.errors import InputError
from toolkit.text.corpus import Corpus, Document

from .reproduction_example import ACCURACIES, result

pytestmark = pytest.mark.slow

RECIPE = Recipe(
    units=12, window=10, shift=1, characters=2_000, seed=0, loss=Loss.CATEGORICAL, carried=True, learning_rate=0.03,
    batch=8,
)  # fmt: skip
SONG = "row your boat " * 200


def accuracy(recipe, text, characters):
    """What a network foretells of the text that it was trained on."""
    alphabet = Alphabet.of(text)
    model = Model(recipe, len(alphabet.characters))
    Training(model, alphabet.encode(text)).run_to(characters)
    return Reader(model).answers(Passages.of(alphabet.encode(text))).scores.accuracy


@pytest.mark.parametrize(("change", "characters"), [
    ({}, 10_000),
    ({"loss": Loss.BINARY, "carried": False, "window": 30}, 60_000),  # long the same for every character
    ({"cell": Cell.GRU, "between": Between.LAYER}, 10_000),
])  # fmt: skip
def test_a_network_learns_what_can_be_known(change, characters):
    assert accuracy(RECIPE.model_copy(update=change), SONG, characters) > 0.95


def test_a_network_does_not_learn_what_cannot_be_known():
    """Letters drawn anew each time: what it has right is what always giving the likeliest has, and no more."""
    letters = "".join(np.random.default_rng(0).choice(list("aab"), 2_000))
    share = letters.count("a") / len(letters)
    assert accuracy(RECIPE.model_copy(update={"shift": 10}), letters, 4_000) == pytest.approx(share, abs=0.03)


def test_the_same_seed_trains_the_same_network():
    ids = Alphabet.of(SONG).encode(SONG)
    weights = []
    for seed in (0, 0, 1):
        model = Model(RECIPE.model_copy(update={"seed": seed}), len(set(SONG)))
        Training(model, ids).run_to(800)
        weights.append(np.concatenate([variable.numpy().ravel() for variable in model.variables]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2]).max() > 0.01


@pytest.fixture
def article_text(corpus):
    return ArticleText(corpus, 0)


def test_an_experiment_is_measured_at_every_moment(article_text):
    trained = run(Experiment("tiny", "Tiny", RECIPE), article_text, 3_200)
    assert [moment.characters_read for moment in trained.moments] == [80, 400, 1_600, 3_200]
    assert trained.passes == pytest.approx(1.6)
    assert set(trained.counts) == {"answers", "likeliest", "drawn", "recalled"}
    assert trained.counts["drawn"].characters == 900 * len(article_text.passages.prompts)
    assert all(len(text) == 240 or len(text) == 150 for text in trained.texts.model_dump().values())
    assert trained.held_out.bits_per_character < trained.moments[0].held_out.bits_per_character


def test_the_facts_of_the_text(article_text):
    facts = article_text.facts()
    assert sum(facts.frequencies.values()) == pytest.approx(1)
    assert list(facts.frequencies.values()) == sorted(facts.frequencies.values(), reverse=True)
    assert facts.targets == article_text.passages.targets.size
    assert article_text.held_out.startswith(facts.prompt + facts.beginning)


def test_a_text_of_which_little_is_left_is_refused():
    dots = tuple(Document(f"d{i}", "· · · ∞ ∞\n" * 90) for i in range(5))
    with pytest.raises(
        InputError,
        match=r"have only 2 characters once restricted .* to reproduce the article, give a corpus with at least 600",
    ):
        ArticleText(Corpus("dots", dots), 0)


@pytest.fixture
def command(monkeypatch, tmp_path, corpus_folder, capsys):
    """toolkit reproduce article, whose experiments are pretended: exit code, output, names of those that were run."""
    from toolkit.cli import main

    monkeypatch.chdir(tmp_path)
    ran = []

    def pretended(experiment, *_):
        if experiment.name == stop_at.get("name"):
            raise KeyboardInterrupt
        ran.append(experiment.name)
        return result(experiment, ACCURACIES[experiment.name])

    stop_at: dict[str, str] = {}
    monkeypatch.setattr(module, "run", pretended)

    def call(*arguments, interrupted_at=None):
        ran.clear()
        stop_at.clear()
        stop_at.update({"name": interrupted_at} if interrupted_at else {})
        line = ["toolkit", "reproduce", "article", "--corpus", str(corpus_folder), *arguments]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, capsys.readouterr(), list(ran)

    return call


def test_an_interrupted_reproduction_goes_on_where_it_was(command, tmp_path, corpus_folder):
    folder = tmp_path / "reports" / f"{corpus_folder.name}--article"
    code, _, ran = command(interrupted_at="shift-1")
    assert (code, ran) == (130, ["network-1", "network-2", "network-3", "network-4"])
    assert not (folder / "index.html").exists()
    code, printed, ran = command()
    assert code == 0
    assert sorted(ran) == sorted(name for name in ACCURACIES if not name.startswith("network-"))
    assert "4 of 22 experiments are already done" in printed.err
    assert str(folder.relative_to(tmp_path) / "index.html") in printed.out
    assert "it was asked the wrong question" in " ".join(printed.out.split())
    whole = Reproduction.model_validate(json.loads((folder / "reproduction.json").read_text("utf-8")))
    code, printed, ran = command("--json")
    document = json.loads(printed.out)
    assert (code, ran, document.pop("page")) == (0, [], str(folder.relative_to(tmp_path) / "index.html"))
    assert Reproduction.model_validate(document).results == whole.results
    assert {r.name: r.held_out.accuracy for r in whole.results} == ACCURACIES
    assert command("--quiet")[2] == []


def test_what_cannot_be_is_refused_in_one_sentence(command, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("dear sir")
    for arguments, said in [
        (("--out", "taken"), "contains letter.txt"),
        (("--characters", "10"), "--characters is 10; give a whole number from 1000"),
        (("--seed", "-1"), "--seed is -1"),
    ]:
        code, captured, ran = command(*arguments)
        assert (code, captured.out, ran) == (2, "", [])
        assert said in captured.err
        assert len(captured.err.splitlines()) == 1
    assert command("--out", "mine", "--quiet")[0] == 0
    assert "there seed is 0, here it is 5" in command("--out", "mine", "--seed", "5")[1].err
