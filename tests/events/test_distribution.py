"""Event distributions sum to one, batched and stepwise; exact arithmetic is right, and no order of a sum changes it."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.events.distribution import (
    FLOOR,
    INPUT_BITS,
    SMALLEST,
    Matrix,
    exp,
    sigmoid,
    softmax,
    surprise_share,
    tanh,
    with_floor,
)
from toolkit.events.encoding import Events, Reserve
from toolkit.spelling.base import UnseenCharacters

MASK = np.array([True, True, False, True, False, True])
COUNTS = st.sampled_from([(1, 50), (9999, 9999), (10_000, 100), (0, 10**9)])
scalars = st.characters(exclude_categories=["Cs"])
X = np.concatenate([np.linspace(-700, 700, 20_001), np.linspace(-2, 2, 20_001), 10.0 ** -np.arange(20), [0.0]])
LOGITS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300).map(np.array)


def test_floors_shares_and_reserves_by_hand():
    mixed = with_floor(np.array([1.0, 0.0, 0.0]), 3)
    assert mixed.sum() == pytest.approx(1, abs=1e-15)
    assert mixed.min() >= FLOOR > SMALLEST
    # 3 of 99 training events stood in one document only: (3 + 1/2) / (99 + 1)
    assert surprise_share(3, 99) == 0.035
    p = Reserve(MASK, 2, 99).distribution(
        np.array([0, 0, 30, 0, -30, 0], np.float32)
    )  # whatever untrained logits
    assert p[~MASK] == pytest.approx([0.025 / 2] * 2)
    assert p[MASK] == pytest.approx([0.975 / 4] * 4)
    reserve = Reserve(np.ones(4, bool), 7, 10)  # without untrained ids
    assert reserve.share == 0
    assert reserve.distribution(np.zeros(4, np.float32)) == pytest.approx([0.25] * 4)


def test_an_event_covers_the_text_from_the_end_before_it():
    events = Events.of([3, 4, 5, 0], [2, 2, 7, 7], [0, 0, 1, 4], {2: "lamps"})
    assert (events.starts.tolist(), events.widths.tolist()) == ([0, 2, 2, 7], [2, 0, 5, 0])
    assert (len(events), events.characters) == (4, 7)


@pytest.mark.parametrize("outside", [{}, {2: 0.25, 7: 0.01}])
@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=8, max_size=8),
    counts=COUNTS,
    among=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_batched_bits_and_masses_are_those_of_the_distribution(outside, logits, counts, among):
    among, trained = np.array(among), np.array([*MASK, True, False])
    reserve = Reserve(trained, *counts, outside)
    p = reserve.distribution(np.array(logits, np.float32))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert {id_: p[id_] for id_ in outside} == outside
    assert np.delete(p, list(outside)).min() >= FLOOR * (1 - 1e-9)
    scores = np.array(logits, np.float64)
    shares = np.exp(scores - scores[trained].max()) / np.exp(scores[trained] - scores[trained].max()).sum()
    ids = np.arange(8, dtype=np.int32)
    inside = reserve.inside(ids)
    assert inside.tolist() == [id_ not in outside for id_ in range(8)]
    paid = reserve.outside_bits(ids)
    paid[inside] += reserve.bits(np.log(shares[inside]), ids[inside])
    np.testing.assert_allclose(paid, -np.log2(p), rtol=1e-9, atol=1e-12)
    mass = reserve.mass(np.array([shares[among & trained].sum()]), among)
    assert mass == pytest.approx(p[among].sum(), rel=1e-9, abs=1e-14)


@given(st.sets(scalars, max_size=30), scalars)
def test_unseen_characters_are_numbered_without_gaps(seen, character):
    unseen = UnseenCharacters(seen)
    last = len(unseen) - 1
    assert last == 0x110000 - 0x800 - len(seen) - 1
    assert [unseen.index(unseen[number]) for number in (0, last)] == [0, last]
    assert not {unseen[0], unseen[last]} & seen
    if character not in seen:
        assert 0 <= unseen.index(character) <= last
        assert unseen[unseen.index(character)] == character


def test_exp_sigmoid_and_tanh_are_those_of_the_standard_library():
    np.testing.assert_allclose(exp(X), [math.exp(x) for x in X], rtol=1e-15)
    np.testing.assert_allclose(sigmoid(X), [1 / (1 + math.exp(-x)) for x in X], rtol=1e-15)
    np.testing.assert_allclose(tanh(X), [math.tanh(x) for x in X], rtol=0, atol=1e-15)
    assert tanh(np.array([0.0, 40.0, -40.0])).tolist() == [0.0, 1.0, -1.0]
    for function in (exp, sigmoid, tanh):
        values = function(np.linspace(-800, 800, 160_001))
        assert (np.diff(values) >= 0).all()
        assert np.isfinite(values).all()
        assert values[0] >= (-1.0 if function is tanh else 0.0)
        assert values[-1] == (exp(np.array([700.0]))[0] if function is exp else 1.0)


@example(np.array([605.0, 605.0, 606.0, 637.5]))  # three are rounded up, which the largest one pays for
@given(LOGITS)
def test_the_softmax_is_one_and_no_order_changes_it(logits):
    shares = softmax(logits)
    assert shares.sum() == pytest.approx(1, abs=1e-14)
    exponentials = np.exp(logits - logits.max())
    error = len(logits) * (len(logits) + 1) * 2.0**-53 + 1e-15
    np.testing.assert_allclose(shares, exponentials / exponentials.sum(), rtol=0, atol=error)
    order = np.random.default_rng(len(logits)).permutation(len(logits))
    np.testing.assert_array_equal(softmax(logits[order]), shares[order])


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.integers(-60, 60), st.integers(-40, 40))
def test_a_product_is_near_and_no_order_of_its_terms_changes_it(rows, seed, weight_scale, input_scale):
    rng = np.random.default_rng(seed)
    weights = np.ldexp(rng.normal(size=(rows, 3)) * 2.0 ** rng.integers(-20, 3, 3), weight_scale)
    weights[rng.random((rows, 3)) < 0.1] = np.abs(weights).max()  # many of the largest
    largest = math.ldexp(rng.uniform(0.5, 1.5), input_scale)
    vector = rng.uniform(-largest, largest, rows)
    vector[rng.random(rows) < 0.5] = largest
    product = Matrix(weights, largest).product(vector)
    for _ in range(3):
        order = rng.permutation(rows)
        np.testing.assert_array_equal(Matrix(weights[order], largest).product(vector[order]), product)
    bound = rows * largest * np.abs(weights).max(0) * 2.0**-INPUT_BITS * 2
    assert (np.abs(product - vector @ weights) <= bound).all()
