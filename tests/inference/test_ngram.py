"""n-grams: a hand-worked example, the law that they sum to one, and stepping against scoring."""

import math

import numpy as np
import pytest

from toolkit.events.encoding import DOC
from toolkit.events.vocabulary import Reserve
from toolkit.inference.adapting import Adapting
from toolkit.inference.counts import NGrams, count, kneser_ney_discounts
from toolkit.inference.ngram import CountingStepper, NGramModel, NGramStepper, symbols
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SpacyWords

A, B = 1, 2
UNSEEN = Document("unseen", "Ωλ the harbour 😀 quincuncial astrolabes, and THE end")


def sequences(*texts):
    return [np.array([DOC, *({"a": A, "b": B}[c] for c in text), DOC], np.int32) for text in texts]


def test_counts_by_hand():
    """Of "aab" and "ab": a a a b b and two ends; after the beginning a, a; after a: a, b, b; after b: two ends."""
    unigrams, bigrams, trigrams = count(sequences("aab", "ab"), 3, 3)
    assert unigrams.keys.tolist() == [DOC, A, B]
    assert unigrams.counts.tolist() == [2, 3, 2]
    assert unigrams.different.tolist() == [1, 2, 1]  # an end after b; a after the beginning and after a; b after a
    assert bigrams.keys.tolist() == [0 * 3 + A, 1 * 3 + A, 1 * 3 + B, 2 * 3 + DOC]
    assert bigrams.counts.tolist() == [2, 1, 2, 2]
    assert bigrams.different.tolist() == [2, 1, 2, 1]  # the first begins a document, and keeps its count
    assert trigrams.counts.sum() == 5  # each of seven events but the first of either document


def test_witten_bell_by_hand():
    """Counts of counts give no discounts here. P(b | a) = (2 + 2 · P(b)) / (3 + 2), P(b) = (1 + 3 · ⅓) / (4 + 3)."""
    ngrams = NGrams.of(count(sequences("aab", "ab"), 2, 3), 2, 3, 3)
    assert not any(level.kneser_ney for level in ngrams.levels)
    (_, b, _) = ngrams.probabilities(list(ngrams.nodes(sequences("ab")[0])))
    assert b == pytest.approx((2 + 2 * (2 / 7)) / 5)


def test_kneser_ney_by_hand():
    """N = 4, 2, 1, 1: Y = ½, d(1) = 1 − 2·½·2/4 = ½, d(2) = 2 − 3·½·½ = 1.25, d(3+) = 3 − 4·½·1 = 1."""
    discounts = kneser_ney_discounts(np.array([1, 1, 1, 1, 2, 2, 3, 4, 9]))
    assert discounts.tolist() == [0.0, 0.5, 1.25, 1.0]
    keys, counts = np.arange(9), np.array([1, 1, 1, 1, 2, 2, 3, 4, 9])
    (level,) = NGrams([(keys, counts)], 9, 9).levels
    assert level.kneser_ney
    assert level.backoff[0] == pytest.approx(4 * 0.5 + 2 * 1.25 + 3 * 1.0)
    assert level.discounted.tolist() == [0.5] * 4 + [0.75] * 2 + [2.0, 3.0, 8.0]


@pytest.fixture(scope="module", params=["char", "word:pos", "word:drop"])
def model(request, split):
    tokenizer = Characters() if request.param == "char" else SpacyWords(request.param.partition(":")[2])
    tokenizer.fit(split.train, split.valid)
    return NGramModel.fitted(
        tokenizer, [tokenizer.encode(d) for d in split.train], [tokenizer.encode(d) for d in split.valid]
    )


def test_the_order_is_the_best_on_validation_documents(model, split):
    vocabulary = model.tokenizer.vocabulary
    tables = count(
        [symbols(vocabulary, model.tokenizer.encode(document)) for document in split.train], 9, len(vocabulary)
    )
    valid = [model.tokenizer.encode(document) for document in split.valid]
    bits = []
    for order in range(1, 10):
        ngrams = NGrams.of(tables, order, len(vocabulary), vocabulary.reserve.trained_count)
        bits.append(sum(events.bits.sum() for events in NGramModel(model.tokenizer, ngrams).events(valid)))
    assert model.order == np.argmin(bits) + 1 > 1
    assert min(bits) < 0.97 * bits[0]


@pytest.mark.parametrize("kind", [NGramStepper, CountingStepper])
def test_every_distribution_sums_to_one_and_is_what_scoring_charges(model, split, kind):
    encoding = model.tokenizer.encode(Document("d", split.test[0].text[:400] + UNSEEN.text))
    stepper = kind(model.ngrams, model.tokenizer.vocabulary.reserve)
    (scores,) = model.score([encoding])
    expected = scores.network_bits + scores.outside_bits
    for id_, bits in zip(encoding.ids.tolist(), expected, strict=True):
        distribution = stepper.distribution()
        assert math.fsum(distribution) == pytest.approx(1, abs=1e-9)
        if kind is NGramStepper:
            assert -math.log2(distribution[id_]) == pytest.approx(bits, abs=1e-6)
        stepper.feed(id_)


