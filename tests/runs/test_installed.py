"""An installed plug-in is known by its package, version and source: what was made with another is refused."""

import re
import shutil
import sys
from dataclasses import replace

import pytest

from tests.helpers.comparisons import request
from toolkit.comparison.folder import Matching, load_stored
from toolkit.comparison.plan import OtherSettingsError, plan, stored_plan
from toolkit.errors import InputError
from toolkit.rare_words import RARE_WORDS
from toolkit.registry import _plug_ins, source_sha256
from toolkit.runs.spec import CellSpec

SOURCE = """
from toolkit.rare_words import OTHER, RareWords

class Endings(RareWords):
    def fit(self, rare, kept):
        self.classes = sorted({word.text[-1] for word in rare})[:40]
        return self

    def class_of(self, word):
        return word.text[-1]
"""
KEY = "strategy endings"
LACKING = r"'endings'.*word-endings 1\.0"


class Package:
    """A package that names a strategy as an entry point, installed where this process looks for packages."""

    def __init__(self, folder):
        self.folder, self.source = folder, folder / "word_endings" / "__init__.py"

    def install(self, version="1.0", source=SOURCE):
        """Install it, in place of what is there."""
        self.remove()
        self.source.parent.mkdir()
        self.source.write_text(source, "utf-8")
        about = self.folder / f"word_endings-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: word-endings\nVersion: {version}\n", "utf-8")
        (about / "entry_points.txt").write_text("[toolkit.rare_words]\nendings = word_endings:Endings\n", "utf-8")

    def remove(self):
        """Take it away, as in a new process that never saw it."""
        for path in self.folder.glob("word_endings*"):
            shutil.rmtree(path)
        sys.modules.pop("word_endings", None)
        source_sha256.cache_clear()
        _plug_ins.cache_clear()  # a file system's clock may not have ticked since the last look


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The package, installed."""
    (tmp_path / "packages").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "packages")
    package = Package(tmp_path / "packages")
    package.install()
    yield package
    package.remove()


def asked(corpus, columns="word:endings,char"):
    return request(corpus, columns)


def save_plan(folder, requested):
    """Write the plan for a folder, as a comparison does before it computes."""
    stored_plan(plan(folder, requested), Matching()).save(folder)


@pytest.fixture
def folder(corpus, package, tmp_path):  # noqa: ARG001 - it has to be there
    """A comparison's folder for which the plug-in was asked for."""
    folder = tmp_path / "out"
    folder.mkdir()
    save_plan(folder, asked(corpus))
    return folder


def test_package_version_and_source_are_in_compare_toml_and_in_the_run(corpus, folder):
    requested = asked(corpus)
    package, version, sha256 = requested.plug_ins[KEY].split()
    assert (package, version, len(sha256)) == ("word-endings", "1.0", 64)
    cell, other = requested.specs()
    assert load_stored(folder).decisive(cell.name)["plug_ins"] == {KEY: f"word-endings 1.0 {sha256}"}
    assert CellSpec.from_toml(cell.to_toml()).plug_ins == {KEY: f"word-endings 1.0 {sha256}"}
    assert not other.plug_ins
    assert not asked(corpus, "char").plug_ins
    assert requested.record()["plug_ins"] == requested.plug_ins


@pytest.mark.parametrize(
    "change", [{"version": "1.1"}, {"source": SOURCE.replace("40", "4")}], ids=["version", "source"]
)
def test_a_plug_in_that_has_changed_is_refused(corpus, package, folder, change):
    spec = asked(corpus).spec(asked(corpus).columns[0], 0)
    spec.make_tokenizer()
    package.install(**change)
    with pytest.raises(OtherSettingsError, match=r"word-endings 1\.0") as error:
        plan(folder, asked(corpus))
    assert error.value.key == f"plug_ins.{KEY}"
    with pytest.raises(InputError, match=f"{KEY} of the package word-endings 1.0 has changed since the run was made"):
        spec.make_tokenizer()
    package.install()
    spec.make_tokenizer()
    save_plan(folder, asked(corpus))


def test_without_the_package_it_is_named_and_no_file_is(corpus, package, folder):
    spec = asked(corpus).specs()[0]
    with_code = replace(spec, code={"/elsewhere/measures.py": "ab"})
    package.remove()
    with pytest.raises(InputError, match=LACKING) as error:
        with_code.make_tokenizer()
    assert "--code" not in str(error.value)
    with pytest.raises(InputError, match="endings"):
        save_plan(folder, asked(corpus, "char"))


def test_more_columns_bring_their_plug_ins(corpus, package, tmp_path):  # noqa: ARG001 - it has to be there
    out = tmp_path / "grown"
    out.mkdir()
    save_plan(out, asked(corpus, "char"))
    save_plan(out, asked(corpus))
    assert list(load_stored(out).decisive("word-endings-seed0")["plug_ins"]) == [KEY]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("", "AttributeError: module 'word_endings' has no attribute 'Endings'"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named_with_the_reason(package, source, said):
    package.install(source=source)
    sentence = f"The strategy 'endings' cannot be loaded from the package word-endings 1.0: {said}; "
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}install the package again, or remove it"):
        RARE_WORDS.factory("endings")


def test_a_source_is_all_files_of_a_package_or_the_one_of_a_module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "shared_space" / "inner_package"
    package.mkdir(parents=True)  # shared_space is a namespace: it has no file of its own
    (package / "__init__.py").write_text("", "utf-8")
    (package / "words.txt").write_text("one", "utf-8")
    (tmp_path / "single_module.py").write_text("", "utf-8")

    def now(module):
        source_sha256.cache_clear()
        _plug_ins.cache_clear()  # a file system's clock may not have ticked since the last look
        return source_sha256(module)

    before, single = now("shared_space.inner_package"), now("single_module")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_bytes(b"x")
    (tmp_path / "shared_space" / "other.py").write_text("other", "utf-8")
    assert now("shared_space.inner_package") == before
    assert now("single_module") == single
    (package / "words.txt").write_text("two", "utf-8")
    changed = now("shared_space.inner_package")
    (package / "words.txt").rename(package / "more.txt")
    assert len({before, changed, now("shared_space.inner_package"), single}) == 4
    with pytest.raises(InputError, match=r"'shared_space\.none' of an installed plug-in is not there"):
        now("shared_space.none")
