"""Every benchmark can be imported, says by which command it is run, and tells its options. None is run here."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.mixtures import Cached
from tests.benchmarks.recipes import CHANGES, changed
from toolkit.training.recipes import recipe

FOLDER = Path(__file__).parent / "benchmarks"
MODULES = [path.stem for path in sorted(FOLDER.glob("*.py")) if "argparse" in path.read_text("utf-8")]


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_names_its_command_and_its_options(name, monkeypatch, capsys):
    module = importlib.import_module(f"tests.benchmarks.{name}")
    assert f"python -m tests.benchmarks.{name}" in module.__doc__
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as end:
        module.main()
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_a_cache_gives_its_share_to_what_the_document_had_and_ends_with_it(run):
    """By hand: the first id has the model's probability; with equal outputs, ids so far have their frequencies."""
    model = run.model
    _, first, second, *_ = np.flatnonzero(model.tokenizer.vocabulary.reserve.trained)
    stepper, alone = Cached(model, model, sharpness=0.0, share=0.25).start(), model.start()
    for read in ([], [first], [first, second], [first, second, first]):
        if read:
            stepper.feed(read[-1])
            alone.feed(read[-1])
        expected = alone.distribution()
        if read:
            expected = 0.75 * expected + 0.25 * np.bincount(read, minlength=len(expected)) / len(read)
        np.testing.assert_allclose(stepper.distribution(), expected, atol=1e-9)
    stepper.feed(0)
    alone.feed(0)
    np.testing.assert_allclose(stepper.distribution(), alone.distribution(), atol=1e-12)


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
