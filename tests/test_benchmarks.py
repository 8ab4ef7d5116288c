"""Every benchmark can be imported, says by which command it is run, and tells its options. None is run here."""

import argparse
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import regularisation, spelled_inputs
from tests.benchmarks.over_seeds import add_seeds, of_each, seeds_of, spread
from tests.benchmarks.recalling import bits, read
from tests.benchmarks.recipes import CHANGES, changed
from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.inference.neural import NeuralModel
from toolkit.inference.recall import CONCENTRATION, FADING, SHARPNESS, Recall
from toolkit.inference.spelled_out import Alphabet, SpelledOut
from toolkit.network.network import RecurrentNetwork
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.spaced import Spaced
from toolkit.training.recipes import recipe

FOLDER = Path(__file__).parent / "benchmarks"
MODULES = [path.stem for path in sorted(FOLDER.glob("*.py")) if "parse_args()" in path.read_text("utf-8")]


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_names_its_command_and_its_options(name, monkeypatch, capsys):
    module = importlib.import_module(f"tests.benchmarks.{name}")
    assert f"python -m tests.benchmarks.{name}" in module.__doc__
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as end:
        module.main()
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "options", "rows"),
    [
        (spelled_inputs, ["--features", "affixes"], ["the class alone", "affixes"]),
        (regularisation, ["--column", "word:unk", "--decay", "0", "--decay", "0.1"], ["0", "0.1"]),
    ],
    ids=["spelled_inputs", "regularisation"],
)
def test_what_replaces_parts_of_training_still_finds_them(module, options, rows, brief_folder, monkeypatch, capsys):
    """Both train with parts of their own, so that another trainer may leave them behind."""
    tiny = ["--set", "train.updates=60", "train.checks=1", "train.batch=2", "train.towers=1", "network.units=6"]
    monkeypatch.setattr(sys, "argv", ["", "--corpus", str(brief_folder), "--seeds", "1", *options, *tiny])
    module.main()
    told = capsys.readouterr().out.splitlines()[2:]
    assert [line.split(" | ")[0].strip("| ") for line in told] == rows
    assert len({tuple(line.split(" | ")[1:]) for line in told}) == len(rows)  # each trained otherwise


def test_what_is_recalled_in_the_benchmark_is_what_a_mixture_recalls(split):
    tokenizer = Spaced().fit(split.train, split.valid)
    trained = tokenizer.vocabulary.reserve.trained
    model = NeuralModel(tokenizer, RecurrentNetwork(NetworkSettings(units=6), trained, one_hot=False, seed=0))
    alphabet, documents = Alphabet.of(Characters().fit(split.train).vocabulary.tokens), split.valid[:2]
    tokens = read(SpelledOut(model.start(), tokenizer, alphabet), model, documents)
    recall, paid = Recall(SpelledOut(model.start(), tokenizer, alphabet), model.outlook()), 0.0
    for document in documents:
        for text in tokenizer.segmenter.cut(document).texts:
            for character in text:
                recall.feed(character)
            paid -= np.log2(recall.masses()[-1])
            recall.token()
        paid -= np.log2(recall.masses()[DOC])
        recall.document()
    assert bits(tokens, SHARPNESS, FADING, CONCENTRATION) == pytest.approx(paid, rel=1e-4)
    alone = -sum(np.log2(token.probability) for of_document in tokens for token in of_document)
    assert abs(paid - alone) > 1  # they are random words, of which nothing can be recalled with profit


@pytest.mark.parametrize(
    ("given", "expected"), [([], [0, 1, 2]), (["--first-seed", "4"], [4, 5, 6]), (["--seeds", "1"], [0])]
)
def test_seeds_begin_where_they_are_asked_to_and_each_is_told_when_it_is_known(given, expected, capsys):
    add_seeds(parser := argparse.ArgumentParser(), 3)
    told = []

    def measure(seed):
        told.append(capsys.readouterr().err)
        return seed / 2

    found = of_each(seeds_of(parser.parse_args(given)), measure, "char")
    assert found == [seed / 2 for seed in expected]
    assert told == ["", *(f"char, seed {seed}: {seed / 2:.4f}\n" for seed in expected[:-1])]


def test_of_several_seeds_the_spread_is_told():
    assert spread([2.0]) == "2.0000"
    assert spread([2.0, 2.2]) == f"2.1000 ± {np.std([2.0, 2.2], ddof=1):.4f}"


def test_a_change_of_a_recipe_reads_as_much_text_or_so_many_times_as_much():
    before = recipe(300_000)
    assert changed(before, ["train.batch=64"]).train.updates == round(before.train.updates / 2)
    longer = changed(before, ["passes=1.5", "network.units=8"])
    assert (longer.train.updates, longer.network.units) == (round(1.5 * before.train.updates), 8)


def test_a_rate_that_is_tried_never_meets_the_optimizer_of_another():
    words = recipe(300_000, kind="words")
    found = {
        name: changed(words, CHANGES[name]).train for name in ("rate 0.006", "rate 0.024", "plain descent, rate 5")
    }
    assert [(train.optimizer, train.learning_rate) for train in found.values()] == [
        ("adam", 0.006), ("adam", 0.024), ("sgd", 5.0)
    ]  # fmt: skip
