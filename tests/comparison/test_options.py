"""Options in Python and on the command line -> what is to be compared; sweeps as columns."""

import inspect
import re
import tomllib

import pytest

import toolkit
from tests.helpers.comparisons import BRIEF, Recorder, written
from toolkit.cli.options import assigned_settings
from toolkit.comparison.compare import compute
from toolkit.comparison.options import nested_settings
from toolkit.comparison.progress import Reporter
from toolkit.comparison.reading import make_request
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.runs.spec import own_split, slug

FRENCH = "fr_core_news_sm"
SCHEDULER = "tcp://127.0.0.1:8786"
TIMED = {"columns": {"timed": {"tokenizer": "char", "train": {"budget_seconds": 1.0}}}}
WIDE = {"wide": {"tokenizer": "char", "network": {"units": 300}}}


@pytest.mark.parametrize("function", [toolkit.compare, toolkit.train, toolkit.inspect, make_request])
def test_an_unknown_keyword_is_a_type_error_and_known_ones_are_documented(function):
    with pytest.raises(TypeError, match="seedz"):
        function("char", seedz=3)
    for name in inspect.signature(function).parameters:
        assert f"    {name}: " in function.__doc__


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {"seeds": (0,), "fractions": (1.0,), "adapt": None, "more": None, "verify": False, "cells_at_once": 1}),
        ({"seeds": 3, "first_seed": 2}, {"seeds": (2, 3, 4)}),
        ({"fractions": "1,0.5"}, {"fractions": (0.5, 1.0)}),
        ({"adapt": 0.3, "verify": True}, {"adapt": 0.3, "verify": True}),
        ({"budget": "2m", "more": "1.5x"}, {"more": 1.5, "by_clock": True}),
        ({"workers": 3, "seeds": 2}, {"cells_at_once": 2}),
        ({"workers": None, "seeds": 9}, {"cells_at_once": min(9, cores())}),
        ({"workers": None, "seeds": 9, "budget": "9s"}, {"cells_at_once": 1}),
        ({"workers": None, "settings": TIMED, "tokenizers": "timed"}, {"cells_at_once": 1, "by_clock": True}),
        ({"budget": 60, "tokenizers": "char@ngram,char"}, {"by_clock": True}),
    ],
)  # fmt: skip
def test_options_become_fields(corpus_folder, options, fields):
    request = make_request(**{"tokenizers": "char", "corpus": corpus_folder} | options)
    assert {name: getattr(request, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"adapt": 0.0}, "--adapt"),
        ({"more": 1}, "--more"),
        ({"folds": 5, "match": "params", "tokenizers": "char,bpe"}, "--match"),
        ({"match": "params", "tokenizers": "char,bpe", "more": "2x"}, "--match"),
        ({"match": "flops", "tokenizers": "char,bpe", "budget": "2m"}, "budget_seconds"),
        ({"match": "chars", "tokenizers": "char,bpe", "settings": {"train.patience": 2}}, "train.patience"),
        ({"match": "params", "tokenizers": "wide,bpe", "settings": {"columns": WIDE}}, "network.units"),
        ({"scheduler": SCHEDULER, "workers": 2}, "--workers"),
        ({"scheduler": SCHEDULER, "budget": "9s"}, "--budget"),
        ({"scheduler": SCHEDULER, "settings": {"train": {"budget_seconds": 9.0}}}, "--budget"),
        ({"settings": {"network..units": 16}}, "'network..units'"),
    ],
)  # fmt: skip
def test_what_excludes_each_other_is_refused(corpus_folder, options, named):
    if "scheduler" in options:
        pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with pytest.raises(InputError, match=re.escape(named)):
        make_request(**{"tokenizers": "char", "corpus": corpus_folder} | options)


def test_times_are_positive_and_have_a_unit_or_seconds():
    timed = [nested_settings(None, budget=time) for time in ("5m", "300s", "300", 300)]
    assert timed == [{"train": {"budget_seconds": 300.0}}] * 4
    for value in ("soon", "0m", "-1s", "inf", "nan", ""):
        with pytest.raises(InputError, match=f"'{value}'"):
            nested_settings(None, budget=value)


