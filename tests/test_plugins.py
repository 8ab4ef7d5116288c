"""Plug-ins: their names, files of ``--code`` that run once, and entry points."""

from collections import Counter

import pytest

from tests.helpers.registries import restored
from toolkit.errors import InputError
from toolkit.plugins import Registry, digests, load_code
from toolkit.rare_words import RARE_WORDS

PLUG_IN = """
from toolkit.rare_words import RARE_WORDS, RareWords

print("output")

@RARE_WORDS.add("vowels")
class Vowels(RareWords):
    classes = ("MANY", "FEW")

    def class_of(self, word):
        return self.classes[len(word) % 2]
"""


@pytest.fixture
def registry():
    registry = Registry("plug-in", "toolkit.tests.group", {"ours": "collections:Counter"})
    registry.add("plugin")(lambda first=1, *, second=2: (first, second))
    return registry


def test_a_factory_is_found_by_its_name(registry):
    assert list(registry) == ["ours", "plugin"]
    assert (registry.built_in("ours"), registry.built_in("plugin")) == (True, False)
    assert registry.settings("plugin") == ["first", "second"]
    assert registry.make("plugin", second=5) == (1, 5)
    assert registry.origin("ours") is registry.origin("none") is None
    with pytest.raises(InputError, match="plugin"):  # of this script
        registry.origin("plugin")
    with pytest.raises(InputError, match=r"'plgin'.*: plugin, ours"):
        registry.make("plgin")
    with pytest.raises(InputError, match="'ours'"):  # a name is taken once
        registry.add("ours")(dict)
    assert registry.factory("ours") is Counter


def test_a_package_on_the_path_adds_its_names(tmp_path, monkeypatch, registry):
    about = tmp_path / "late-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1.0\n", "utf-8")
    points = "[toolkit.tests.group]\nlater = late_package:Plugin\nours = late_package:Plugin\n"
    (about / "entry_points.txt").write_text(points, "utf-8")
    (tmp_path / "late_package.py").write_text("class Plugin:\n    pass\n", "utf-8")
    assert "later" not in registry
    monkeypatch.syspath_prepend(tmp_path)
    assert list(registry) == ["ours", "plugin", "later"]
    assert registry.factory("later").__module__ == "late_package"
    assert registry.factory("ours") is Counter  # an entry point cannot replace what is built in
    package, version, sha256 = registry.origin("later").split()
    assert (package, version, len(sha256)) == ("late", "1.0", 64)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PLUG_IN, "utf-8")
    with restored(RARE_WORDS):
        yield path


def test_a_file_is_run_once_and_its_names_are_for_any_process(file, capsys):
    digest = load_code(file)
    assert digest == load_code(file) == digests()[file]
    assert capsys.readouterr() == ("", "output\n")  # a command may print JSON
    assert RARE_WORDS.origin("vowels") == f"mine.py {digest}"
    file.write_text(PLUG_IN + "\n", "utf-8")
    with pytest.raises(InputError, match=str(file)):
        load_code(file)


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [
        ("1 / 0", InputError, "ZeroDivisionError"),
        ("def", InputError, "SyntaxError"),
        ("raise SystemExit(3)", InputError, "SystemExit: 3"),
        (PLUG_IN.replace("vowels", "unk"), InputError, "'unk'"),
        (PLUG_IN + "\n1 / 0\n", InputError, "ZeroDivisionError"),  # after it has registered its strategy
        (PLUG_IN + "\nraise KeyboardInterrupt\n", KeyboardInterrupt, None),
        (PLUG_IN + "\nraise MemoryError\n", MemoryError, None),
    ],
)
def test_a_file_that_fails_can_be_corrected_and_run(file, text, error, named):
    file.write_text(text, "utf-8")
    for _ in range(2):
        with pytest.raises(error, match=named):
            load_code(file)
    file.write_text(PLUG_IN, "utf-8")
    load_code(file)
    assert "vowels" in RARE_WORDS
