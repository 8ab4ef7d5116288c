"""How TensorFlow and Keras are imported, and what the environment says of graphs."""

import os
import subprocess
import sys

import pytest

from toolkit.errors import InputError
from toolkit.network.backend import USUAL_UNROLLED_STEPS, unrolled_steps

STEPS = "TOOLKIT_UNROLLED_STEPS"


@pytest.mark.parametrize(("text", "steps"), [("1", 1), ("12", 12), ("", USUAL_UNROLLED_STEPS)])
def test_the_environment_says_how_many_steps_a_turn_holds(monkeypatch, text, steps):
    monkeypatch.setenv(STEPS, text)
    assert unrolled_steps() == steps


def test_nothing_said_is_the_usual_number(monkeypatch):
    monkeypatch.delenv(STEPS)
    assert unrolled_steps() == USUAL_UNROLLED_STEPS == 4


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "two", "²", " "])
def test_what_is_no_whole_number_is_refused(monkeypatch, text):
    monkeypatch.setenv(STEPS, text)
    with pytest.raises(InputError, match="give a whole number of at least 1") as error:
        unrolled_steps()
    assert repr(text) in str(error.value)


def test_a_user_gets_one_sentence(comparison_folder):
    run = comparison_folder / "runs" / "char-seed0"
    command = [sys.executable, "-m", "toolkit", "generate", run]
    ended = subprocess.run(command, capture_output=True, env=os.environ | {STEPS: "0"}, check=False, text=True)
    said = "toolkit: TOOLKIT_UNROLLED_STEPS is '0' in the environment; give a whole number of at least 1.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", said)


def test_what_keras_has_for_scikit_learn_is_imported_once_it_is_used():
    """In a process of its own, where nothing else has imported it."""
    code = """
import gc, sys
from toolkit.network.backend import OnFirstUse, keras, tf
assert "sklearn" not in sys.modules and "scipy.stats" not in sys.modules
assert gc.isenabled() and not any(isinstance(finder, OnFirstUse) for finder in sys.meta_path)
assert keras.wrappers.SKLearnClassifier is tf.keras.wrappers.SKLearnClassifier
assert "sklearn" in sys.modules
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert ended.returncode == 0, ended.stderr
