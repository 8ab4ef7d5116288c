"""The n-gram on fractions of the training documents."""

from dataclasses import replace

import pytest

from toolkit.comparison.request import Request
from toolkit.config import CompareSettings
from toolkit.inference.ngram import NGramModel
from toolkit.inspection.columns import counted_after_fractions
from toolkit.inspection.more_text import FRACTIONS, after_fractions, more_text
from toolkit.inspection.tables import tables
from toolkit.report.inspection import render
from toolkit.runs.columns import parse_columns
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.fractions import part_of
from toolkit.tokenizers import TOKENIZERS

TALE = "The lamp had been lit for {} nights, and on the next it was the keeper who climbed up to see why.\n"


def split_of(number: int) -> Split:
    """A split with so many training documents."""
    documents = [Document(f"d{i}", TALE.format(i * 7919) * 3) for i in range(number + 2)]
    return Split(tuple(documents[:number]), (documents[number],), (documents[number + 1],))


def grown(split: Split):
    """What more text gives to characters, and the n-gram of the whole."""
    tokenizer = TOKENIZERS.make("char").fit(split.train, split.valid)
    train, valid, test = ([tokenizer.encode(d) for d in part] for part in (split.train, split.valid, split.test))
    model = NGramModel.fitted(tokenizer, train, valid)
    bits = [document.total for document in model.score(test)]
    return more_text(after_fractions(lambda: TOKENIZERS.make("char"), split), split, bits), bits


def test_the_last_point_is_the_ngram_of_the_whole_text_and_the_others_come_before_it():
    split = split_of(40)
    found, of_documents = grown(split)
    characters = [n for n, _ in found.points]
    assert characters == sorted(set(characters))
    assert len(characters) == len(FRACTIONS) + 1
    bits = sum(of_documents) / len(split.test[0].text)
    assert found.points[-1][1] == pytest.approx(bits)
    assert found.held_back == found.curve.held_back
    assert found.held_back.measured == pytest.approx(bits)
    assert found.scored_characters == len(split.test[0].text)


@pytest.mark.parametrize("number", [8, 9])
def test_fractions_that_are_the_same_document_are_one_point_and_too_few_points_predict_nothing(number):
    """Here a sixteenth and an eighth are one document: a curve fitted through the same point twice is no forecast."""
    found, _ = grown(split_of(number))
    assert len(found.points) == len({n for n, _ in found.points}) == 3
    assert found.curve is not None
    assert found.held_back is None


def test_three_points_are_shown_without_a_prediction(inspection):
    found, _ = grown(split_of(8))
    char = inspection.columns[0].model_copy(update={"more_text": found})
    few = inspection.model_copy(update={"columns": [char]})
    _, line = dict(tables(few))["What more text gives: the n-grams after fractions of the training text"]
    assert (len(line), line[-2:]) == (1 + 3 + 2, ["–", "–"])
    page = render(few)
    assert "There are too few such fractions to predict the whole from them." in page
    assert "A power law with an offset" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_with_too_few_documents_there_is_none(number):
    assert grown(split_of(number))[0] is None


@pytest.mark.parametrize("name", ["char", "word:unk", "bpe"])
def test_a_point_is_that_of_a_column_which_has_read_no_more(name):
    """A tokenizer of the whole text would know its words, and spell them for less."""
    split = split_of(40)

    def make():
        column, _, strategy = name.partition(":")
        return TOKENIZERS.make(column, **({"strategy": strategy} if strategy else {}))

    def counted(part):
        tokenizer = make().fit(part.train, part.valid)
        train, valid, test = ([tokenizer.encode(d) for d in of] for of in (part.train, part.valid, part.test))
        return NGramModel.fitted(tokenizer, train, valid), test

    for (_, bits), fraction in zip(after_fractions(make, split), FRACTIONS, strict=True):
        model, encodings = counted(part_of(split, fraction))
        wanted = sum(document.total for document in model.score(encodings)) / len(split.test[0].text)
        assert bits == pytest.approx(wanted)


def test_a_fraction_of_one_document_is_left_out_where_words_are_rare_by_documents():
    """All words are in no more than one document there, and would be spelled; and columns are beside each other."""
    split = split_of(8)  # of which a sixteenth and an eighth are one document, and a quarter are two
    columns = parse_columns(["char@ngram", "rare"], {"rare": {"tokenizer": "word:unk@ngram", "rare_max_documents": 1}})
    request = Request(Corpus("few", split.documents, given=split), columns, CompareSettings())
    two = sum(document.characters for document in part_of(split, 1 / 4).train)
    for column in columns:
        assert [n for n, _ in counted_after_fractions(request, column)] == [two]
    alone = replace(request, columns=columns[:1])
    assert len(counted_after_fractions(alone, columns[0])) == 2


def test_orders_and_spellers_are_chosen_on_the_shortest_validation_documents():
    """A first one of any length would be read for each fraction."""
    split = split_of(40)
    long = Document("long", TALE.format(1) * 2000)
    points = after_fractions(lambda: TOKENIZERS.make("word", strategy="unk"), split)
    both = replace(split, valid=(long, *split.valid))
    assert after_fractions(lambda: TOKENIZERS.make("word", strategy="unk"), both) == points
