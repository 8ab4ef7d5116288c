"""Settings of single columns: what they decide, where the report says so, and what to write instead of a wrong key."""

import re
from dataclasses import replace

import pytest

from tests.report.comparison_example import comparison
from toolkit.comparison.library import make_request
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.matching import Matching
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.stages import taken
from toolkit.config import first_difference, flat, without_none
from toolkit.errors import InputError
from toolkit.network import CELLS
from toolkit.out_folder import mark
from toolkit.report import render
from toolkit.results.resources import differing
from toolkit.training.recipes import FAST, LARGE_OF_MUCH_TEXT, RECIPES

WIDE = {"tokenizer": "char", "network": {"units": 512}}
WORDS = "whitespace:unk"


def asked(corpus_folder, columns, **others):
    return make_request(
        tokenizers=["char", *columns], corpus=corpus_folder, settings={"columns": columns}, **others
    )


def of(request):
    """An example of a comparison with the settings of a request."""
    totals = {column.name: (2.0 + i / 10,) for i, column in enumerate(request.columns)}
    return comparison(totals).model_copy(update={"settings": without_none(request.told())})


def test_what_differs_is_told_with_the_value_of_every_column(corpus_folder):
    found = of(asked(corpus_folder, {"char512": WIDE, "bpe": {"vocabulary_size": 300}}))
    assert differing(found) == {
        "network.units": {"char": 256, "char512": 512, "bpe": 256},
        "vocabulary_size": {"char": None, "char512": None, "bpe": 300},
        "train.learning_rate": {"char": 0.024, "char512": 0.024, "bpe": 0.012},
    }
    page = render(found)
    assert "Settings that differ between columns" in page
    assert page.index('id="settings-apart"') < page.index("network.units") < page.index("vocabulary_size")


def test_a_setting_that_follows_from_anothers_is_told_too(corpus_folder):
    found = of(asked(corpus_folder, {"steady": {"tokenizer": "char", "train": {"batch": 7}}}))
    towers = differing(found)["train.towers"]  # the recipe gives a batch of 7 one tower
    assert towers["steady"] == 1
    assert towers["char"] > 1


def test_what_a_recipe_does_otherwise_where_tokens_are_words_is_told_and_can_be_overruled(corpus_folder):
    settings = {"recipe": "large", "network": {"input_dropout": 0.1}}
    request = make_request(tokenizers=["char", WORDS], corpus=corpus_folder, settings=settings, more="2x")
    told = differing(of(request))
    assert told["train.optimizer"] == {"char": "adam", WORDS: "sgd"}
    assert "network.input_dropout" not in told
    letters, words = (spec.basis.settings for spec in request.specs())
    assert letters == request.settings.model_copy(update={"columns": {}})
    assert words.train.updates == letters.train.updates
    assert words.network.input_dropout == 0.1


def test_what_a_recipe_does_otherwise_is_no_setting_of_counts_and_is_the_comparisons_where_all_columns_share_it(
    corpus_folder,
):
    def told(*columns):
        return make_request(tokenizers=columns, corpus=corpus_folder, settings={"recipe": "large"}).told()

    assert told("char", f"{WORDS}@ngram")["columns"] == {}
    shared = told(WORDS, "word:unk")
    assert shared["columns"] == {}
    assert (shared["train"]["optimizer"], shared["train"]["learning_rate"]) == ("sgd", 8.0)


def test_folders_tell_recipes_apart_that_differ_only_where_tokens_are_words(corpus_folder, monkeypatch):
    def written():
        return (
            make_request(tokenizers=["char", WORDS], corpus=corpus_folder, settings={"recipe": "large"}).asked()
        )

    before = written()
    another = {"train": {"optimizer": "sgd", "learning_rate": 7.0}}
    monkeypatch.setitem(RECIPES, "large", RECIPES["large"]._replace(kinds={"words": another}))
    assert first_difference(before, written())


def test_what_a_recipe_does_otherwise_is_written_only_where_it_is_done(corpus_folder):
    """So the folder of an earlier recipe, which had one for all, goes on if its settings are given."""

    def written(names, **settings):
        asked = make_request(tokenizers=names, corpus=corpus_folder, settings=settings).asked()
        return {kind: asked[kind] for kind in ("characters", "words") if kind in asked}

    adam = {"optimizer": "adam", "learning_rate": 0.012}
    words = RECIPES["small"].kinds["words"]
    assert written(["char", "bpe"]) == {"characters": FAST}  # parts of words are trained as before
    assert written(["char", WORDS]) == {"characters": FAST, "words": words}
    assert written(["bpe", f"{WORDS}@ngram"]) == {}
    assert written([WORDS], train=adam) == {"words": {"network": words["network"]}}
    assert written([WORDS], train={"optimizer": "sgd"}) == {"words": {"network": words["network"]}}
    assert written(["char", WORDS], train=adam, network={"dropout": 0.3}) == {}
    assert written(["char", WORDS], train=words["train"], network=words["network"]) == {}
    assert written(["char", WORDS], recipe="standard") == RECIPES["standard"].kinds
    assert written(["char", WORDS], recipe="standard", train={"budget_seconds": 60.0}) == {}
    assert written(["char@gru", f"{WORDS}@gru"]) == {}  # all this was chosen for the LSTM
    assert written(["char"], network={"cell": "gru"}) == {}
    own = {"char": {"train": {"learning_rate": 0.012}}}
    assert written(["char", WORDS], columns=own) == {"words": words}


