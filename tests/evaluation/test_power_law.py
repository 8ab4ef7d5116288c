"""Curves of bits over training text: planted curves are recovered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from toolkit.evaluation.power_law import fitted_curve

CHARACTERS = [1e5, 2.5e5, 5e5, 1e6, 2e6]


@settings(max_examples=30)
@given(st.floats(0.2, 2), st.floats(0.3, 3), st.floats(0.05, 1.2))
def test_a_planted_curve_is_recovered_and_predicts_the_last_point(offset: float, rise: float, exponent: float) -> None:
    bits = [offset + rise * (n / 1e6) ** -exponent for n in CHARACTERS]
    curve = fitted_curve("x", CHARACTERS, bits)
    assert [curve.at(n) for n in CHARACTERS] == pytest.approx(bits, abs=1e-3)
    assert curve.held_back.measured == bits[-1]
    assert curve.held_back.predicted == pytest.approx(bits[-1], abs=0.01)


def test_the_least_squares_are_those_of_another_library() -> None:
    rng = np.random.default_rng(1)
    n, bits = np.array(CHARACTERS), [1.4 + 0.6 * (n / 1e6) ** -0.35 + 0.01 * rng.normal() for n in CHARACTERS]
    (a, b, c), _ = curve_fit(lambda n, a, b, c: a + b * n**-c, n / 1e6, bits, p0=(1, 1, 0.5))
    curve = fitted_curve("x", CHARACTERS, bits)
    theirs = ((a + b * (n / 1e6) ** -c - bits) ** 2).sum()
    assert sum((curve.at(n) - b) ** 2 for n, b in zip(CHARACTERS, bits, strict=True)) == pytest.approx(theirs, rel=1e-3)


def test_two_points_give_no_curve_and_three_predict_none() -> None:
    assert fitted_curve("x", CHARACTERS[:2], [2.0, 1.9]) is None
    assert fitted_curve("x", CHARACTERS[:3], [2.0, 1.9, 1.85]).held_back is None


def test_rising_bits_are_fitted_by_their_mean() -> None:
    """The factor is not negative, so no curve rises."""
    curve = fitted_curve("x", CHARACTERS[:3], [1.0, 1.1, 1.2])
    assert curve.factor * 1e5**-curve.exponent == pytest.approx(0, abs=1e-6)
    assert curve.offset == pytest.approx(1.1)
