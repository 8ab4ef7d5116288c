"""The n-gram on fractions of the training documents, and the length of training."""

from dataclasses import replace

import pytest

from toolkit.comparison.reading import make_request
from toolkit.config import TrainSettings
from toolkit.inference.ngram import NGramModel
from toolkit.inspection.columns import FRACTIONS, fitted_column, updates_needed
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.folds import part_of

TALE = "The lamp had been lit for {} nights, and on the next it was the keeper who climbed up to see why.\n"
RARE = {"columns": {"rare": {"tokenizer": "word:unk@ngram", "rare_max_documents": 1}}}


def request_of(documents, tokenizers="char@ngram", valid=(), settings=None):
    """A request for a corpus with this number of training documents."""
    tales = [Document(f"d{i}", TALE.format(i * 7919) * 3) for i in range(documents + 2)]
    corpus = Corpus("tales", (), given=Split(tuple(tales[:documents]), (*valid, tales[-2]), (tales[-1],)))
    return make_request(corpus=corpus, tokenizers=tokenizers, settings=settings)


def record(request, place=0):
    return fitted_column(request, request.columns[place]).record


@pytest.mark.parametrize(("documents", "number"), [(1, 0), (3, 0), (8, 3), (9, 3), (40, 4)])
def test_each_different_fraction_is_a_point_and_the_last_is_the_whole_text(documents, number):
    """Of eight documents, a sixteenth and an eighth are the same. A curve through one point twice predicts nothing."""
    column = record(request_of(documents))
    facts = column.more_text
    assert (facts is not None) == bool(number)
    if facts:
        assert len(facts.points) == len(set(facts.points)) == number
        assert facts.points[-1][1] == pytest.approx(column.ngram.bits_per_character.total)  # of one held-out document
        assert (facts.curve.held_back is not None) == (number == 4)


@pytest.mark.parametrize("name", ["char", "word:unk", "bpe"])
def test_a_point_is_a_column_that_has_read_no_more(name):
    """A tokenizer of the whole text knows its words, and spells them for less."""
    request = request_of(40, f"{name}@ngram")
    for (_, bits), fraction in zip(record(request).more_text.points[:-1], FRACTIONS, strict=True):
        part = part_of(request.split, fraction)
        tokenizer = request.tokenizer(request.columns[0]).fit(part.train, part.valid)
        train, valid, test = ([tokenizer.encode(d) for d in documents] for documents in part.parts.values())
        scores = NGramModel.fitted(tokenizer, train, valid).score(test)
        assert bits == pytest.approx(scores[0].total / len(part.test[0].text))


def test_a_fraction_of_one_document_is_left_out_where_words_are_rare_by_documents():
    """Each word would be rare in it. All columns have the same fractions."""
    request = request_of(8, "char@ngram,rare", settings=RARE)
    quarter = sum(document.characters for document in part_of(request.split, 1 / 4).train)
    whole = sum(document.characters for document in request.split.train)
    points = [[n for n, _ in record(request, place).more_text.points] for place in (0, 1)]
    assert points == [[quarter, whole]] * 2
    assert len(record(replace(request, columns=request.columns[:1])).more_text.points) == 3


def test_the_shortest_validation_documents_choose_orders_and_spellers():
    long, short = (record(request_of(40, valid=valid)).more_text for valid in ([Document("long", TALE * 2000)], ()))
    assert long.points[:-1] == short.points[:-1]


@pytest.mark.parametrize(("epochs", "last", "updates"), [(3, 50, 20), (3, 5, 5), (None, 5, 20)])
def test_a_budget_and_epochs_end_training_at_whichever_comes_first(epochs, last, updates):
    assert updates_needed(TrainSettings(budget_seconds=10.0, epochs=epochs), last, 2.0) == updates
    assert updates_needed(TrainSettings(), 7, 2.0) == 7
