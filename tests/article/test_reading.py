"""Reading held-out text, with models whose answers are known."""

import math

import numpy as np
import pytest

from toolkit.article.reading import Reader
from toolkit.article.recipe import Loss
from toolkit.article.windows import LEAD, Passages

from .stubs import RECIPE, Counter, Echo

PERIODIC = np.arange(3_000, dtype=np.int32) % 10  # what stands 10 later is the same, 1 later it is another


@pytest.mark.parametrize(("shift", "accuracy"), [(10, 1.0), (50, 1.0), (1, 0.0), (2, 0.0)])
def test_the_accuracy_is_of_the_character_so_much_later(shift, accuracy):
    model = Echo(RECIPE.model_copy(update={"shift": shift}), 10)
    answers = Reader(model).answers(Passages.of(PERIODIC))
    assert answers.scores.accuracy == accuracy
    assert answers.likeliest.shape == Passages.of(PERIODIC).targets.shape


def test_bits_and_binary_cross_entropy_of_a_known_answer():
    """Of 10 characters the right one has e²⁰ / (e²⁰ + 9)."""
    right, other = (math.exp(z) / (math.exp(20) + 9) for z in (20, 0))
    scores = Reader(Echo(RECIPE, 10)).answers(Passages.of(PERIODIC)).scores
    assert scores.bits_per_character == pytest.approx(-math.log2(right), abs=1e-6)
    assert scores.binary_cross_entropy == pytest.approx(-(math.log(right) + 9 * math.log(1 - other)) / 10, abs=1e-6)


def test_outputs_that_do_not_sum_to_one_have_no_bits():
    model = Echo(RECIPE.model_copy(update={"loss": Loss.BINARY}), 10)
    assert Reader(model).answers(Passages.of(PERIODIC)).scores.bits_per_character is None


@pytest.mark.parametrize("carried", [False, True])
def test_the_state_is_forgotten_at_each_window_unless_it_is_carried(carried):
    passages = Passages.of(PERIODIC)
    model = Counter(RECIPE.model_copy(update={"carried": carried}), 1_000)
    read = Reader(model).answers(passages).likeliest
    steps = np.arange(1, passages.targets.shape[1] + 1)
    expected = steps if carried else (steps - 1) % 10 + 1
    assert (read == expected).all()
    assert passages.inputs(10).shape[1] == passages.text.shape[1] - LEAD