def test_an_option_overrides_an_assignment_and_that_the_file(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text(
        '[train]\nepochs = 1\n[network]\nunits = 8\n[columns."word:pos"]\nrare_max_count = 2\n', "utf-8"
    )
    assigned = assigned_settings(config, ["train.epochs=2", "network.units=16"])
    assert nested_settings(assigned, 3, "2m") == {
        "train": {"epochs": 3, "budget_seconds": 120.0},
        "network": {"units": 16},
        "columns": {"word:pos": {"rare_max_count": 2}},
    }
    by_name = {"train.epochs": 1, "network": {"units": 8}, 'columns."word:pos".rare_max_count': 2}
    assert nested_settings(config) == nested_settings(str(config)) == nested_settings(by_name)


@pytest.mark.parametrize(
    ("options", "about"),
    [({"language": "fr"}, ""), ({}, "fr"), ({"spacy_model": FRENCH}, "fr"),
     ({"language": "fr", "spacy_model": FRENCH}, "en")],
)  # fmt: skip
def test_the_model_follows_from_the_language(tmp_path, options, about):
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text("L'homme n'est pas là. " * 20, "utf-8")
    if about:
        (tmp_path / "about.toml").write_text(f"language = '{about}'\n")
    request = make_request("char,word", tmp_path, **options)
    assert (request.corpus.language, request.tokenizer(request.columns[1]).spacy_model) == ("fr", FRENCH)


@pytest.mark.parametrize(
    ("tokenizers", "more", "columns", "changed"),
    [
        ("char,word", {}, ["char", "word:unk"], ["word:unk"]),
        ("word,char", {}, ["word:unk", "char"], ["word:unk"]),
        (["bpe", "word@ngram"], {}, ["bpe", "word:unk@ngram"], ["word:unk@ngram"]),
        ("char,word:pos", {}, ["char", "word:pos"], []),
        ("char,word", {"settings": {'columns."word:pos".rare_max_count': 2}}, ["char", "word:pos"], []),
        (
            "word",
            {"sweep": "columns.word.rare_max_count=1,2"},
            ["word-pos-rare_max_count-1", "word-pos-rare_max_count-2"],
            [],
        ),
    ],
)
def test_a_word_column_without_options_needs_no_tagger_where_there_is_none(
    corpus_folder, tokenizers, more, columns, changed
):
    request = make_request(tokenizers, corpus_folder, language="fi", **more)
    assert [column.name for column in request.columns] == columns
    assert [(w.kind, w.columns, w.value) for w in request.warnings] == (
        [("no_tagger", changed, "fi")] if changed else []
    )


def test_a_link_is_read_again_by_its_own_name(corpus_folder, tmp_path):
    """Documents are called by that name, which the file behind it may lack, as in caches of other programs."""
    (tmp_path / "0a1b2c").write_text((corpus_folder / "tale0.txt").read_text("utf-8") * 9, "utf-8")
    link = tmp_path / "novel.txt"
    link.symlink_to(tmp_path / "0a1b2c")
    request = make_request("char@ngram", link)
    assert own_split(request.specs()[0]) == request.split


OPTIONS = {
    "few": {"tokenizer": "word:cluster@ngram", "k": 3, "rare_max_count": 2},
    "deep": {"tokenizer": "char", "network": {"layers": 2}},
    "plain": {"tokenizer": "whitespace"},
}
FEW = OPTIONS["few"]


@pytest.mark.parametrize(
    ("tokenizers", "sweep", "columns"),
    [
        ("bpe,char", "columns.bpe.vocabulary_size=300,400", {
            "bpe-vocabulary_size-300": {"tokenizer": "bpe", "vocabulary_size": 300},
            "bpe-vocabulary_size-400": {"tokenizer": "bpe", "vocabulary_size": 400}, "char": {},
        }),
        ("char", 'columns."word:cluster".k=4,8', {
            "char": {}, **{f"word-cluster-k-{k}": {"tokenizer": "word:cluster", "k": k} for k in (4, 8)},
        }),
        ("few", "columns.few.k=8,16", {"few-k-8": {**FEW, "k": 8}, "few-k-16": {**FEW, "k": 16}}),
        ("word:unk", 'columns."word:unk".rare_max_count=1,2', {
            f"word-unk-rare_max_count-{n}": {"tokenizer": "word:unk", "rare_max_count": n} for n in (1, 2)
        }),
        ("deep", "columns.deep.network.units=8,16", {
            f"deep-units-{units}": {"tokenizer": "char", "network": {"layers": 2, "units": units}} for units in (8, 16)
        }),
        ("plain", "columns.plain.closed=true, false", {
            f"plain-closed-{value}": {"tokenizer": "whitespace:keep", "closed": value == "true"}
            for value in ("true", "false")
        }),
        ("char", ["columns.char.network.dropout=0.25,5e-1", "columns.bpe.vocabulary_size=300,400"], {
            **{f"char-dropout-{rate}": {"tokenizer": "char", "network": {"dropout": rate}} for rate in (0.25, 0.5)},
            **{f"bpe-vocabulary_size-{n}": {"tokenizer": "bpe", "vocabulary_size": n} for n in (300, 400)},
        }),
    ],
)  # fmt: skip
def test_each_value_has_a_column_in_the_place_of_the_swept_one(corpus, tokenizers, sweep, columns):
    swept = {name: table for name, table in OPTIONS.items() if name == tokenizers}
    request = make_request(tokenizers, corpus, sweep=sweep, settings={"columns": swept})
    assert {column.name: column.table for column in request.columns} == columns
    for column in request.columns:
        assert slug(column.name) == column.name
        assert tomllib.loads(f"{column.name} = 0") or "." in column.name


@pytest.mark.parametrize(
    ("sweep", "named"),
    [
        ("columns.bpf.vocabulary_size=300,400", "'bpf'"),
        ("columns.bpe.vocabulary_size=3,400", "3"),
        ("columns.bpe.vocabulary_size=400,400", "'bpe-vocabulary_size-400'"),
        ("columns.bpe.vocabulary_size=400", "--sweep"),
        ("columns.char.network.dropout=0.1,nan", "nan"),
        ("columns.char.train.held=[1],[2]", "--sweep"),
        ("columns.char.network.unit=8,16", "'network.unit'"),
        ("network.units=8,16", "--sweep"),
        ("columns.word:pos.rare_max_count=1,2", "word:cluster"),
        (["columns.word.rare_max_count=1,2", 'columns."word:pos".k=1,2'], "'word:pos'"),
    ],
)
def test_what_cannot_be_swept_is_refused(sweep, named, corpus):
    with pytest.raises(InputError, match=named):
        make_request("char", corpus, sweep=sweep).check()


def test_an_interrupted_sweep_is_continued_by_a_command_without_it(brief_folder, tmp_path):
    sweep, sizes = 'columns."bpe@ngram".vocabulary_size=260,300', (260, 300)
    names = [f"bpe-ngram-vocabulary_size-{size}" for size in sizes]
    with pytest.raises(KeyboardInterrupt):
        compute(make_request([], brief_folder, sweep=sweep, settings=BRIEF), tmp_path, Recorder(stop_after=1))
    times = written(tmp_path / "runs", "cell.json")
    compared = compute(make_request("char@ngram", brief_folder, settings=BRIEF), tmp_path, Reporter())
    assert compared.columns == [*names, "char@ngram"]
    (sweep,) = compared.sweeps
    assert [(point.value, point.column) for point in sweep.values] == list(zip(sizes, names, strict=True))
    assert times
    assert written(tmp_path / "runs", "cell.json").items() >= times.items()
