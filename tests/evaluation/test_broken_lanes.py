"""Planted lanes that are broken in four ways: at least two measures distinguish each from the author's passages."""

import random

import pytest

from toolkit.config import SampleSettings
from toolkit.evaluation.generating import Author
from toolkit.evaluation.metrics import Reference, by_document
from toolkit.evaluation.metrics.generated import measurements
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.tagging import Tagger

pytestmark = pytest.mark.slow
LENGTH, COUNT = 2000, 5


@pytest.fixture(scope="module")
def author(request):
    """The author of the bundled tales, for five samples of 2,000 characters."""
    tales = split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))
    training, valid = (tuple(document.text for document in part) for part in (tales.train, tales.valid))
    return Author(tales, SampleSettings(), Reference(training, tagger=Tagger(tags=False), others=valid))


def shuffle(pieces, between):
    mixed = list(pieces)
    random.Random(5).shuffle(mixed)
    return between.join(mixed).ljust(LENGTH)[:LENGTH]


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        ("training text", {"novelty_5", "longest_copy_characters"}),
        ("a constant", {"the_per_10k", "distinct_2", "repetition_4", "loop_rate", "mattr_100", "letters_jsd"}),
        ("shuffled words", {"two_sample_auc"}),
        ("shuffled letters", {"letter_pairs_jsd", "real_word_rate", "two_sample_auc"}),
    ],
)
def test_a_broken_lane_is_distinguished(author, lane, expected):
    lanes = {
        "training text": by_document([document.text for document in author.split.train], COUNT, LENGTH),
        "a constant": [("the " * LENGTH)[:LENGTH]] * COUNT,
        "shuffled words": [shuffle(text.split(), " ") for text in author.held_out.texts],
        "shuffled letters": [shuffle(text, "") for text in author.held_out.texts],
    }
    assert author.measured_characters == LENGTH
    measures = set(author.lane_of(measurements(lanes[lane], author.reference)).telling)
    assert expected <= measures
    assert len(measures) >= 2


def test_other_passages_of_the_author_are_not_distinguished(author):
    assert len(author.another.telling) <= 4  # of 21
    lane = author.lane_of(author.held_out)
    assert (lane.telling, lane.told_apart.p > 0.05) == ([], True)
