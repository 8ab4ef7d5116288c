"""Columns: full names, strategies, duplicates, named options."""

import pytest

from toolkit.comparison.request import Request
from toolkit.config import parse_settings
from toolkit.errors import InputError
from toolkit.runs.columns import Column, parse_column, parse_columns


def names(columns):
    return [column.name for column in columns]


def test_word_is_word_pos():
    (column,) = parse_columns(["word"], {})
    assert (column.name, column.tokenizer, column.strategy) == ("word:pos", "word", "pos")


def test_whitespace_is_whitespace_keep():
    column, unk = parse_columns(["whitespace", "whitespace:unk"], {"whitespace:unk": {"rare_max_count": 4}})
    assert (column.name, column.tokenizer, column.strategy) == ("whitespace:keep", "whitespace", "keep")
    assert not column.make(language="en").strategy.closed
    assert unk.make(language="en").rare_max_count == 4


def test_closed_is_an_option_of_keep_alone():
    (column,) = parse_columns(["whitespace"], {"whitespace:keep": {"closed": True}})
    assert column.make(language="en").strategy.closed
    (column,) = parse_columns(["whitespace:unk"], {"whitespace:unk": {"closed": True}})
    with pytest.raises(InputError, match="has no option 'closed'"):
        column.make(language="en")


def test_order_is_as_given():
    assert names(parse_columns(["word:unk", "char", "word"], {})) == ["word:unk", "char", "word:pos"]


@pytest.mark.parametrize("given", [["word", "word:pos"], ["char", "word", "char"], ["word:pos", "word:pos"]])
def test_duplicates_are_judged_by_full_names(given):
    with pytest.raises(InputError, match="more than once") as error:
        parse_columns(given, {})
    assert "'word:pos'" in str(error.value) or "'char'" in str(error.value)


@pytest.mark.parametrize("given", ["char:pos", "char:"])
def test_char_takes_no_strategy(given):
    with pytest.raises(InputError, match="'char' takes no strategy") as error:
        parse_columns([given], {})
    assert "write 'char'" in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("wrod", "no tokenizer 'wrod'; did you mean 'word'"),
        ("Char", "no tokenizer 'Char'; did you mean 'char'"),
        ("word:pso", "no strategy 'pso'; did you mean 'pos'"),
        ("word:", "no strategy ''"),
        ("word:pos:unk", "no strategy 'pos:unk'"),
        (":pos", "no tokenizer ''"),
    ],
)
def test_unknown_names_get_the_nearest(given, said):
    with pytest.raises(InputError, match=said):
        parse_columns(["char", given], {})


def test_no_column_is_refused_with_an_example():
    with pytest.raises(InputError, match="--tokenizers char,word"):
        parse_columns([], {})


def test_a_named_table_is_a_column():
    options = {"word-rare2": {"tokenizer": "word:pos", "rare_max_count": 2}}
    named, plain = parse_columns(["word-rare2", "word"], options)
    assert (named.name, named.tokenizer, named.strategy) == ("word-rare2", "word", "pos")
    assert named.make().rare_max_count == 2
    assert plain.make().rare_max_count == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("the author", "cannot be called 'the author'"),
        ("the text itself", "cannot be called 'the text itself'"),
        ("mixture", "cannot be called 'mixture'"),
        ("char (adapting)", r"cannot be called 'char \(adapting\)'"),
        ("two\nlines", r"'two\\nlines' has characters that cannot be shown"),
        ("a\x1b[2J", "cannot be shown"),
        ("a`b", "'a`b' has a backquote"),
    ],
)
def test_a_name_that_means_something_else_or_cannot_be_shown_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        parse_columns([name], {name: {"tokenizer": "char"}})


@pytest.mark.parametrize("name", ["an author", "my mixture", "Größe 漢", "char (small)"])
def test_other_names_are_free(name):
    assert names(parse_columns([name], {name: {"tokenizer": "char"}})) == [name]


def test_options_of_a_full_name_reach_the_short_one():
    (column,) = parse_columns(["word"], {"word:pos": {"rare_max_count": 3}})
    assert column.make().rare_max_count == 3


def test_an_unknown_option_is_refused_with_the_nearest():
    (column,) = parse_columns(["word"], {"word:pos": {"rare_max_cuont": 3}})
    with pytest.raises(InputError, match="no option 'rare_max_cuont'; did you mean 'rare_max_count'"):
        column.make()


def test_an_option_of_a_tokenizer_without_any_is_refused():
    (column,) = parse_columns(["char"], {"char": {"rare_max_count": 3}})
    with pytest.raises(InputError, match="has no option 'rare_max_count'; it has none"):
        column.make()


def test_options_of_no_column_are_refused():
    with pytest.raises(InputError, match="options for a column 'word:unk', but the only columns are char, word:pos"):
        parse_columns(["char", "word"], {"word:unk": {"rare_max_count": 2}})


def test_an_unknown_tokenizer_in_a_table_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'word'"):
        parse_columns(["mine"], {"mine": {"tokenizer": "wrd"}})


@pytest.mark.parametrize(
    "options",
    [
        {"word:pos": {"rare_max_count": "two"}},
        {"word:pos": {"rare_max_count": 1.5}},
        {"word:pos": {"rare_max_count": True}},
        {"word:pos": {"rare_max_documents": []}},
        {"word:pos": {"spacy_model": 3}},
        {"word:pos": {"language": 3}},
        {"word:pos": {"tokenizer": 3}},
        {"word:pos": 3},
    ],
    ids=repr,
)
def test_an_option_that_is_none_is_an_input_error(options):
    with pytest.raises(InputError):
        parse_columns(["word:pos"], options)[0].make()


