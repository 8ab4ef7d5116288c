"""Planted lanes that are broken in four ways: at least two measures distinguish each from the author's passages."""

import random

import pytest

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.metrics import by_document
from toolkit.evaluation.metrics.generated import measurements
from toolkit.text.catalogue import find_corpus
from toolkit.text.splits import split


def shuffle(pieces, between):
    mixed = list(pieces)
    random.Random(5).shuffle(mixed)
    return between.join(mixed).ljust(2000)[:2000]


@pytest.mark.slow
def test_broken_lanes_are_distinguished_and_the_author_is_not():
    author = EvaluationData(split(find_corpus("weird-tales")), "en", SampleSettings()).author
    training, held_out = [document.text for document in author.split.train], author.held_out.texts
    assert [len(text) for text in held_out] == [2000] * 5
    repetitive = {"the_per_10k", "distinct_2", "repetition_4", "loop_rate", "mattr_100", "letters_jsd"}
    for texts, expected in [
        (by_document(training, 5, 2000), {"novelty_5", "longest_copy_characters"}),
        (["the " * 500] * 5, repetitive),
        ([shuffle(text.split(), " ") for text in held_out], {"two_sample_auc"}),
        ([shuffle(text, "") for text in held_out], {"letter_pairs_jsd", "real_word_rate", "two_sample_auc"}),
    ]:
        measures = set(author.lane_of(measurements(texts, author.reference)).telling)
        assert expected <= measures
        assert len(measures) >= 2
    assert len(author.another.telling) <= 4  # of 21
    lane = author.lane_of(author.held_out)
    assert (lane.telling, lane.told_apart.p > 0.05) == ([], True)
