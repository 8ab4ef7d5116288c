"""Sweeps as columns: which there are, what they are called, and what is refused."""

import tomllib

import pytest

import toolkit
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.default_folder import columns_in_short
from toolkit.comparison.sweeping import expanded
from toolkit.errors import InputError
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import SweptValue
from toolkit.runs.columns import parse_columns


def tables(tokenizers, sweep, options=None):
    """The columns by name, each with its table."""
    swept = expanded(tokenizers, options or {}, sweep)
    return {column.name: column.table for column in parse_columns(swept.names, swept.options)}


def test_a_column_for_each_value_stands_in_the_place_of_the_one_that_is_swept():
    assert tables("bpe,char", ["columns.bpe.vocabulary_size=300,400"]) == {
        "bpe-vocabulary_size-300": {"tokenizer": "bpe", "vocabulary_size": 300},
        "bpe-vocabulary_size-400": {"tokenizer": "bpe", "vocabulary_size": 400},
        "char": {},
    }


def test_a_swept_column_that_is_not_listed_comes_last():
    assert list(tables(["char"], 'columns."word:cluster".k=4,8')) == ["char", "word-cluster-k-4", "word-cluster-k-8"]


def test_the_other_options_of_the_column_are_those_of_each_value():
    options = {"few": {"tokenizer": "word:cluster@ngram", "k": 3, "rare_max_count": 2}}
    assert tables("few", "columns.few.k=8,16", options) == {
        f"few-k-{k}": {"tokenizer": "word:cluster@ngram", "k": k, "rare_max_count": 2} for k in (8, 16)
    }


def test_a_short_name_and_its_full_name_are_one_column():
    for listed in ("word", "word:pos"):
        for swept in ("word", '"word:pos"'):
            found = tables(listed, f"columns.{swept}.case=keep,mark", {"word:pos": {"rare_max_count": 2}})
            assert list(found) == ["word-pos-case-keep", "word-pos-case-mark"]
            assert [table["case"] for table in found.values()] == ["keep", "mark"]
            assert all(table["rare_max_count"] == 2 for table in found.values())


def test_a_setting_of_the_network_is_the_columns_own():
    options = {"char": {"network": {"layers": 2}}}
    found = tables("char", "columns.char.network.units=8,16", options)
    assert found["char-units-16"] == {"tokenizer": "char", "network": {"layers": 2, "units": 16}}


def test_several_columns_can_be_swept():
    swept = expanded("char,word", {}, ["columns.word.case=keep,mark", "columns.char.network.units=8,16"])
    assert swept.names == ["char-units-8", "char-units-16", "word-pos-case-keep", "word-pos-case-mark"]
    assert [(sweep.column, sweep.key) for sweep in swept.sweeps] == [("word:pos", "case"), ("char", "network.units")]
    assert swept.sweeps[0].values == [
        SweptValue(value="keep", column="word-pos-case-keep"), SweptValue(value="mark", column="word-pos-case-mark"),
    ]  # fmt: skip


def test_values_are_those_of_toml_or_text():
    swept = expanded("a", {"a": {"tokenizer": "whitespace"}}, "columns.a.closed=true, false")
    assert [point.value for point in swept.sweeps[0].values] == [True, False]
    assert swept.names == ["a-closed-true", "a-closed-false"]
    swept = expanded("char", {}, "columns.char.network.dropout=0.25,5e-1")
    assert [point.value for point in swept.sweeps[0].values] == [0.25, 0.5]


