"""Writing, with models whose answers are known."""

import numpy as np
import pytest

from toolkit.article.reading import Reader
from toolkit.article.writing import drawn, likeliest, write

from .stubs import RECIPE, Counter, Echo

PROMPTS = np.random.default_rng(0).integers(10, size=(3, 50)).astype(np.int32)


@pytest.mark.parametrize(("window", "shift"), [(10, 10), (50, 50), (50, 1), (30, 30), (50, 4)])
def test_what_is_written_is_the_answer_to_what_stood_so_much_before(window, shift):
    """An echo says again and again the last characters of its prompt."""
    model = Echo(RECIPE.model_copy(update={"window": window, "shift": shift}), 10)
    written = write(Reader(model), PROMPTS, 120, likeliest)
    assert written.shape == (3, 120)
    whole = np.concatenate([PROMPTS, written], 1)
    assert (whole[:, 50:] == whole[:, 50 - shift : -shift]).all()


@pytest.mark.parametrize(("carried", "expected"), [(False, [10, 1, 2, 3]), (True, [10, 11, 12, 13])])
def test_it_forgets_at_the_end_of_each_window_unless_the_state_is_carried(carried, expected):
    model = Counter(RECIPE.model_copy(update={"shift": 1, "carried": carried}), 100)
    assert write(Reader(model), PROMPTS, 4, likeliest)[0].tolist() == expected


def test_drawing_follows_the_probabilities_and_the_seed():
    probabilities = np.tile(np.array([[0.1, 0.0, 0.5, 0.4]], np.float32), (20_000, 1))
    places = drawn(3)(probabilities)
    shares = np.bincount(places, minlength=4) / len(places)
    np.testing.assert_allclose(shares, probabilities[0], atol=0.015)  # four standard errors
    assert shares[1] == 0
    np.testing.assert_array_equal(places, drawn(3)(probabilities))
    assert (places != drawn(4)(probabilities)).any()


def test_outputs_that_do_not_sum_to_one_are_drawn_by_their_proportion():
    places = drawn(0)(np.tile(np.array([[0.9, 0.3]], np.float32), (20_000, 1)))
    assert places.mean() == pytest.approx(0.25, abs=0.015)
