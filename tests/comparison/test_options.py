"""Options in Python and on the command line -> what is to be compared."""

import inspect

import pytest

import toolkit
from toolkit.cli.options import assigned_settings
from toolkit.comparison.options import nested_settings, seconds
from toolkit.comparison.reading import make_request
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.runs.spec import own_split

FRENCH = "fr_core_news_sm"
SCHEDULER = "tcp://127.0.0.1:8786"
TIMED = {"columns": {"timed": {"tokenizer": "char", "train": {"budget_seconds": 1.0}}}}


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
        ({"match": "params"}, "--match"),
        ({"scheduler": SCHEDULER, "workers": 2}, "--workers"),
        ({"scheduler": SCHEDULER, "budget": "9s"}, "--budget"),
        ({"scheduler": SCHEDULER, "settings": {"train": {"budget_seconds": 9.0}}}, "--budget"),
        ({"settings": {"network..units": 16}}, "'network..units'"),
        ({"language": "en", "spacy_model": FRENCH}, FRENCH),
    ],
)  # fmt: skip
def test_what_excludes_each_other_is_refused(corpus_folder, options, named):
    if "scheduler" in options:
        pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with pytest.raises(InputError, match=named.replace("..", r"\.\.")):
        make_request(**{"tokenizers": "char", "corpus": corpus_folder} | options)


def test_a_scheduler_changes_no_number(corpus_folder):
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    request = make_request("char", corpus_folder, scheduler=SCHEDULER, workers=None)
    assert (request.scheduler, request.workers) == (SCHEDULER, 1)
    assert request.specs() == make_request("char", corpus_folder).specs()


def test_text_and_values_mean_the_same():
    assert [seconds(time) for time in ("5m", "300s", "300", 300)] == [300.0] * 4
    for value in ("soon", "0m", "-1s", "inf", "nan", ""):
        with pytest.raises(InputError, match=f"'{value}'"):
            seconds(value)


def test_an_option_overrides_an_assignment_and_that_the_file(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text('[train]\nepochs = 1\n[network]\nunits = 8\n[columns."word:pos"]\ncase = "mark"\n', "utf-8")
    assigned = assigned_settings(config, ["train.epochs=2", "network.units=16"])
    assert nested_settings(assigned, 3, "2m") == {
        "train": {"epochs": 3, "budget_seconds": 120.0},
        "network": {"units": 16},
        "columns": {"word:pos": {"case": "mark"}},
    }
    by_name = {"train.epochs": 1, "network": {"units": 8}, 'columns."word:pos".case': "mark"}
    assert nested_settings(config) == nested_settings(str(config)) == nested_settings(by_name)


@pytest.mark.parametrize(
    ("options", "about"),
    [({"language": "fr"}, ""), ({"spacy_model": FRENCH}, ""), ({}, "fr"), ({"spacy_model": FRENCH}, "fr"),
     ({"language": "fr", "spacy_model": FRENCH}, "en")],
)  # fmt: skip
def test_language_and_model_follow_from_each_other(tmp_path, options, about):
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text("L'homme n'est pas là. " * 20, "utf-8")
    if about:
        (tmp_path / "about.toml").write_text(f"language = '{about}'\n")
    request = make_request("char,word", tmp_path, **options)
    assert (request.corpus.language, request.tokenizer(request.columns[1]).spacy_model) == ("fr", FRENCH)


@pytest.mark.parametrize(
    ("tokenizers", "columns", "changed"),
    [
        ("char,word", ["char", "word:unk"], ["word:unk"]),
        ("word,char", ["word:unk", "char"], ["word:unk"]),
        (["bpe", "word@ngram"], ["bpe", "word:unk@ngram"], ["word:unk@ngram"]),
        ("char,word:pos", ["char", "word:pos"], []),
        ("char", ["char"], []),
    ],
)
def test_a_word_column_needs_no_tagger_where_there_is_none(corpus_folder, tokenizers, columns, changed):
    request = make_request(tokenizers, corpus_folder, language="fi")
    assert [column.name for column in request.columns] == columns
    assert [(w.kind, w.columns, w.value) for w in request.warnings] == (
        [("no_tagger", changed, "fi")] if changed else []
    )


@pytest.mark.parametrize(
    "more", [{"settings": {"columns.word.case": "mark"}}, {"sweep": "columns.word.case=keep,mark"}]
)
def test_a_word_column_with_options_stays_as_it_is(corpus_folder, more):
    more = {"settings": {'columns."word:pos".case': "mark"}} if "settings" in more else more
    request = make_request("char,word", corpus_folder, language="fi", **more)
    assert {column.strategy for column in request.columns} == {None, "pos"}
    assert request.warnings == ()
    with pytest.raises(InputError, match="'fi'"):
        request.check()


def test_a_link_is_read_again_by_its_own_name(corpus_folder, tmp_path):
    """Documents are called by that name, which the file behind it may lack, as in caches of other programs."""
    texts = [file.read_text("utf-8") for file in corpus_folder.glob("*.txt")]
    (tmp_path / "0a1b2c").write_text("\n\n".join(texts), "utf-8")
    link = tmp_path / "novel.txt"
    link.symlink_to(tmp_path / "0a1b2c")
    request = make_request("char@ngram", link)
    assert request.specs()[0].corpus_path == str(link)
    assert own_split(request.specs()[0]) == request.split
