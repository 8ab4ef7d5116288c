"""Curves of bits over training text: what was planted is found again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from toolkit.evaluation.power_law import fitted_curve

CHARACTERS = [1e5, 2.5e5, 5e5, 1e6, 2e6]


@settings(max_examples=30)
@given(st.floats(0.2, 2), st.floats(0.3, 3), st.floats(0.05, 1.2))
def test_a_planted_curve_is_found_and_foretold(offset: float, rise: float, exponent: float) -> None:
    bits = [offset + rise * (n / 1e6) ** -exponent for n in CHARACTERS]
    curve = fitted_curve("x", CHARACTERS, bits)
    assert curve is not None
    assert [curve.at(n) for n in CHARACTERS] == pytest.approx(bits, abs=1e-3)
    assert curve.held_back is not None
    assert curve.held_back.measured == bits[-1]
    assert curve.held_back.predicted == pytest.approx(bits[-1], abs=0.01)


def test_with_noise_it_is_the_least_squares_of_another_library() -> None:
    rng = np.random.default_rng(1)
    bits = [1.4 + 0.6 * (n / 1e6) ** -0.35 + 0.01 * rng.normal() for n in CHARACTERS]
    curve = fitted_curve("x", CHARACTERS, bits)
    numbers, _ = curve_fit(lambda n, a, b, c: a + b * n**-c, np.array(CHARACTERS) / 1e6, bits, p0=(1, 1, 0.5))
    assert curve is not None
    ours = sum((curve.at(n) - b) ** 2 for n, b in zip(CHARACTERS, bits, strict=True))
    theirs = sum(
        (numbers[0] + numbers[1] * (n / 1e6) ** -numbers[2] - b) ** 2 for n, b in zip(CHARACTERS, bits, strict=True)
    )
    assert ours == pytest.approx(theirs, rel=1e-3)


def test_two_points_make_no_curve_and_three_are_not_held_back() -> None:
    assert fitted_curve("x", CHARACTERS[:2], [2.0, 1.9]) is None
    curve = fitted_curve("x", CHARACTERS[:3], [2.0, 1.9, 1.85])
    assert curve is not None
    assert curve.held_back is None


def test_bits_that_rise_with_more_text_are_met_by_their_mean() -> None:
    """No curve of this form rises: its factor is not below zero."""
    curve = fitted_curve("x", CHARACTERS[:3], [1.0, 1.1, 1.2])
    assert curve is not None
    assert curve.factor * 1e5**-curve.exponent == pytest.approx(0, abs=1e-6)
    assert curve.offset == pytest.approx(1.1)