def test_columns_that_count_have_no_settings_of_networks(corpus_folder):
    request = make_request(tokenizers=["char", "char@ngram"], corpus=corpus_folder)
    assert request.told()["columns"] == {}
    assert request.told()["train"]["learning_rate"] == 0.024
    found = of(make_request(tokenizers=["char", WORDS, "char@ngram"], corpus=corpus_folder))
    for cell in found.by_column["char@ngram"]:
        cell.history, cell.updates = [], 0
    assert differing(found)["train.learning_rate"] == {"char": 0.024, WORDS: 12.0, "char@ngram": None}


def test_a_fraction_with_another_recipe_for_words_is_another_folder(corpus_folder, monkeypatch):
    training = make_request(tokenizers=["char"], corpus=corpus_folder).split.train
    monkeypatch.setattr("toolkit.training.recipes.STANDARD_FROM", sum(document.characters for document in training))

    def asked(**settings):
        options = {"corpus": corpus_folder, "fractions": (0.3, 1.0), "settings": settings}
        request = make_request(tokenizers=[WORDS, "bpe"], **options)
        return request.asked().get("parts"), request.cell_settings(request.columns[0], 0.3).train.optimizer

    assert asked() == ({"0.3": {"words": RECIPES["small"].kinds["words"]}}, "sgd")
    assert asked(train={"optimizer": "adam", "learning_rate": 0.012}, network={"dropout": 0.3}) == (None, "adam")


@pytest.fixture
def much_text(corpus_folder, monkeypatch):
    """All the tales are much text; a fraction of them is not."""
    training = make_request(tokenizers=["char"], corpus=corpus_folder).split.train
    monkeypatch.setattr("toolkit.training.recipes.MUCH_TEXT", sum(document.characters for document in training))


@pytest.mark.usefixtures("much_text")
def test_of_much_text_the_large_recipe_is_another_for_both_kinds_of_inputs(corpus_folder):
    request = make_request(tokenizers=["char", WORDS], corpus=corpus_folder, settings={"recipe": "large"})
    letters, pieces = (request.cell_settings(column, 1.0) for column in request.columns)
    assert letters.network == LARGE_OF_MUCH_TEXT.network
    assert (pieces.network.dropout, pieces.train.optimizer) == (0.4, "sgd")
    of_letters, of_pieces = (flat(settings.model_dump()) for settings in (letters, pieces))
    assert flat(request.asked()["words"]) == {k: value for k, value in of_pieces.items() if value != of_letters[k]}
    assert "parts" not in request.asked()
    assert "words" not in request.told()
    assert request.told()["columns"][WORDS]["network"]["dropout"] == 0.4


@pytest.mark.usefixtures("much_text")
def test_fractions_that_are_not_much_text_have_the_other_recipe_and_the_folder_and_the_notes_say_so(
    corpus_folder, monkeypatch
):
    def asked_for():
        return make_request(
            tokenizers=["char", WORDS], corpus=corpus_folder, settings={"recipe": "large"}, fractions=(0.3, 1.0)
        )

    request = asked_for()
    assert [request.recipe(fraction) for fraction in (0.3, 1.0)] == ["large", "large of much text"]
    assert request.cell_settings(request.columns[0], 0.3).network == RECIPES["large"].network
    assert "parts" not in request.told()
    before = request.asked()
    another = RECIPES["large"].network.model_copy(update={"dropout": 0.35})
    monkeypatch.setitem(RECIPES, "large", RECIPES["large"]._replace(network=another))
    assert first_difference(before, asked_for().asked()) == "there parts.0.3.network.dropout is 0.4, here it is 0.35"


def test_a_folders_temperature_is_that_of_columns_of_words_too(corpus_folder):
    request = make_request(tokenizers=["char", WORDS], corpus=corpus_folder, settings={"recipe": "large"})
    samples = request.settings.samples.model_copy(update={"temperature": 0.7})
    warmer = replace(request, settings=request.settings.model_copy(update={"samples": samples}))
    assert {spec.basis.settings.samples.temperature for spec in warmer.specs()} == {0.7}


def test_more_trains_a_column_with_its_own_network_as_long_as_the_others(corpus_folder):
    request = asked(corpus_folder, {"char512": WIDE})
    plain = request.settings.train.updates
    once, twice = request.in_stages([plain]), request.in_stages([plain, 2 * plain])
    for stage, updates in ((once, plain), (twice, 2 * plain)):
        assert {spec.column.name: spec.basis.settings.train.updates for spec in stage.specs()} == {
            "char": updates, "char512": updates,
        }  # fmt: skip
    assert [spec.basis.settings.network.units for spec in twice.specs()] == [256, 512]


