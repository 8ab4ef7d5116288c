"""Settings: unknown names, values that are none, layers of values, TOML and back."""

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from toolkit.comparison.options import assignment, seconds
from toolkit.config import (
    CompareSettings,
    flat,
    merged,
    parse_settings,
    parse_value,
    read_settings,
    setting_names,
    without_none,
)
from toolkit.errors import InputError, whole_number
from toolkit.training.recipes import recipe

KEYS = st.text(st.sampled_from("abc"), min_size=1, max_size=2)
NESTED = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
TABLES = st.dictionaries(KEYS, NESTED, max_size=4)


@pytest.mark.parametrize(
    ("values", "came", "near"),
    [
        ({"network": {"unit": 3}}, "network.unit", "network.units"),
        ({"train": {"batchs": 3}}, "train.batchs", "train.batch"),
        ({"samples": {"temprature": 1.0}}, "samples.temprature", "samples.temperature"),
        ({"network": {"unit": None}}, "network.unit", "network.units"),
    ],
)
def test_an_unknown_setting_gets_the_nearest(values, came, near):
    with pytest.raises(InputError, match=f"no setting '{came}'; did you mean '{near}'") as error:
        parse_settings(values, CompareSettings())
    assert "\n" not in str(error.value)


def test_an_unknown_group_gets_the_known_names():
    with pytest.raises(InputError, match=r"no setting 'netwrok'.*network\.units"):
        parse_settings({"netwrok": {"units": 3}}, CompareSettings())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("network.units", 0),
        ("network.units", "many"),
        ("network.units", 2.5),
        ("network.dropout", 1.0),
        ("network.dropout", -0.1),
        ("network.tied", "perhaps"),
        ("train.updates", 0),
        ("train.updates", True),
        ("train.learning_rate", 0),
        ("train.learning_rate", float("inf")),
        ("train.learning_rate", float("nan")),
        ("train.budget_seconds", -1),
        ("samples.count", 1),
        ("samples.temperature", 0),
        ("samples.temperature", float("inf")),
        ("samples.characters", 0),
    ],
)
def test_a_value_out_of_range_is_named_with_what_came(key, value):
    group, name = key.split(".")
    with pytest.raises(InputError, match=key) as error:
        parse_settings({group: {name: value}}, CompareSettings())
    assert repr(value) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("values", [{"network": 3}, {"train": "fast"}, {"columns": 3}, {"columns": {"char": 3}}])
def test_a_group_that_is_a_value_is_refused(values):
    with pytest.raises(InputError, match="cannot be"):
        parse_settings(values, CompareSettings())


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("network.units", "abc", "'abc'; give a whole number."),
        ("train.learning_rate", "fast", "'fast'; give a number."),
        ("network.tied", 3, "3; give true or false."),
        ("network.cell", 3, "3; give a text."),
        ("train.held", 3, "3; give a table of settings."),
        ("network.dropout", 1, "1; give a number less than 1."),
        ("samples.count", 1, "1; give a number greater than or equal to 2."),
        ("train.optimizer", "fast", "'fast'; give 'adam' or 'sgd'."),
    ],
)
def test_what_is_to_be_given_instead_is_said_in_our_words(key, value, said):
    group, name = key.split(".")
    with pytest.raises(InputError) as error:
        parse_settings({group: {name: value}}, CompareSettings())
    assert str(error.value) == f"The setting {key} cannot be {said}"


def test_every_default_is_a_legal_value_and_has_a_name():
    defaults = CompareSettings()
    assert parse_settings(defaults.model_dump(), defaults) == defaults
    assert set(setting_names()) == set(flat(defaults.model_dump(exclude={"columns"})))


@pytest.mark.parametrize("characters", [500, 30_000, 300_000, 1_000_000, 20_000_000])
def test_recipes_are_legal_and_survive_toml(characters):
    settings = recipe(characters)
    text = tomli_w.dumps(without_none(settings.model_dump()))
    assert parse_settings(tomllib.loads(text), CompareSettings()) == settings


def test_values_given_win_over_the_recipe_and_leave_the_rest():
    base = recipe(300_000)
    settings = parse_settings({"network": {"units": 7}}, base)
    assert settings.network.units == 7
    assert settings.network.dropout == base.network.dropout
    assert settings.train == base.train


@given(TABLES, TABLES)
def test_merging_lets_the_second_win_and_changes_neither(base, over):
    copies = repr(base), repr(over)
    both = merged(base, over)
    assert (repr(base), repr(over)) == copies
    assert merged(both, over) == both
    assert merged(base, {}) == base
    assert both.keys() == base.keys() | over.keys()
    for key, value in over.items():
        if not isinstance(value, dict):
            assert both[key] == value


@given(TABLES)
def test_flat_keeps_every_value(values):
    def leaves(table):
        return sum(leaves(v) if isinstance(v, dict) and v else 1 for v in table.values())

    assert len(flat(values)) == leaves(values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("network.units=128", {"network": {"units": 128}}),
        ("train.learning_rate = 1e-3", {"train": {"learning_rate": 1e-3}}),
        ("samples.prompt=Dear reader", {"samples": {"prompt": "Dear reader"}}),
        ("samples.prompt=a=b", {"samples": {"prompt": "a=b"}}),
        ('columns."word:pos".rare_max_count=2', {"columns": {"word:pos": {"rare_max_count": 2}}}),
        ("network.tied=false", {"network": {"tied": False}}),
    ],
)
def test_assignments(text, values):
    assert assignment(text) == values


@pytest.mark.parametrize("text", ["network.units", "=3", "", "a b=3", "columns.word:pos.k=4", "a..b=1"])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(InputError):
        assignment(text)


def test_a_value_that_is_no_toml_is_a_string():
    assert parse_value("hello world") == "hello world"
    assert parse_value("'3'") == "3"
    assert parse_value("[1, 2]") == [1, 2]


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("5m", 300), ("1.5h", 5400), ("7", 7), ("1e2s", 100), (" 2 m", 120)]
)
def test_times(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "0", "0s", "-5m", "nan", "inf", "infs", "1e999h", "5 minutes", "5d", "٣x"])
def test_a_time_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="such as 90s or 5m") as error:
        seconds(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("value", [-1, 2**31, 10**30])
def test_a_seed_out_of_range_is_refused(value):
    with pytest.raises(InputError, match=f"--seed is {value}"):
        whole_number("--seed", value, 0)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read"), (b"network = ", "not valid TOML"), (b'a = "\xff"', "not valid TOML")],
)
def test_a_config_file_that_is_none_is_refused(tmp_path, content, problem):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem) as error:
        read_settings(path)
    assert "mine.toml" in str(error.value)
    assert "\n" not in str(error.value)
