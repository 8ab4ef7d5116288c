"""Settings: unknown names, invalid values, layers of values, TOML and back."""

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import (
    CompareSettings,
    NetworkSettings,
    TrainSettings,
    differences,
    first_difference,
    flat,
    key_path,
    merged,
    nested,
    parse_settings,
    parse_value,
    read_settings,
    without_none,
)
from toolkit.errors import InputError, printable, whole_number
from toolkit.training.recipes import completed

KEYS = st.text(st.sampled_from("abc"), min_size=1, max_size=2)
NESTED = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
TABLES = st.dictionaries(KEYS, NESTED, max_size=4)


@pytest.mark.parametrize(
    ("values", "key", "near"),
    [
        ({"network": {"unit": 3}}, "network.unit", "network.units"),
        ({"train": {"batchs": None}}, "train.batchs", "train.batch"),
        ({"samples": {"temprature": 1.0}}, "samples.temprature", "samples.temperature"),
        ({"netwrok": {"units": 3}}, "netwrok", "network.units"),
    ],
)
def test_an_unknown_setting_gets_the_known_names(values, key, near):
    with pytest.raises(InputError) as error:
        parse_settings(values, CompareSettings())
    assert f"'{key}'" in str(error.value)
    assert near in str(error.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("network.units", 0),
        ("network.units", "many"),
        ("network.dropout", 1.0),
        ("network.tied", 3),
        ("network.layers", 65),
        ("train.updates", True),
        ("train.learning_rate", 0),
        ("train.learning_rate", float("nan")),
        ("train.optimizer", "fast"),
        ("train.held", 3),
        ("samples.count", 1),
        ("columns.char", 3),
    ],
)
def test_an_invalid_value_is_named_with_its_key(key, value):
    with pytest.raises(InputError) as error:
        parse_settings(nested(key.split("."), value), CompareSettings())
    assert key in str(error.value)
    assert repr(value) in str(error.value)
    assert "\n" not in str(error.value)


def test_every_default_is_a_legal_value():
    defaults = CompareSettings()
    assert parse_settings(defaults.model_dump(), defaults) == defaults


@pytest.mark.parametrize("characters", [500, 300_000, 20_000_000])
def test_recipes_survive_toml_and_given_values_win(characters):
    base = completed({}, characters)
    settings = parse_settings({"network": {"units": 7}}, base)
    assert settings == base.model_copy(update={"network": base.network.model_copy(update={"units": 7})})
    text = tomli_w.dumps(without_none(settings.model_dump()))
    assert parse_settings(tomllib.loads(text), CompareSettings()) == settings


@pytest.mark.parametrize(
    ("given", "unit", "length", "twice"),
    [
        ({}, "updates", 1000, {"updates": 2000}),
        ({"epochs": 3}, "epochs", 3, {"epochs": 6}),
        ({"budget_seconds": 0.5}, "budget_seconds", 0.5, {"budget_seconds": 1.0}),
        ({"epochs": 3, "budget_seconds": 1.0}, "epochs", 3, {"epochs": 6, "budget_seconds": 2.0}),
    ],
)
def test_training_is_as_long_as_its_first_length_says(given, unit, length, twice):
    train = TrainSettings(**given)
    assert (train.counted_in, train.length) == (unit, length)
    assert train.lasting(type(train.length)(2 * length)) == TrainSettings(**given | twice)


def test_a_tied_embedding_is_as_wide_as_the_layers():
    NetworkSettings(units=4).check(one_hot=False)
    NetworkSettings(units=4, embedding=3).check(one_hot=True)
    with pytest.raises(InputError, match=r"network\.tied"):
        NetworkSettings(units=4, embedding=3).check(one_hot=False)


@given(TABLES, TABLES)
def test_merging_lets_the_second_win_and_changes_neither(base, over):
    copies = repr(base), repr(over)
    both = merged(base, over)
    assert (repr(base), repr(over)) == copies
    assert merged(both, over) == both
    assert merged(base, {}) == base
    assert both.keys() == base.keys() | over.keys()
    assert all(both[key] == value for key, value in over.items() if not isinstance(value, dict))


@given(TABLES)
def test_flat_keeps_every_value(values):
    def leaves(table):
        return sum(leaves(v) if isinstance(v, dict) and v else 1 for v in table.values())

    assert len(flat(values)) == leaves(values)
    assert differences(values, values) == {}


def test_the_first_difference_has_key_and_values():
    stored, now = {"a": 1, "b": {"c": 1}, "d": 2, "e": {}}, {"a": 2, "b": {"c": 3}, "d": 2, "f": None}
    assert differences(stored, now) == {"a": (1, 2), "b.c": (1, 3)}
    assert first_difference(stored, now) == "a was 1 and is now 2"
    assert first_difference(stored, stored) is None


@pytest.mark.parametrize(
    ("text", "value"), [("hello world", "hello world"), ("'3'", "3"), ("[1, 2]", [1, 2]), ("1e-3", 0.001)]
)
def test_a_value_is_toml_or_a_string(text, value):
    assert parse_value(text) == value


@pytest.mark.parametrize("key", ["", "a b", "columns.word:pos.k", "a..b", "a = 1\nb"])
def test_an_invalid_key_is_refused(key):
    with pytest.raises(ValueError, match=r"."):
        key_path(key)


@pytest.mark.parametrize("value", [-1, 2**31, 10**30, True, 1.0, "1"])
def test_a_seed_out_of_range_is_refused(value):
    with pytest.raises(InputError, match=f"--seed is {value!r}"):
        whole_number("--seed", value, 0)


@pytest.mark.parametrize("content", [None, b"network = ", b'a = "\xff"'])
def test_an_invalid_config_file_is_refused(tmp_path, content):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.toml") as error:
        read_settings(path)
    assert "\n" not in str(error.value)


@given(st.text())
def test_a_terminal_gets_no_command(text):
    shown = printable(text)
    assert printable(shown) == shown
    assert all(c.isprintable() or c in text for c in shown)
    assert not {"\x1b", "\x9b", "\u202e", "\r", "\0"} & set(shown)
