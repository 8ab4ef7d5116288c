"""The tolerance of sums of floats that are computed in two ways, derived from the number of their terms.

To measure the share of each tolerance that a processor uses, name a file:

    TOOLKIT_ROUNDING=shares.txt python -m pytest -n 0 tests/network

Each comparison appends a line: share, difference, tolerance, file and line of the comparison, and test. The comments
beside comparisons give the largest share on x86-64 with the kernels of oneDNN for SSE 4.1, AVX2 and AVX-512, of Eigen,
and of OpenBLAS for Prescott, Haswell and Zen, with and without the compiled loop. None is above a tenth.
"""

import os
import traceback
from pathlib import Path

import numpy as np

from toolkit.events.distribution import INPUT_BITS

UNITS = {  # in the last place of 1
    "float32": 2.0**-23,
    "bfloat16": 2.0**-7,
    "stepper": 2.0 ** (1 - INPUT_BITS),  # of the vectors that a network steps through
}


def rounding(summands, magnitude=1.0, dtype="float32"):
    """Return by how much two computations of one number may differ.

    Each addition and each product rounds by at most half a unit in the last place of its result. No partial sum is
    larger than the magnitudes of all terms together. So a sum of n products has an error of at most n units of this
    magnitude (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1), in any order of its terms.

    Args:
        summands: The terms of all sums on the way from the inputs to the number, in sums of sums together.
        magnitude: The sum of the magnitudes of the terms.
        dtype: The least precise type on the way.
    """
    return summands * UNITS[dtype] * magnitude


def assert_same_sums(actual, expected, summands, magnitude=None, dtype="float32"):
    """Assert that numbers which are computed in two ways differ by no more than their rounding.

    The ``magnitude`` is the largest of ``expected`` by default. A logarithm of probabilities is a sum, so compare
    logarithms rather than probabilities.
    """
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    assert actual.shape == expected.shape
    if magnitude is None:
        magnitude = np.abs(expected).max(initial=0.0)
    tolerance = rounding(summands, magnitude, dtype)
    difference = np.abs(actual - expected).max(initial=0.0)
    if file := os.environ.get("TOOLKIT_ROUNDING"):
        caller, share = traceback.extract_stack(limit=2)[0], difference / max(tolerance, 1e-300)
        place = f"{Path(caller.filename).name}:{caller.lineno} {os.environ['PYTEST_CURRENT_TEST']}"
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(f"{share:.4f} {difference:.2e} {tolerance:.2e} {place}\n")
    assert difference <= tolerance, f"{difference:.3g} is more than {tolerance:.3g}"  # also if it is not a number