@pytest.mark.parametrize(
    "sweep", ['columns."word:cluster".k=4,40', "columns.char.network.units=8,16", 'columns."char@gru".train.batch=2,4']
)
def test_a_columns_name_is_its_folders_and_a_key_of_toml_without_quotes(sweep, corpus):
    request = Arguments(tokenizers=[], corpus=corpus, sweep=sweep).request()
    for column in request.columns:
        assert column.slug == column.name
        assert tomllib.loads(f"{column.name} = 0") == {column.name: 0}
    assert columns_in_short(request) == request.columns[0].name.rpartition("-")[0]


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("columns.bpf.vocabulary_size=300,400", "no tokenizer 'bpf'; did you mean 'bpe'"),
        ("columns.bpe.vocabulary=300,400", "has no option 'vocabulary'; did you mean 'vocabulary_size'"),
        ("columns.char.foo=3,400", "The column 'char' has no option 'foo'"),
        ("columns.bpe.vocabulary_size=3,400", "vocabulary_size is 3; give a whole number"),
        ("columns.bpe.vocabulary_size=400,many", "vocabulary_size is 'many'; give a whole number"),
        ("columns.bpe.vocabulary_size=400", "has only one value; give at least two"),
        ("columns.bpe.vocabulary_size=400,400", "would both be the column 'bpe-vocabulary_size-400'; leave one out"),
        ("columns.char.network.dropout=0,0.0", "would both be the column 'char-dropout-0'; leave one out"),
        ("columns.bpe.vocabulary_size=400,", "a value that is ''; give numbers"),
        ("columns.char.network.dropout=0.1,nan", "a value that is nan; give numbers"),
        ("columns.char.train.held=[1],[2]", r"a value that is \[1\]; give numbers"),
        ("columns.char.train.valid_characters=30,200", "has no best value: bits of different validation texts"),
        ("columns.char.network.unit=8,16", "no setting 'network.unit'; did you mean 'network.units'"),
        ("columns.char.network.units=8,wide", "network.units cannot be 'wide'"),
        ("network.units=8,16", "does not say for which column; write, for example, columns.char.network.units=8,16"),
        ("columns.bpe=8,16", r"is not columns.NAME.SETTING=VALUE,VALUE; write"),
        ("columns.word:pos.case=keep,mark", "quotes around a name that has a colon"),
        ("columns.bpe.vocabulary_size", r"is not columns.NAME.SETTING=VALUE,VALUE; write"),
        ("", r"is not columns.NAME.SETTING=VALUE,VALUE; write"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_a_sentence(sweep, said, corpus):
    with pytest.raises(InputError, match=said) as error:
        Arguments(tokenizers="char", corpus=corpus, sweep=sweep).request().check()
    assert "\n" not in str(error.value)


def test_a_column_has_one_sweep(corpus):
    with pytest.raises(InputError, match="second sweep of the column 'word:pos'"):
        Arguments(
            tokenizers="char", corpus=corpus, sweep=["columns.word.case=keep,mark", 'columns."word:pos".k=1,2']
        ).request()


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(InputError, match="makes a column 'char-units-8', which there is already"):
        expanded("char", {"char-units-8": {"tokenizer": "word"}}, "columns.char.network.units=8,16")


@pytest.mark.slow
def test_a_sweep_is_compared_recorded_and_resumed(corpus_folder, tmp_path):
    """With counted models, which take no time."""
    sweep = 'columns."bpe@ngram".vocabulary_size=260,300'
    asked = {"tokenizers": "char@ngram", "corpus": corpus_folder, "out": tmp_path, "quiet": True}
    asked["settings"] = {"samples": {"characters": 60, "count": 2}}
    compared = toolkit.compare(sweep=sweep, **asked)
    names = [f"bpe-ngram-vocabulary_size-{size}" for size in (260, 300)]
    assert compared.columns == ["char@ngram", *names]
    assert [cell.vocabulary_size for cell in compared.done[1:]] == sorted(
        {c.vocabulary_size for c in compared.done[1:]}
    )
    (found,) = compared.sweeps
    assert [(point.value, point.column) for point in found.values] == list(zip((260, 300), names, strict=True))
    assert found.chosen_on == "held-out"
    assert found.best == min(names, key=compared.totals.__getitem__)
    assert 'id="sweep"' in compared.page.read_text("utf-8")
    assert toolkit.compare(sweep=sweep, **asked) == compared
    assert Comparison.load(tmp_path / "comparison.json") == compared
    asked["settings"] = asked["settings"] | {
        "columns": {p.column: {"tokenizer": "bpe@ngram", "vocabulary_size": p.value} for p in found.values}
    }
    without = toolkit.compare(**asked | {"tokenizers": compared.columns})
    assert (without.sweeps, without.cells, without.contrasts) == ([], compared.cells, compared.contrasts)