def test_counting_on_equals_having_counted():
    """What was read counts as training counts it: by hand, one more document."""
    tokenizer = Characters().fit([Document("a", "abab"), Document("b", "ba")])
    first, second = (tokenizer.encode(Document("d", text)) for text in ("abab", "ba"))

    def model(*encodings):
        return NGramModel(tokenizer, NGrams.of(count([np.array([DOC, *e.ids]) for e in encodings], 3, 4), 3, 4, 3))

    stepper = model(first).learner(0.3)
    for id_ in second.ids.tolist():
        stepper.feed(id_)
    both = model(first, second).start()
    for id_ in first.ids.tolist():
        np.testing.assert_allclose(stepper.distribution(), both.distribution())
        both.feed(id_)
        NGramStepper.feed(stepper, id_)  # goes on without counting
        stepper._history = [*stepper._history, id_][-3:] if id_ != DOC else [DOC]


def test_a_text_that_repeats_itself_gets_cheaper(model):
    encodings = [model.tokenizer.encode(Document("d", "The keeper wrote quincunx in his book. " * 6))] * 2
    first, second = Adapting(model, 0.3).score(encodings)
    (still,) = model.score(encodings[:1])
    assert second.network_bits.sum() < 0.5 * first.network_bits.sum() < 0.5 * still.network_bits.sum()


def test_it_comes_back_from_its_arrays(model, split):
    again = NGramModel.restored(model.tokenizer, model.arrays())
    encodings = [model.tokenizer.encode(document) for document in split.test]
    for a, b in zip(model.score(encodings), again.score(encodings), strict=True):
        np.testing.assert_array_equal(a.bits, b.bits)


class BruteForce:
    """The definition, written out with dictionaries over all n-grams, level by level."""

    def __init__(self, documents, order, size):
        self.order, self.size = order, size
        self.counts = {}  # by n-gram: how often it occurs, or how many different symbols stand before it
        self.discounts = {}
        for k in range(1, order + 1):
            grams = [tuple(d[i - k : i]) for d in documents for i in range(max(k, 2), len(d) + 1)]
            first = {tuple(d[:k]) for d in documents} if k > 1 else set()
            longer = {tuple(d[i - k - 1 : i]) for d in documents for i in range(k + 1, len(d) + 1)}
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


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_those_of_the_definition(order):
    rng = np.random.default_rng(order)
    weights = 1.0 / np.arange(1, 7)
    documents = [np.array([DOC, *rng.choice(6, 60, p=weights / weights.sum()) + 1, DOC], np.int32) for _ in range(6)]
    *training, held_out = [tuple(document.tolist()) for document in documents]
    slow = BruteForce(training, order, 7)
    ngrams = NGrams.of(count(documents[:-1], 6, 7), order, 7, 7)
    assert any(level.kneser_ney for level in ngrams.levels) or order == 1
    expected = [slow.probability(held_out[:i], held_out[i]) for i in range(1, len(held_out))]
    np.testing.assert_allclose(ngrams.probabilities(list(ngrams.nodes(documents[-1]))), expected, rtol=1e-12)


def test_counting_on_keeps_the_discounts_of_training():
    """By the definition again: counts of what was read too, discounts of training alone."""
    rng = np.random.default_rng(5)
    weights = 1.0 / np.arange(1, 7)
    documents = [np.array([DOC, *rng.choice(6, 50, p=weights / weights.sum()) + 1, DOC], np.int32) for _ in range(6)]
    *training, read, last = [tuple(document.tolist()) for document in documents]
    slow, grown = BruteForce(training, 3, 7), BruteForce([*training, read], 3, 7)
    grown.discounts = slow.discounts
    ngrams = NGrams.of(count(documents[:4], 3, 7), 3, 7, 7)
    assert any(level.kneser_ney for level in ngrams.levels)
    reserve = Reserve(np.ones(7, bool), 0, 1)
    stepper = CountingStepper(ngrams, reserve)
    for id_ in read[1:]:
        stepper.feed(id_)
    for i, id_ in enumerate(last[1:], 1):
        if i == 20:  # what is read now counts as well
            break
        expected = [grown.probability(last[:i], symbol) for symbol in range(7)]
        np.testing.assert_allclose(stepper.distribution(), reserve.spread(np.array(expected)), rtol=1e-9)
        NGramStepper.feed(stepper, id_)
        stepper._history = [*stepper._history, id_][-3:]


def test_a_plug_in_may_draw_ids_in_a_way_of_its_own(split):
    """Its ``sample`` takes what ``Model.sample`` has always taken."""
    asked = []

    class Mine(NGramModel):
        def sample(self, prompt, seeds, temperature, top_k, top_p):
            asked.append((temperature, top_k, top_p))
            return super().sample(prompt, seeds, temperature, top_k, top_p)

    tokenizer = Characters().fit(split.train, split.valid)
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    (text,) = Mine.fitted(tokenizer, training, valid).generate("The", length=9, temperature=0.7, top_k=3, top_p=0.9)
    assert len(text) == 9
    assert set(asked) == {(0.7, 3, 0.9)}
