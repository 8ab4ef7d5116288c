"""What is no comparison, though it looks like one, is refused where it is read."""

import pytest

from tests.report.comparison_example import comparison
from toolkit.results.comparison import Comparison


@pytest.mark.parametrize(
    "settings",
    [
        {"train": 3},
        {"network": []},
        {"samples": "x"},
        {"columns": {"char": {"train": 3}}},
        {"columns": 3},
        {"match": 3},
    ],
    ids=str,
)
def test_settings_that_are_no_tables_are_refused(settings):
    usual = comparison({"char": (2.5,)})
    changed = usual.model_dump() | {"settings": usual.settings | settings}
    with pytest.raises(ValueError, match="not tables"):
        Comparison.model_validate(changed)
    Comparison.model_validate(usual.model_dump())


def test_an_option_of_a_column_may_have_any_name_but_those_of_its_tables():
    usual = comparison({"char": (2.5,)})
    options = {"columns": {"char": {"samples": 3}}}
    read = Comparison.model_validate(usual.model_dump() | {"settings": usual.settings | options})
    assert read.settings["columns"] == options["columns"]
