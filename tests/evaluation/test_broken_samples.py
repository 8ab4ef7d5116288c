"""Texts that are broken in four ways: measures lie far from the author's, and the classifier distinguishes them."""

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
def test_intervals_of_broken_texts_exclude_the_author_and_the_classifier_does_not_distinguish_the_author():
    author = EvaluationData(split(find_corpus("weird-tales")), "en", SampleSettings()).author
    training, test = ([document.text for document in part] for part in (author.split.train, author.split.test))
    held_out = by_document(test, 5, 2000)
    assert [len(text) for text in held_out] == [2000] * 5
    repetitive = {"the_per_10k", "distinct_2", "repetition_4", "loop_rate", "mattr_100", "letters_jsd"}
    for texts, expected, p in [
        (by_document(training, 5, 2000), {"novelty_5", "longest_copy_characters"}, None),
        (["the " * 500] * 5, repetitive, None),
        ([shuffle(text.split(), " ") for text in held_out], set(), 1 / 126),
        ([shuffle(text, "") for text in held_out], {"letter_pairs_jsd", "real_word_rate"}, 1 / 126),
    ]:
        measured = measurements(texts, author.reference)
        values = measured.beside(author.held_out)
        apart = {n for n, v in values.items() if v.low is not None and not v.low <= v.author <= v.high}
        assert expected <= apart
        assert p is None or measured.two_sample_test.p == p
    assert author.held_out.two_sample_test.p > 0.05
