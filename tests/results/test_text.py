"""Numbers are rounded before it is chosen how they are written."""

import pytest

from toolkit.results.text import percent, perplexity


@pytest.mark.parametrize(
    ("value", "shown"),
    [(999.94, "999.9"), (999.96, "1,000"), (9_999_999.6, "1.0 × 10⁷"), (9.94e9, "9.9 × 10⁹"), (9.96e9, "1.0 × 10¹⁰"),
     (1e300, "1.0 × 10³⁰⁰")],
)  # fmt: skip
def test_a_perplexity_is_rounded_first(value: float, shown: str) -> None:
    assert perplexity(value) == shown


@pytest.mark.parametrize(
    ("share", "places", "shown"),
    [(0.9996, 1, "> 99.9 %"), (0.9994, 1, "99.9 %"), (0.997, 0, "> 99 %"), (1.0, 1, "100.0 %"),
     (0.1 + 0.2 + 0.7 - 2**-53, 1, "100.0 %"), (1.0004, 1, "100.0 %"), (0.0004, 1, "< 0.1 %")],
)  # fmt: skip
def test_nearly_all_is_not_all(share: float, places: int, shown: str) -> None:
    assert percent(share, places).replace("\u202f", " ") == shown
