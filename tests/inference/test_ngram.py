"""n-grams: a hand-worked example, the law that they sum to one, and stepping against scoring."""

import numpy as np
import pytest

from toolkit.events.encoding import DOC, Reserve
from toolkit.inference.ngram import NGramStepper, count, kneser_ney_discounts, levels_of, nodes

A, B = 1, 2


def sequences(*texts):
    return [np.array([DOC, *({"a": A, "b": B}[c] for c in text), DOC], np.int32) for text in texts]


def test_kneser_ney_by_hand():
    """N = 4, 2, 1, 1: Y = ½, d(1) = 1 − 2·½·2/4 = ½, d(2) = 2 − 3·½·½ = 1.25, d(3+) = 3 − 4·½·1 = 1."""
    discounts = kneser_ney_discounts(np.array([1, 1, 1, 1, 2, 2, 3, 4, 9]))
    assert discounts.tolist() == [0.0, 0.5, 1.25, 1.0]
    keys, counts = np.arange(9), np.array([1, 1, 1, 1, 2, 2, 3, 4, 9])
    (level,) = levels_of([(keys, counts)], 9)
    assert level.kneser_ney
    assert level.backoff[0] == pytest.approx(4 * 0.5 + 2 * 1.25 + 3 * 1.0)
    assert level.discounted[:-1].tolist() == [0.5] * 4 + [0.75] * 2 + [2.0, 3.0, 8.0]


class BruteForce:
    """The definition, written out with dictionaries over all n-grams, level by level; one symbol is never counted."""

    def __init__(self, documents, order, size, uncounted=None):
        self.order, self.size = order, size
        self.counts = {}  # by n-gram: how often it occurs, or how many different symbols stand before it
        self.discounts = {}
        for k in range(1, order + 1):
            ends = [(d, i) for d in documents for i in range(max(k, 2), len(d) + 1) if d[i - 1] != uncounted]
            grams = [tuple(d[i - k : i]) for d, i in ends]
            first = {tuple(d[:k]) for d in documents} if k > 1 else set()
            longer = {tuple(d[i - k - 1 : i]) for d, i in ends if i > k}
            for gram in set(grams):
                if k == order or gram in first:
                    self.counts[gram] = grams.count(gram)
                else:
                    self.counts[gram] = sum(one[1:] == gram for one in longer)
            self.discounts[k] = kneser_ney_discounts(np.array([n for g, n in self.counts.items() if len(g) == k]))

    def probability(self, context, symbol, k=None):
        k = min(self.order, len(context) + 1) if k is None else k
        if k == 0:
            return 1 / self.size
        context = context[len(context) - k + 1 :]
        after = {gram[-1]: n for gram, n in self.counts.items() if len(gram) == k and gram[:-1] == context}
        lower = self.probability(context[1:], symbol, k - 1)
        if not after:
            return lower
        n, d = sum(after.values()), self.discounts[k]
        if d is None:
            return (after.get(symbol, 0) + len(after) * lower) / (n + len(after))
        back = sum(d[min(count_of, 3)] for count_of in after.values())
        mine = after.get(symbol, 0)
        return (mine - d[min(mine, 3)] + back * lower) / n


def chain(documents, order, size):
    """The levels up to an order."""
    tables = count(documents, order, size)
    return levels_of([*((t.keys, t.different) for t in tables[:-1]), (tables[-1].keys, tables[-1].counts)], size)


def probabilities(levels, document, size):
    """P of each symbol of a document but the first."""
    lower = np.full(len(document) - 1, 1 / size)
    for level, (contexts, ngrams) in zip(levels, nodes(levels, document), strict=True):
        lower = level.mixed(lower, contexts, level.discounted[ngrams])
    return lower


def test_witten_bell_by_hand():
    """Counts of counts give no discounts here. P(b | a) = (2 + 2 · P(b)) / (3 + 2), P(b) = (1 + 3 · ⅓) / (4 + 3)."""
    levels = chain(sequences("aab", "ab"), 2, 3)
    assert not any(level.kneser_ney for level in levels)
    assert probabilities(levels, sequences("ab")[0], 3)[1] == pytest.approx((2 + 2 * (2 / 7)) / 5)


def drawn(seed, number):
    """Documents of 60 symbols from a skewed distribution."""
    rng, weights = np.random.default_rng(seed), 1.0 / np.arange(1, 7)
    symbols = (rng.choice(6, 60, p=weights / weights.sum()) + 1 for _ in range(number))
    return [np.array([DOC, *of_document, DOC], np.int32) for of_document in symbols]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_those_of_the_definition(order):
    *training, held_out = drawn(order, 6)
    slow = BruteForce([tuple(document.tolist()) for document in training], order, 7)
    levels, document = chain(training, order, 7), tuple(held_out.tolist())
    assert any(level.kneser_ney for level in levels) or order == 1
    expected = [slow.probability(document[:i], document[i]) for i in range(1, len(document))]
    np.testing.assert_allclose(probabilities(levels, held_out, 7), expected, rtol=1e-12)


def test_counting_while_reading_keeps_the_discounts_of_training():
    """By the definition again, at every place of a document: training's counts and those read before."""
    training, reserve = drawn(5, 4), Reserve(np.arange(8) != 7, 1, 100)
    documents = [tuple(document.tolist()) for document in training]
    levels = chain(training, 3, 8)
    assert any(level.kneser_ney for level in levels)
    stepper, discounts = NGramStepper(levels, reserve, counting=True), BruteForce(documents, 3, 7).discounts
    begun: list[tuple[int, ...]] = [(DOC,)]
    for id_ in (1, 2, 1, 0, 3, 1, 2, 7, 6, 6, 0, 1, 7, 7, 1, 1):  # training never shows 7
        increased = BruteForce([*documents, *begun], 3, 7, uncounted=7)
        increased.discounts = discounts
        expected = [increased.probability(begun[-1], symbol) for symbol in range(7)]
        np.testing.assert_allclose(stepper.distribution(), reserve.spread(np.array(expected)), rtol=1e-9)
        stepper.feed(id_)
        begun[-1] += (id_,)
        begun += [(DOC,)] * (id_ == DOC)
