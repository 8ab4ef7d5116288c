"""An installed plug-in is known by its package, version and source."""

from contextlib import contextmanager
from itertools import count

import pytest

from toolkit.config import CompareSettings
from toolkit.errors import InputError
from toolkit.plugins import source_sha256
from toolkit.runs.columns import parse_column
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
NUMBERS = count()


def spec_of(column, **changes):
    """The spec of a column."""
    split = {"train": ["7 a"], "valid": ["5 b"], "test": ["3 c"]}
    return CellSpec(parse_column(column, {}), CompareSettings(), 0, "tales", "ab", "en", 0, split, **changes)


@pytest.fixture
def package(tmp_path):
    """A block with a package installed that names a strategy as an entry point."""

    @contextmanager
    def installed(version="1.0", source=SOURCE):
        name = f"endings_{next(NUMBERS)}"  # a module is imported once in a process
        about = tmp_path / name / f"word_endings-{version}.dist-info"
        (tmp_path / name / name).mkdir(parents=True)
        (tmp_path / name / name / "__init__.py").write_text(source, "utf-8")
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: word-endings\nVersion: {version}\n", "utf-8")
        (about / "entry_points.txt").write_text(f"[toolkit.rare_words]\nendings = {name}:Endings\n", "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(tmp_path / name)
            yield

    return installed


def test_a_spec_names_package_version_and_source(package):
    with package():
        spec = spec_of("word:endings")
        name, version, sha256 = spec.installed[KEY].split()
        assert (name, version, len(sha256)) == ("word-endings", "1.0", 64)
        assert CellSpec.from_toml(spec_of("word:endings", plug_ins=spec.installed).to_toml()).plug_ins == spec.installed
        assert spec_of("char").installed == {}


@pytest.mark.parametrize(
    "change", [{"version": "1.1"}, {"source": SOURCE.replace("40", "4")}], ids=["version", "source"]
)
def test_a_plug_in_that_has_changed_is_rejected(package, change):
    with package():
        spec = spec_of("word:endings", plug_ins=spec_of("word:endings").installed)
        spec.make_tokenizer()
    with package(**change), pytest.raises(InputError, match=r"word-endings 1\.0"):
        spec.make_tokenizer()
    with package():
        spec.make_tokenizer()


def test_a_missing_package_is_named_and_a_measure_that_is_missing_is_not_needed(package):
    with package():
        spec = spec_of("word:endings", plug_ins=spec_of("word:endings").installed)
    with pytest.raises(InputError, match=r"word-endings 1\.0"):
        spec.make_tokenizer()
    spec_of("char", plug_ins={"measure rhymes": "rhymes 1.0 5e1f"}).make_tokenizer()


def test_a_source_is_all_files_of_a_package_but_bytecode(tmp_path, monkeypatch):
    def sha256(files):
        name = f"endings_{next(NUMBERS)}"
        for file, text in {"__init__.py": "", **files}.items():
            (tmp_path / "shared_space" / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "shared_space" / name / file).write_text(text, "utf-8")
        return source_sha256(f"shared_space.{name}")  # a namespace, whose other files do not count

    monkeypatch.syspath_prepend(tmp_path)
    plain = sha256({"words.txt": "one"})
    assert sha256({"words.txt": "one", "__pycache__/x.pyc": "x"}) == plain
    assert len({plain, sha256({"words.txt": "two"}), sha256({"more.txt": "one"})}) == 3
    with pytest.raises(InputError, match=r"shared_space\.none"):
        source_sha256("shared_space.none")
