"""Columns and specs: names and options become columns; a spec keeps every value, and its digest has what decides."""

from dataclasses import fields, replace

import pytest

from toolkit.config import CompareSettings, TrainSettings, parse_settings
from toolkit.errors import InputError
from toolkit.runs.spec import CellSpec, Column, lengthened, parse_column, parse_columns
from toolkit.text.splits import Fold


@pytest.mark.parametrize(
    ("name", "full", "parts", "file"),
    [
        ("char", "char", ("char", None, None), None),
        ("word", "word:pos", ("word", "pos", None), None),
        ("whitespace", "whitespace:keep", ("whitespace", "keep", None), None),
        ("hf:some/tokenizer.json", "hf:some/tokenizer.json", ("hf", None, None), "some/tokenizer.json"),
        ("char@lstm", "char", ("char", None, "lstm"), None),
        ("word@ngram", "word:pos@ngram", ("word", "pos", "ngram"), None),
    ],
)
def test_a_name_gives_tokenizer_strategy_model_and_file(name, full, parts, file):
    column = parse_column(name, {})
    assert (column.name, column.tokenizer, column.strategy, column.model) == (full, *parts)
    assert (column.is_network, column.ours) == (column.model != "ngram", True)
    assert (str(column.file) if column.file else None, getattr(column.make(), "path", None)) == (file, file)


@pytest.mark.parametrize(
    ("names", "options", "name"),
    [
        ([], {}, "--tokenizers"),
        (["char", "wrod"], {}, "'wrod'"),
        (["word:pso"], {}, "'pso'"),
        (["char:pos"], {}, "'char'"),
        (["char@gruu"], {}, "'gruu'"),
        (["char", "char@lstm"], {}, "'char'"),
        (["word:pos", "word-pos"], {"word-pos": {"tokenizer": "word:unk"}}, "'word:pos'"),  # one folder for two
        (["char"], {"word:unk": {"rare_max_count": 2}}, "'word:unk'"),
        *(
            ([name], {name: {"tokenizer": "char"}}, repr(name))
            for name in ("mixture", "char (adapting)", "\x1b", "`")
        ),
        (["char"], {"char": {"network": {"unit": 3}}}, "network.unit"),
        (["char"], {"char": {"network": {"cell": "gru"}}}, "network.cell"),
        (["char"], {"char": {"rare_max_count": 3}}, "'rare_max_count'"),
        (["whitespace:unk"], {"whitespace:unk": {"k": 4}}, "'k'"),
        (["word:pos"], {"word:pos": {"strategy": "unk"}}, "'strategy'"),
        (["word:pos"], {"word:pos": {"rare_max_count": True}}, "rare_max_count"),
        (["word:keep"], {"word:keep": {"rare_max_count": 2}}, "rare_max_count"),
    ],
    ids=ascii,
)
def test_invalid_columns_and_options_are_input_errors_that_name_them(names, options, name):
    with pytest.raises(InputError) as error:
        [column.make(language="en") for column in parse_columns(names, options)]
    assert name in str(error.value)


def test_a_table_has_the_name_of_its_column_or_the_full_name_of_its_tokenizer():
    few = {"tokenizer": "word:unk@ngram", "rare_max_count": 2, "train": {"batch": 3}}
    columns = parse_columns(["few", "word", "word:unk"], {"few": few, "word:pos": {"rare_max_count": 3}})
    assert [column.table for column in columns] == [few, {"rare_max_count": 3}, {}]
    assert [column.make().rare_max_count for column in columns] == [2, 3, 1]
    first = columns[0]
    assert (first.name, first.tokenizer, first.strategy, first.model) == ("few", "word", "unk", "ngram")
    assert first.settings == {"train": {"batch": 3}}


def test_options_reach_their_owner_tokenizer_or_strategy():
    tokenizer = parse_column("word:cluster", {"k": 40, "rare_max_count": 2}).make(language="en")
    assert (tokenizer.strategy.k, tokenizer.rare_max_count) == (40, 2)


def test_defaults_of_the_comparison_reach_columns_that_know_them_and_set_no_bound_themselves():
    options = {"mine": {"tokenizer": "word", "rare_max_count": 2}, "word:unk": {"rare_max_documents": 1}}
    columns = parse_columns(["char", "word", "mine", "word:unk", "word:keep"], options)
    merged = [dict(column.with_defaults({"rare_max_count": 5}).options) for column in columns]
    assert merged == [{}, {"rare_max_count": 5}, {"rare_max_count": 2}, {"rare_max_documents": 1}, {}]


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
    "quick": True,
}
AWKWARD = {
    "column": Column('ä "b"\n', "word", "unk", {"ü ü": True, "k": 3, "path": "a'b\\"}, "gru"),
    "settings": parse_settings(
        {
            "network": {"embedding": 2},
            "train": {"epochs": 2, "learning_rate": 1e-9},
            "samples": {"prompt": "“\x1b\n"},
        },
        CompareSettings(),
    ),
}


def test_config_toml_keeps_every_value():
    for changes in (*({name: CHANGES[name]} for name in CHANGES), CHANGES, CHANGES | AWKWARD):
        spec = replace(SPEC, **changes)
        copy = CellSpec.from_toml(spec.to_toml())
        assert copy.to_dict() == spec.to_dict()
        assert (copy.digest, copy.name, copy.decisive) == (spec.digest, spec.name, spec.decisive)


def test_every_field_but_places_decides():
    assert CHANGES.keys() == {field.name for field in fields(CellSpec)}
    specs = {name: replace(SPEC, **{name: value}) for name, value in CHANGES.items()}
    assert {name for name, spec in specs.items() if spec.digest == SPEC.digest} == {"corpus_path"}
    assert all((spec.decisive == SPEC.decisive) == (spec.digest == SPEC.digest) for spec in specs.values())


@pytest.mark.parametrize(
    ("settings", "counted_in", "factor", "longer"),
    [
        ({"updates": 5}, "updates", 1.5, {"updates": 8}),
        ({"updates": 100}, "updates", 1.001, None),  # not another update
        ({"epochs": 3}, "epochs", 1.5, None),
        ({"budget_seconds": 90.0}, "budget_seconds", 1.1, {"budget_seconds": 99.0}),
        ({"epochs": 4, "budget_seconds": 90.0}, "epochs", 1.5, {"epochs": 6, "budget_seconds": 135.0}),
    ],
    ids=str,
)
def test_a_factor_multiplies_updates_epochs_or_seconds(settings, counted_in, factor, longer):
    train = TrainSettings(**settings)
    assert (train.counted_in, train.length) == (counted_in, settings[counted_in])
    assert lengthened(train, 1.0) == train
    if longer is None:
        with pytest.raises(InputError, match=f"{factor:g}"):
            lengthened(train, factor)
    else:
        assert lengthened(train, factor) == TrainSettings(**longer)


def test_code_that_has_changed_or_is_missing_is_rejected_where_the_tokenizer_needs_it():
    with pytest.raises(InputError, match=r"rhymes 1\.0"):
        replace(SPEC, origins={"tokenizer char": "rhymes 1.0 5e1f"}).make_tokenizer()
    replace(SPEC, origins={"measure rhymes": "rhymes 1.0 5e1f"}).make_tokenizer()
