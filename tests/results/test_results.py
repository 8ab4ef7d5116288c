"""Results as records, as text, and read from a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.comparison_example import comparison
from toolkit.results import text
from toolkit.results.comparison import differing, excess, match_of
from toolkit.results.conclusions import Sweep, SweptValue


@given(st.floats(-1e6, 1e6), st.floats(0, 10), st.integers(0, 6))
def test_a_number_and_its_mirror_image_round_alike(value, half_width, places):
    assert text.decimals(value, places).lstrip("−") == text.decimals(-value, places).lstrip("−")
    assert text.signed(value, places).lstrip("+−") == text.signed(-value, places).lstrip("+−")
    assert text.amount(value, half_width).lstrip("−") == text.amount(-value, half_width).lstrip("−")


@given(st.floats(0, 1))
def test_p_is_shown_on_its_side_of_what_decides(p):
    shown = float(text.p_value(p).removeprefix("≤ "))
    assert (shown <= 0.05) == (p <= 0.05)
    assert shown > 0


def test_swept_values_keep_their_types_in_the_file():
    values = [True, False, 1, 1.5, "1", "true"]
    sweep = Sweep(column="a", key="k", values=[SweptValue(value=value, column="b") for value in values])
    read = Sweep.model_validate_json(sweep.model_dump_json())
    assert [(type(one.value), one.value) for one in read.values] == [(type(value), value) for value in values]


def matched(match, **changes):
    """A comparison in which ``--match`` was to make something equal; word:unk's cells have these changes."""
    whole = comparison({"char": (1.9, 1.91), "word:unk": (1.88, 1.87)})
    cells = [
        cell.model_copy(update={"matched": match} | (changes if cell.column == "word:unk" else {}))
        for cell in whole.done
    ]
    return whole.model_copy(update={"cells": cells})


def test_the_excess_is_that_of_the_largest_over_the_smallest():
    char = matched("params").by_column["char"][0]
    double = matched("params", parameters=2 * char.parameters, embedding_parameters=char.embedding_parameters)
    plain = char.parameters - char.embedding_parameters
    assert excess(double) == pytest.approx((plain + char.parameters) / plain - 1)
    assert excess(matched("chars", characters_seen=2 * char.characters_seen)) == pytest.approx(1.0)
    assert excess(matched("chars")) == 0


def test_a_column_that_was_left_out_is_not_compared():
    left_out = matched("chars", characters_seen=1, matched=None)
    assert match_of(left_out) == "chars"
    assert excess(left_out) is None


def test_settings_that_differ_have_the_value_of_every_column():
    whole = comparison({"char": (1.9,), "wide": (1.8,), "word@ngram": (1.7,)})
    whole.by_column["word@ngram"][0].history.clear()  # counted: it has no network
    whole.settings = {"network": {"units": 8}, "train": {"batch": 4}}
    whole.settings["columns"] = {"wide": {"tokenizer": "char", "network": {"units": 16}, "case": "keep"}}
    assert differing(whole) == {
        "network.units": {"char": 8, "wide": 16, "word@ngram": None},
        "case": {"char": None, "wide": "keep", "word@ngram": None},
    }
