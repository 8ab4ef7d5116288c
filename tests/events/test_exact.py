"""Exact arithmetic: what it computes is right, and no order of summation changes it."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.events.distribution import INPUT_BITS, Matrix, exp, sigmoid, softmax, tanh

X = np.concatenate([np.linspace(-700, 700, 20_001), np.linspace(-2, 2, 20_001), 10.0 ** -np.arange(20), [0.0]])
LOGITS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300).map(np.array)


def test_exp_sigmoid_and_tanh_are_those_of_the_standard_library():
    np.testing.assert_allclose(exp(X), [math.exp(x) for x in X], rtol=1e-15)
    np.testing.assert_allclose(sigmoid(X), [1 / (1 + math.exp(-x)) for x in X], rtol=1e-15)
    np.testing.assert_allclose(tanh(X), [math.tanh(x) for x in X], rtol=0, atol=1e-15)
    assert tanh(np.array([0.0, 40.0, -40.0])).tolist() == [0.0, 1.0, -1.0]


@pytest.mark.parametrize("function", [exp, sigmoid, tanh])
def test_they_rise_and_stay_within_their_bounds(function):
    values = function(np.linspace(-800, 800, 160_001))
    assert (np.diff(values) >= 0).all()
    assert np.isfinite(values).all()
    assert values[0] >= (-1.0 if function is tanh else 0.0)
    assert values[-1] == (exp(np.array([700.0]))[0] if function is exp else 1.0)


@example(np.array([605.0, 605.0, 606.0, 637.5]))  # three are rounded up, which the largest one pays for
@given(LOGITS)
def test_the_softmax_is_one_and_no_order_changes_it(logits):
    shares = softmax(logits)
    assert shares.sum() == pytest.approx(1, abs=1e-14)
    exponentials = np.exp(logits - logits.max())
    error = len(logits) * (len(logits) + 1) * 2.0**-53 + 1e-15
    np.testing.assert_allclose(shares, exponentials / exponentials.sum(), rtol=0, atol=error)
    order = np.random.default_rng(len(logits)).permutation(len(logits))
    np.testing.assert_array_equal(softmax(logits[order]), shares[order])


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.integers(-60, 60), st.integers(-40, 40))
def test_a_product_is_near_and_no_order_of_its_terms_changes_it(rows, seed, weight_scale, input_scale):
    rng = np.random.default_rng(seed)
    weights = np.ldexp(rng.normal(size=(rows, 3)) * 2.0 ** rng.integers(-20, 3, 3), weight_scale)
    weights[rng.random((rows, 3)) < 0.1] = np.abs(weights).max()  # many of the largest
    largest = math.ldexp(rng.uniform(0.5, 1.5), input_scale)
    vector = rng.uniform(-largest, largest, rows)
    vector[rng.random(rows) < 0.5] = largest
    product = Matrix(weights, largest).product(vector)
    for _ in range(3):
        order = rng.permutation(rows)
        np.testing.assert_array_equal(Matrix(weights[order], largest).product(vector[order]), product)
    bound = rows * largest * np.abs(weights).max(0) * 2.0**-INPUT_BITS * 2
    assert (np.abs(product - vector @ weights) <= bound).all()
