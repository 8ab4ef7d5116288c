"""Compare sums of floats that are computed in two ways, by the number of their terms.

To measure the share of each tolerance that a processor uses, name a file:

    TOOLKIT_ROUNDING=shares.txt python -m pytest -n 0 tests/network

Each comparison appends a line: share, difference, tolerance, place and test. A comment
beside each, such as "0.05 seen", gives the largest share on x86-64. No share may exceed
0.1. The settings were ONEDNN_MAX_CPU_ISA=SSE41, AVX2 and AVX512_CORE (the first two
without bfloat16, which crashes then), TF_ENABLE_ONEDNN_OPTS=0,
OPENBLAS_CORETYPE=Prescott, Haswell and Zen, CXX=/nonexistent, and a single core.
"""

import os
import traceback
from pathlib import Path

import numpy as np
import pytest

from toolkit.events.distribution import INPUT_BITS

# With these kernels of oneDNN on a processor that has bfloat16, TensorFlow's products crash.
HAS_BFLOAT16 = os.environ.get("ONEDNN_MAX_CPU_ISA") not in ("SSE41", "AVX2")
needs_bfloat16 = pytest.mark.skipif(not HAS_BFLOAT16, reason="products in bfloat16 crash with these kernels")

UNITS = {  # in the last place of 1
    "float32": 2.0**-23,
    "bfloat16": 2.0**-7,
    "stepper": 2.0 ** (1 - INPUT_BITS),  # of the vectors that a network steps through
}


def rounding(summands, magnitude=1.0, dtype="float32"):
    """Return by how much two computations of one number may differ.

    Each addition and each product rounds by at most half a unit in the last place. No
    partial sum is larger than the magnitudes of all terms together. So a sum of n
    products, in any order, has an error of at most n units / 2 of this magnitude
    (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1), and two
    such sums differ by at most n units.

    Args:
        summands: The terms of all sums on the way from the inputs to the number.
        magnitude: The sum of the magnitudes of the terms.
        dtype: The least precise type on the way.
    """
    return summands * UNITS[dtype] * magnitude


def assert_same_sums(actual, expected, summands, magnitude=None, dtype="float32"):
    """Assert that numbers computed in two ways differ by no more than their rounding.

    The ``magnitude`` is the largest of ``expected`` by default. Compare logarithms of
    probabilities, because these are sums.
    """
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    assert actual.shape == expected.shape
    if magnitude is None:
        magnitude = np.abs(expected).max(initial=0.0)
    tolerance = rounding(summands, magnitude, dtype)
    difference = np.abs(actual - expected).max(initial=0.0)
    if file := os.environ.get("TOOLKIT_ROUNDING"):
        caller = traceback.extract_stack(limit=2)[0]
        share, test = difference / max(tolerance, 1e-300), os.environ["PYTEST_CURRENT_TEST"]
        place = f"{Path(caller.filename).name}:{caller.lineno} {test}"
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(f"{share:.4f} {difference:.2e} {tolerance:.2e} {place}\n")
    # A difference that is not a number fails, too.
    assert difference <= tolerance, f"{difference:.3g} is more than {tolerance:.3g}"
