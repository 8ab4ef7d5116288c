"""Columns: full names, strategies, models, options and their owners, duplicates."""

import pytest

from toolkit.errors import InputError
from toolkit.runs.spec import parse_column, parse_columns, slug

RESERVED = ("the author", "mixture", "char (adapting)", "two\nlines", "a\x1b[2J", "a`b")


@pytest.mark.parametrize(
    ("name", "full", "parts"),
    [
        ("char", "char", ("char", None, None)),
        ("word", "word:pos", ("word", "pos", None)),
        ("whitespace", "whitespace:keep", ("whitespace", "keep", None)),
        ("hf:some/tokenizer.json", "hf:some/tokenizer.json", ("hf", None, None)),
        ("char@gru", "char@gru", ("char", None, "gru")),
        ("char@lstm", "char", ("char", None, "lstm")),
        ("word@ngram", "word:pos@ngram", ("word", "pos", "ngram")),
    ],
)
def test_a_name_gives_tokenizer_strategy_and_model(name, full, parts):
    column = parse_column(name, {})
    assert column.name == full
    assert (column.tokenizer, column.strategy, column.model) == parts
    assert column.is_network == (column.model != "ngram")
    assert column.ours


@pytest.mark.parametrize(
    ("names", "options", "name"),
    [
        ([], {}, "--tokenizers"),
        (["char", "wrod"], {}, "'wrod'"),
        (["word:pso"], {}, "'pso'"),
        (["char:pos"], {}, "'char'"),
        (["char@gruu"], {}, "'gruu'"),
        (["word", "word:pos"], {}, "'word:pos'"),
        (["char", "char@lstm"], {}, "'char'"),
        (["word:pos", "word-pos"], {"word-pos": {"tokenizer": "word:unk"}}, "'word:pos'"),  # one folder for two
        (["char"], {"word:unk": {"rare_max_count": 2}}, "'word:unk'"),
        (["mine"], {"mine": {"tokenizer": "wrd"}}, "'wrd'"),
        *(([name], {name: {"tokenizer": "char"}}, repr(name)) for name in RESERVED),
        (["char"], {"char": {"network": {"unit": 3}}}, "network.unit"),
        (["char"], {"char": {"network": {"cell": "gru"}}}, "network.cell"),
        (["word:pos"], {"word:pos": {"rare_max_cuont": 3}}, "'rare_max_cuont'"),
        (["char"], {"char": {"rare_max_count": 3}}, "'rare_max_count'"),
        (["whitespace:unk"], {"whitespace:unk": {"closed": True}}, "'closed'"),
        (["word:pos"], {"word:pos": {"strategy": "unk"}}, "'strategy'"),
        (["word:pos"], {"word:pos": {"rare_max_count": True}}, "rare_max_count"),
        (["word:unk"], {"word:unk": {"rare_max_count": 2, "rare_max_documents": 1}}, "rare_max_documents"),
        (["word:keep"], {"word:keep": {"rare_max_count": 2}}, "rare_max_count"),
    ],
    ids=str,
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


def test_a_file_after_the_colon_is_the_option_path():
    column = parse_column("hf:some/tokenizer.json", {})
    assert str(column.file) == "some/tokenizer.json"
    assert column.make(language="en").path == "some/tokenizer.json"
    assert parse_column("char", {}).file is None


def test_options_reach_their_owner_tokenizer_or_strategy():
    column = parse_column("word:cluster", {"k": 40, "rare_max_count": 2})
    assert (column.make(language="en").strategy.k, column.make(language="en").rare_max_count) == (40, 2)
    assert parse_column("whitespace:keep", {"closed": True}).make(language="en").strategy.closed
    assert not parse_column("whitespace:keep", {}).make(language="en").strategy.closed


def test_defaults_of_the_comparison_reach_columns_that_know_them_and_set_no_bound_themselves():
    options = {"mine": {"tokenizer": "word", "rare_max_count": 2}, "word:unk": {"rare_max_documents": 1}}
    columns = parse_columns(["char", "word", "mine", "word:unk", "word:keep"], options)
    merged = [dict(column.with_defaults({"rare_max_count": 5}).options) for column in columns]
    assert merged == [{}, {"rare_max_count": 5}, {"rare_max_count": 2}, {"rare_max_documents": 1}, {}]


@pytest.mark.parametrize("name", ["word:pos", "../../etc", "a b", "a/b", "ä", "."])
def test_a_slug_is_one_harmless_part_of_a_path(name):
    assert slug(name)
    assert not set(slug(name)) & set("/\\: ")