def test_options_that_are_no_table_are_an_input_error():
    with pytest.raises(InputError):
        parse_columns(["char"], 3)


def test_a_column_is_what_its_name_says():
    for options in ({"strategy": "unk"}, {"tokenizer": "char"}):
        with pytest.raises(InputError):
            parse_columns(["word:pos"], {"word:pos": options})[0].make()


def test_defaults_of_the_comparison_reach_those_that_know_them_and_yield_to_their_own():
    options = {"mine": {"tokenizer": "word", "rare_max_count": 2}}
    columns = [c.with_defaults({"rare_max_count": 5}) for c in parse_columns(["char", "word:unk", "mine"], options)]
    assert [dict(column.options) for column in columns] == [{}, {"rare_max_count": 5}, {"rare_max_count": 2}]
    assert columns[1].make(language="en", spacy_model=None).rare_max_count == 5


def test_columns_of_one_comparison_have_folders_of_their_own():
    with pytest.raises(InputError, match="more than once"):
        parse_columns(["word:pos", "word-pos"], {"word-pos": {"tokenizer": "word:unk"}})


def test_a_strategys_options_reach_it_and_the_tokenizers_its_own():
    options = {"word:cluster": {"k": 40, "rare_max_count": 2}, "few": {"tokenizer": "word:cluster", "k": 4}}
    many, few = (column.make(language="en") for column in parse_columns(["word:cluster", "few"], options))
    assert (many.strategy.k, few.strategy.k) == (40, 4)
    assert (many.rare_max_count, few.rare_max_count) == (2, 1)


def test_an_option_of_neither_is_refused_with_the_nearest_of_both():
    (column,) = parse_columns(["word:cluster"], {"word:cluster": {"sede": 1}})
    with pytest.raises(InputError, match="has no option 'sede'; did you mean 'seed'"):
        column.make()


def test_what_comes_after_the_colon_of_hf_is_a_file():
    (column,) = parse_columns(["hf:some/tokenizer.json"], {})
    assert (column.name, column.tokenizer, column.strategy) == ("hf:some/tokenizer.json", "hf", None)
    assert str(column.file) == "some/tokenizer.json"
    assert column.make(language="en").path == "some/tokenizer.json"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"word:unk": {"rare_max_count": 2, "rare_max_documents": 1}}, "give only one of them"),
        ({"word:keep": {"rare_max_count": 2}}, "keeps every word"),
        ({"whitespace:keep": {"rare_max_count": 2}}, "keeps every word"),
    ],
)
def test_bounds_of_rarity_that_mean_nothing_are_refused(options, message):
    (column,) = parse_columns(list(options), options)
    with pytest.raises(InputError, match=message):
        column.make(language="en")


def test_a_bound_of_the_comparison_yields_to_a_columns_own_and_to_keep():
    names = ["word:keep", "word:unk"]
    columns = parse_columns(names, {"word:unk": {"rare_max_documents": 1}})
    assert [dict(c.with_defaults({"rare_max_count": 2}).options) for c in columns] == [{}, {"rare_max_documents": 1}]


@pytest.mark.parametrize("name", ["word:pos", "../../etc", "a b", "a/b", "ä", "."])
def test_a_slug_is_one_harmless_part_of_a_path(name):
    slug = Column(name, "char", None).slug
    assert slug
    assert not set(slug) & set("/\\: ")


def test_what_is_asked_tells_named_columns_of_different_tokenizers_apart(corpus, tiny_settings):
    """Or else a folder of other numbers would be resumed."""
    from toolkit.comparison.library import make_request

    def asked(tokenizer):
        settings = {"columns": {"mine": {"tokenizer": tokenizer}}}
        return make_request(tokenizers="mine", corpus=corpus.path, settings=settings).asked()

    assert asked("word:pos") != asked("word:unk")
    assert asked("word:pos") == asked("word:pos")
    settings = parse_settings({}, tiny_settings)
    assert Request(corpus, parse_columns(["char"], {}), settings).asked()["tokenizers"] == ["char"]


@pytest.mark.parametrize(
    ("name", "full", "parts"),
    [
        ("char@gru", "char@gru", ("char", None, "gru")),
        ("char@lstm", "char", ("char", None, "lstm")),
        ("word@ngram", "word:pos@ngram", ("word", "pos", "ngram")),
        ("word:unk@gru", "word:unk@gru", ("word", "unk", "gru")),
        ("hf:a@b.json", "hf:a@b.json", ("hf", None, None)),
        ("hf:a@b.json@ngram", "hf:a@b.json@ngram", ("hf", None, "ngram")),
    ],
)
def test_a_model_is_named_after_an_at_sign(name, full, parts):
    column = parse_column(name, {})
    assert column.name == full
    assert (column.tokenizer, column.strategy, column.model) == parts


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(InputError, match=r"There is no model 'gruu'.*gru"):
        parse_column("char@gruu", {})


def test_models_tell_columns_apart_and_lstm_does_not():
    assert [column.name for column in parse_columns(["char", "char@gru"], {})] == ["char", "char@gru"]
    with pytest.raises(InputError, match="given more than once"):
        parse_columns(["char", "char@lstm"], {})


def test_a_named_column_has_a_model_and_keeps_it_in_its_table():
    (column,) = parse_columns(["few"], {"few": {"tokenizer": "word:unk@ngram", "rare_max_count": 2}})
    assert (column.name, column.strategy, column.model) == ("few", "unk", "ngram")
    assert column.table == {"tokenizer": "word:unk@ngram", "rare_max_count": 2}
