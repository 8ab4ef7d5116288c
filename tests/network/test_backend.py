"""How TensorFlow and Keras are imported, and what the environment says of graphs."""

import subprocess
import sys

import pytest

from toolkit.network.backend import USUAL_UNROLLED_STEPS, unrolled_steps

STEPS = "TOOLKIT_UNROLLED_STEPS"


@pytest.mark.parametrize(("text", "steps"), [("1", 1), ("12", 12), ("", USUAL_UNROLLED_STEPS)])
def test_the_environment_says_how_many_steps_a_turn_holds(monkeypatch, text, steps):
    monkeypatch.setenv(STEPS, text)
    assert unrolled_steps() == steps


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
