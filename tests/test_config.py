"""Settings: unknown names, invalid values, layers of values, files; and text that a terminal can show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import (
    CompareSettings,
    NetworkSettings,
    differences,
    first_difference,
    from_leaves,
    leaves,
    merged,
    nested,
    parse_settings,
    read_settings,
)
from toolkit.errors import InputError, printable

KEYS = st.text(st.sampled_from("abc"), min_size=1, max_size=2)
NESTED = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
TABLES = st.dictionaries(KEYS, NESTED, max_size=4)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("network.unit", 3, "network.units"),
        ("netwrok.units", None, "network.units"),
        ("network.units", 0, "0"),
        ("network.units", "many", "'many'"),
        ("network.dropout", 1.0, "1.0"),
        ("network.layers", 65, "65"),
        ("train.updates", True, "True"),
        ("train.learning_rate", float("nan"), "nan"),
        ("train.held", 3, "3"),
        ("samples.count", 0, "0"),
        ("columns.char", 3, "3"),
    ],
)
def test_an_unknown_setting_gets_a_known_name_and_an_invalid_value_is_named(key, value, named):
    with pytest.raises(InputError) as error:
        parse_settings(nested(key.split("."), value), CompareSettings())
    assert key.removesuffix(".units") in str(error.value)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


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
    assert merged(both, over) == both == from_leaves(leaves(both))
    assert merged(base, {}) == base
    assert both.keys() == base.keys() | over.keys()
    assert all(both[key] == value for key, value in over.items() if not isinstance(value, dict))


def test_differences_have_dotted_keys_and_both_values():
    stored, now = {"a": 1, "b": {"c": 1}, "d": 2, "e": {}}, {"a": 2, "b": {"c": 3}, "d": 2, "f": None}
    assert differences(stored, now) == {"a": (1, 2), "b.c": (1, 3)}
    assert differences({}, {"a": {"b": 1}}) == {"a.b": ("not set", 1)}
    assert first_difference(stored, stored) is None


@pytest.mark.parametrize("content", [None, b'a = "\xff"'])
def test_an_invalid_config_file_is_refused(tmp_path, content):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.toml"):
        read_settings(path)


@given(st.text())
def test_a_terminal_gets_no_command(text):
    shown = printable(text)
    assert printable(shown) == shown
    assert all(c.isprintable() or c in text for c in shown)
    assert not {"\x1b", "\x9b", "\u202e", "\r", "\0"} & set(shown)
