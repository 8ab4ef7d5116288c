"""Planted lanes that are broken in four ways: at least two measures tell each of them from the author's passages."""

import random

import pytest

from toolkit.config import SampleSettings
from toolkit.evaluation.generating import Author
from toolkit.evaluation.metrics.generated import measurements
from toolkit.evaluation.metrics.reference import Reference, by_document
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.tagging import Tagger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def author(request):
    """The author of the bundled tales, for five samples of 2,000 characters."""
    tales = split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))
    training, valid = (tuple(document.text for document in part) for part in (tales.train, tales.valid))
    return Author(tales, SampleSettings(), Reference(training, tagger=Tagger(tags=False), others=valid))


def outside(author, texts):
    """The measures that tell a lane from the author's passages."""
    assert [len(text) for text in texts] == [author.measured_characters] * author.settings.count
    telling_measures = author.lane_of(measurements(texts, author.reference)).telling
    assert telling_measures is not None
    return set(telling_measures)


def shuffled(pieces, between, length):
    """The pieces in another order."""
    mixed = list(pieces)
    random.Random(5).shuffle(mixed)
    return (between.join(mixed) + " " * length)[:length]


def test_training_text_as_generated_text(author):
    texts = by_document([document.text for document in author.split.train], 5, 2000)
    assert {"novelty_5", "longest_copy_characters"} <= outside(author, texts)


def test_a_constant(author):
    caught = outside(author, [("the " * 500)[:2000]] * 5)
    assert {"the_per_10k", "distinct_2", "repetition_4", "loop_rate", "mattr_100", "letters_jsd"} <= caught


def test_shuffled_words(author):
    caught = outside(author, [shuffled(text.split(), " ", 2000) for text in author.held_out.texts])
    assert {"two_sample_auc", "sentence_lengths_jsd"} & caught
    assert len(caught) >= 2, caught


def test_shuffled_letters(author):
    caught = outside(author, [shuffled(text, "", 2000) for text in author.held_out.texts])
    assert {"letter_pairs_jsd", "real_word_rate", "two_sample_auc"} <= caught


def test_other_passages_of_the_author_are_not_called_broken(author):
    lane = author.another
    assert lane is not None
    assert lane.telling is not None
    assert len(lane.telling) <= 4, lane.telling  # of 21
    assert author.lane.telling == []
    assert author.lane.told_apart is not None
    assert author.lane.told_apart.p > 0.05
