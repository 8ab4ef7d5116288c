"""A spec: its file keeps every value, its digest has every field that decides, and stages make training longer.

An installed plug-in is known by its package, version and source.
"""

from contextlib import contextmanager, nullcontext
from dataclasses import fields, replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import CompareSettings, TrainSettings, parse_settings
from toolkit.errors import InputError
from toolkit.rare_words import RARE_WORDS
from toolkit.runs.spec import CellSpec, Column, lengthened, parse_column
from toolkit.text.splits import Fold

SPLIT = {"train": ["31 a.txt", "7 b.txt"], "valid": ["9 c.txt"], "test": ["8 d.txt"]}
SPEC = CellSpec(Column("char", "char", None), CompareSettings(), 0, "tales", "ab", "en", 0, SPLIT)
CHANGES = {  # another value of each field
    "column": Column("char", "char", None, {"case": "mark"}),
    "settings": parse_settings({"samples": {"count": 3}}, CompareSettings()),
    "seed": 1,
    "corpus": "stories",
    "corpus_sha256": "cd",
    "language": "fr",
    "split_seed": 1,
    "split": SPLIT | {"valid": ["10 c.txt"]},
    "corpus_path": "/elsewhere/tales",
    "fraction": 0.5,
    "fold": Fold(2, 5),
    "stages": (1.0, 2.0),
    "spacy_model": "mine",
    "versions": {"spacy": "3.0"},
    "file_sha256": "ab",
    "origins": {"tokenizer mine": "rhymes 1.0 ab"},
    "workers": 2,
}
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
OPTIONS = st.dictionaries(NAMES, st.integers() | st.booleans() | NAMES, max_size=2)
MODELS = st.sampled_from([None, "gru", "ngram"])
COLUMNS = st.builds(Column, NAMES, st.just("word"), st.sampled_from([None, "unk"]), OPTIONS, MODELS)
SETTINGS = st.fixed_dictionaries(
    {
        "network": st.fixed_dictionaries(
            {"units": st.integers(1, 9), "embedding": st.none() | st.integers(1, 9)}
        ),
        "train": st.fixed_dictionaries(
            {"epochs": st.none() | st.integers(1), "learning_rate": st.floats(1e-9, 1e9)}
        ),
        "samples": st.fixed_dictionaries({"prompt": st.none() | NAMES}),
    }
).map(lambda values: parse_settings(values, CompareSettings()))
SOME_CHANGES = st.sets(st.sampled_from(sorted(CHANGES))).map(
    lambda names: {name: CHANGES[name] for name in names}
)


@given(SOME_CHANGES, COLUMNS, SETTINGS)
def test_config_toml_keeps_every_value(changes, column, settings):
    spec = replace(SPEC, **changes | {"column": column, "settings": settings})
    copy = CellSpec.from_toml(spec.to_toml())
    assert copy.to_dict() == spec.to_dict()
    assert (copy.digest, copy.name, copy.decisive) == (spec.digest, spec.name, spec.decisive)


def test_every_field_but_places_decides():
    assert CHANGES.keys() == {field.name for field in fields(CellSpec)}
    specs = {name: replace(SPEC, **{name: value}) for name, value in CHANGES.items()}
    assert {name for name, spec in specs.items() if spec.digest == SPEC.digest} == {"corpus_path"}
    assert all((spec.decisive == SPEC.decisive) == (spec.digest == SPEC.digest) for spec in specs.values())


@pytest.mark.parametrize(
    ("settings", "factor", "longer"),
    [
        ({"updates": 5}, 1.5, {"updates": 8}),
        ({"updates": 100}, 1.001, None),  # not another update
        ({"epochs": 10}, 1.1, {"epochs": 11}),
        ({"epochs": 3}, 1.5, None),
        ({"budget_seconds": 90.0}, 1.1, {"budget_seconds": 99.0}),
        ({"epochs": 4, "budget_seconds": 90.0}, 1.5, {"epochs": 6, "budget_seconds": 135.0}),
    ],
)
def test_a_factor_multiplies_updates_epochs_or_seconds(settings, factor, longer):
    if longer is None:
        with pytest.raises(InputError, match=f"{factor:g}"):
            lengthened(TrainSettings(**settings), factor)
    else:
        assert lengthened(TrainSettings(**settings), factor) == TrainSettings(**longer)


SOURCE = """
from toolkit.rare_words import RareWords


class Endings(RareWords):
    classes = ("S", "OTHER")

    def class_of(self, word):
        return "S" if word.text.endswith("s") else "OTHER"
"""
NUMBERS = count()


@pytest.fixture
def package(tmp_path):
    """A block with a package installed that names a strategy as an entry point."""

    @contextmanager
    def installed(version="1.0", source=SOURCE, words="one"):
        name = f"endings_{next(NUMBERS)}"  # a module is imported once in a process
        about = tmp_path / name / f"word_endings-{version}.dist-info"
        (tmp_path / name / name).mkdir(parents=True)
        (tmp_path / name / name / "__init__.py").write_text(source, "utf-8")
        (tmp_path / name / name / "words.txt").write_text(words, "utf-8")
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: word-endings\nVersion: {version}\n", "utf-8"
        )
        (about / "entry_points.txt").write_text(f"[toolkit.rare_words]\nendings = {name}:Endings\n", "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(tmp_path / name)
            spec = replace(SPEC, column=parse_column("word:endings", {}))
            yield replace(spec, origins={"strategy endings": RARE_WORDS.origin("endings")})

    return installed


def test_a_spec_names_package_version_and_source_of_its_plug_ins(package):
    with package() as spec:
        ((name, value),) = spec.origins.items()
        assert (name, value.split()[:2], len(value.split()[2])) == (
            "strategy endings",
            ["word-endings", "1.0"],
            64,
        )
        assert CellSpec.from_toml(spec.to_toml()).origins == spec.origins
    replace(SPEC, origins={"measure rhymes": "rhymes 1.0 5e1f"}).make_tokenizer()  # which needs no measure


@pytest.mark.parametrize(
    "change", [{"version": "1.1"}, {"source": SOURCE + "\n"}, {"words": "two"}, None], ids=str
)
def test_a_plug_in_that_has_changed_or_is_missing_is_rejected(package, change):
    with package() as spec:
        for _ in range(2):  # with and without bytecode
            spec.make_tokenizer()
    with (
        nullcontext() if change is None else package(**change),
        pytest.raises(InputError, match=r"word-endings 1\.0"),
    ):
        spec.make_tokenizer()
    with package():
        spec.make_tokenizer()
