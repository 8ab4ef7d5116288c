"""Names and their plug-ins."""

import os
import shutil

import pytest

from toolkit.errors import InputError, nearest
from toolkit.plugins import Registry
from toolkit.rare_words import RARE_WORDS
from toolkit.tokenizers import TOKENIZERS


class Plugin:
    """A plug-in with two settings, the second by keyword only."""

    def __init__(self, first=1, *, second=2):
        self.settings = first, second


@pytest.fixture
def registry():
    registry = Registry("plug-in", "toolkit.no_such_group", {"ours": "collections:Counter"})
    registry.add("plugin")(Plugin)
    return registry


def test_names_are_listed_ours_first(registry):
    assert list(registry) == ["ours", "plugin"]


def test_ours_are_imported_when_asked_for(registry):
    assert registry.factory("ours").__name__ == "Counter"


def test_settings_reach_the_factory(registry):
    assert registry.settings("plugin") == ["first", "second"]
    assert registry.make("plugin", second=5).settings == (1, 5)


def test_an_unknown_name_gets_the_nearest(registry):
    with pytest.raises(InputError, match="no plug-in 'plgin'; did you mean 'plugin'"):
        registry.factory("plgin")


def test_a_name_like_no_other_gets_all_names(registry):
    with pytest.raises(InputError, match="known are: ours, plugin") as error:
        registry.factory("qqqq")
    assert "did you mean" not in str(error.value)


def test_an_unknown_setting_gets_the_nearest(registry):
    with pytest.raises(InputError, match="'plugin' has no setting 'secnd'; did you mean 'second'"):
        registry.make("plugin", secnd=1)


def test_what_was_added_in_a_block_is_taken_back(registry):
    with registry.restored():
        registry.add("passing")(Plugin)
        assert "passing" in registry
    assert list(registry) == ["ours", "plugin"]
    registry.add("passing")(Plugin)
    with pytest.raises(ZeroDivisionError), registry.restored():
        raise ZeroDivisionError
    assert "passing" in registry


def test_a_name_is_taken_once(registry):
    with pytest.raises(InputError, match="There is already a plug-in named 'ours'"):
        registry.add("ours")(Plugin)
    assert registry.factory("ours") is not Plugin


def test_entry_points_are_plugins(registry, monkeypatch):
    class Point:
        name = "theirs"

        def load(self):
            return Plugin

    monkeypatch.setattr("toolkit.plugins.plug_ins", lambda group: [Point()] if group == registry.group else [])
    assert list(registry) == ["ours", "plugin", "theirs"]
    assert registry.make("theirs", first=3).settings == (3, 2)


def test_an_entry_point_cannot_replace_ours(registry, monkeypatch):
    class Point:
        name = "ours"

        def load(self):
            raise AssertionError

    monkeypatch.setattr("toolkit.plugins.plug_ins", lambda group: [Point()])  # noqa: ARG005
    assert list(registry) == ["ours", "plugin"]
    assert registry.factory("ours").__name__ == "Counter"


@pytest.mark.parametrize("name", list(TOKENIZERS))
def test_every_registered_tokenizer_can_be_made(name):
    assert TOKENIZERS.make(name) is not None


@pytest.mark.parametrize("name", list(RARE_WORDS))
def test_every_registered_strategy_can_be_made(name):
    assert isinstance(RARE_WORDS.make(name).needs_tags, bool)


def test_nearest_does_not_mind_a_single_name():
    assert nearest("x", ["y"]) == "known are: y"


def test_a_package_that_is_installed_or_removed_while_a_process_runs_is_noticed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry("plug-in", "toolkit.tests.late", {})
    assert list(registry) == []
    about = tmp_path / "late-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[toolkit.tests.late]\nlater = json:loads\n", "utf-8")
    os.utime(tmp_path, ns=(1, 1))  # another time than before, however coarse the file system's clock
    assert list(registry) == ["later"]
    shutil.rmtree(about)
    os.utime(tmp_path, ns=(2, 2))
    assert list(registry) == []