@pytest.mark.parametrize("own", [{"updates": 9}, {"epochs": 2}, {"batch": 4}, {"window_characters": 50}])
def test_a_column_that_reads_another_amount_of_text_is_not_trained_further(corpus_folder, own):
    with pytest.raises(InputError, match="each has its own; leave --more out"):
        asked(corpus_folder, {"apart": {"tokenizer": "char", "train": own}}, more="2x")
    slower = asked(corpus_folder, {"slower": {"tokenizer": "char", "train": {"learning_rate": 0.001}}}, more="2x")
    assert slower.further == 2 * slower.settings.train.updates


def test_a_budget_of_one_column_has_cells_computed_one_by_one(corpus_folder):
    timed = {"timed": {"tokenizer": "char", "train": {"budget_seconds": 1.0}}}
    request = asked(corpus_folder, timed, workers=None, seeds=2)
    assert request.by_clock
    assert request.where.workers == 1


@pytest.mark.parametrize(
    ("tokenizers", "setting", "said"),
    [
        ("char,bpe", {"vocabulary_size": 600}, "--set 'columns.bpe.vocabulary_size=600'"),
        ("char", {"vocabulary_size": 600}, "--set 'columns.bpe.vocabulary_size=600'"),  # of a column not listed
        ("char", {"k": 4}, "--set 'columns.\"word:cluster\".k=4'"),
        ("word:unk,word:shape", {"case": "mark"}, 'columns."word:unk".case=mark\''),
        ("char", {"columns": {"char": {"units": 4}}}, "columns.char.network.units"),
        ("char", {"units": 4}, "did you mean 'network.units'"),
    ],
)
def test_an_option_of_a_column_is_not_one_of_all(corpus_folder, tokenizers, setting, said):
    with pytest.raises(InputError, match=re.escape(said)):
        make_request(tokenizers=tokenizers, corpus=corpus_folder, settings=setting).check()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"train.learning_rate": 0.012}, "there characters.train.learning_rate is 'not set', here it is 0.024"),
        ({"samples.temperature": 0.8}, "there samples.temperature is 0.8"),
    ],
)
def test_what_a_folder_was_given_is_not_taken_for_what_the_recipe_says(corpus_folder, tmp_path, given, said):
    made = make_request(tokenizers=["char"], corpus=corpus_folder, settings=given)
    request = make_request(tokenizers=["char"], corpus=corpus_folder)
    mark(tmp_path, made.asked(), COMPARISON)
    with pytest.raises(InputError, match=said):
        taken(tmp_path, request, Silent(), fresh=False)


def test_a_short_training_that_goes_on_goes_on_with_its_recipe(corpus_folder, monkeypatch):
    monkeypatch.setattr("toolkit.training.recipes.STANDARD_FROM", 1)
    own = {"narrow": {"tokenizer": "char", "network": {"units": 128}}}
    request = make_request(
        tokenizers=["char", "narrow"], corpus=corpus_folder, epochs=2, settings={"columns": own}
    )
    further = request.in_stages([2, 8])
    assert [spec.earlier for spec in further.specs()] == request.specs()
    made_longer = {name: {"train": {"epochs": None, "updates": 900}} for name in ("char", "narrow")}
    longer = Matching(made_longer).applied(replace(request, match="flops"))
    decays = {spec.basis.settings.train.weight_decay for spec in longer.specs()}
    rates = {spec.basis.settings.train.learning_rate for spec in longer.specs()}
    assert (rates, decays) == ({0.012}, {0.0})


def test_a_column_that_is_short_by_a_length_of_its_own_stays_so(corpus_folder, monkeypatch):
    monkeypatch.setattr("toolkit.training.recipes.STANDARD_FROM", 1)
    request = asked(corpus_folder, {"brief": {"tokenizer": "char", "train": {"epochs": 2}}})
    again = request.in_stages([request.settings.train.length])  # as a folder that is there has it
    assert again.specs() == request.specs()
    assert [spec.basis.settings.train.learning_rate for spec in again.specs()] == [0.024, 0.012]


def test_a_folder_of_another_version_of_compare_toml_is_refused(corpus_folder, tmp_path):
    request = make_request(tokenizers=["char"], corpus=corpus_folder)
    mark(tmp_path, request.asked() | {"version": 3}, COMPARISON)
    with pytest.raises(InputError, match=r"compare\.toml is damaged or from another version .*version: .*--fresh"):
        taken(tmp_path, request, Silent(), fresh=False)


def test_what_only_counts_is_not_trained_by_the_clock(corpus_folder):
    budget = {"corpus": corpus_folder, "budget": 60}
    assert not make_request(tokenizers=["char@ngram"], **budget).by_clock
    assert make_request(tokenizers=["char@ngram", "char"], **budget).by_clock


def test_a_cell_of_someone_else_is_named_with_the_columns_that_have_it(corpus_folder):
    with CELLS.restored():
        CELLS.add("mine")(type("Mine", (), {}))
        request = make_request(tokenizers=["char"], corpus=corpus_folder, settings={"network.cell": "mine"})
        with pytest.raises(InputError, match="name it with the columns that have it, such as char@mine"):
            request.check()
