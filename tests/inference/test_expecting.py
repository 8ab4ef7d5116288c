"""Distributions at some places of documents: those of the model event by event, and those that scoring charges for."""

from functools import partial

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.inference.adapting import Adapting
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scoring import WINDOW
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords

UNSEEN = Document("unseen", "Ω ñandú 😀 zyzzyva, the harbour\n\n\n lay.  ")


def places_of(encodings, step=7):
    """Places of each document: none of the second, every few of the others, the first and the last among them."""
    chosen = [set(range(0, len(encoding.ids), step)) | {len(encoding.ids) - 1} for encoding in encodings]
    return [places if i != 1 else set() for i, places in enumerate(chosen)]


def stepped(model, encodings, places):
    """The same by feeding one event after another."""
    stepper = model.start()
    for number, encoding in enumerate(encodings):
        for place, id_ in enumerate(encoding.ids.tolist()):
            if place in places[number]:
                yield number, place, stepper.distribution()
            stepper.feed(id_)


def check(model, encodings, places=None):
    """The distributions at some places, by document and place; asserted to be those of the stepper and of the bits."""
    places = places or places_of(encodings)
    found = {(number, place): p for number, place, p in model.distributions(encodings, places)}
    expected = {(number, place): p for number, place, p in stepped(model, encodings, places)}
    assert found.keys() == expected.keys()
    scores = model.score(encodings)
    for (number, place), p in found.items():
        np.testing.assert_allclose(p, expected[number, place], rtol=2e-4, atol=2e-7)
        charged = scores[number].network_bits[place] + scores[number].outside_bits[place]
        assert -np.log2(p[encodings[number].ids[place]]) == pytest.approx(charged, rel=2e-4, abs=2e-5)
    return found


def test_a_networks_are_those_of_its_stepper_and_of_its_bits(run, split):
    model = run.model
    long = Document("long", "\n\n".join(document.text for document in (*split.test, *split.valid)))
    encodings = [model.tokenizer.encode(document) for document in (long, *split.test, UNSEEN)]
    assert max(len(encoding.ids) for encoding in encodings) > 2 * WINDOW  # windows carry their state along
    check(model, encodings)


def test_documents_that_are_not_read_to_their_ends_leave_no_state_to_the_next(run, split):
    model = run.model
    encodings = [model.tokenizer.encode(document) for document in [*split.test, *split.valid, *split.train][:6]]
    check(model, encodings, [{60}, {25}, {0, 1, 2, 5, 20}, {0, 3, 9}, {0}, {0, 1}])


@pytest.fixture(scope="module")
def outside(split):
    """A network and n-grams of a tokenizer with events that neither predicts, and the mean of the two."""
    tokenizer = SpacyWords("drop").fit(split.train, split.valid)
    reserve = tokenizer.vocabulary.reserve
    assert reserve.outside
    network = RecurrentNetwork(NetworkSettings(units=6), reserve.trained, one_hot=False, seed=1)
    training, valid = ([tokenizer.encode(d) for d in part] for part in (split.train, split.valid))
    both = [NeuralModel(tokenizer, network), NGramModel.fitted(tokenizer, training, valid)]
    return [*both, Ensemble(both)]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_those_of_any_model_with_events_outside_it(outside, split, number):
    model = outside[number]
    encodings = [model.tokenizer.encode(document) for document in (*split.test, UNSEEN)]
    (id_, share), *_ = model.tokenizer.vocabulary.reserve.outside.items()
    assert any(id_ in encoding.ids for encoding in encodings)
    for p in check(model, encodings).values():
        assert p.sum() == pytest.approx(1)
        assert p[id_] == pytest.approx(share)  # whatever the network or the counts say


def test_a_model_that_learns_has_learnt_from_the_documents_before(outside, split):
    ngrams = outside[1]
    first, last = (ngrams.tokenizer.encode(document) for document in (split.test[0], UNSEEN))
    learning = Adapting(ngrams, 0.3)
    after, alone = check(learning, [last, last, first]), check(ngrams, [last, last, first])
    assert abs(after[0, 0] - alone[0, 0]).max() < 1e-9  # nothing was read before
    assert abs(after[2, 0] - alone[2, 0]).max() > 1e-3  # two documents were


def test_nothing_is_read_where_nothing_is_wanted(run, split):
    encodings = [run.model.tokenizer.encode(document) for document in split.test]
    run.model.network.graphs.clear()
    assert list(run.model.distributions(encodings, [set() for _ in encodings])) == []
    assert not run.model.network.graphs
    read = partial(run.model.distributions, encodings)
    assert [place for _, place, _ in read([{3}, *(set() for _ in encodings[1:])])] == [3]
