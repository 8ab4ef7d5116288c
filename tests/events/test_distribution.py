"""Laws of the event distributions: they sum to one, batched and stepwise agree, nothing is impossible."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR, SMALLEST, Uniform, bits, surprise_share, with_floor
from toolkit.events.encoding import Reserve
from toolkit.spelling.uniform import UNICODE_SCALARS, UnseenCharacters

MASK = np.array([True, True, False, True, False, True])
scalars = st.characters(exclude_categories=["Cs"])


def test_floor_keeps_the_sum_and_lifts_every_outcome():
    mixed = with_floor(np.array([1.0, 0.0, 0.0]))
    assert mixed.sum() == pytest.approx(1, abs=1e-15)
    assert mixed.min() >= FLOOR > SMALLEST


def test_surprise_share_by_hand():
    # 3 of 99 training events stood in one document only: (3 + 1/2) / (99 + 1)
    assert surprise_share(3, 99) == 0.035


@given(
    st.lists(st.floats(-40, 40, width=32), min_size=6, max_size=6),
    st.sampled_from([(2, 100), (9999, 9999), (10_000, 100), (0, 10**9)]),
)
def test_reserve_sums_to_one_with_nothing_below_the_coder(logits, counts):
    p = Reserve(MASK, *counts).distribution(np.array(logits, np.float32))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p.min() >= SMALLEST


def test_untrained_ids_share_the_reserve_evenly_whatever_their_logits():
    reserve = Reserve(MASK, 2, 99)
    p = reserve.distribution(np.array([0, 0, 30, 0, -30, 0], np.float32))
    assert p[~MASK] == pytest.approx([0.025 / 2] * 2)
    assert p[MASK] == pytest.approx([0.975 / 4] * 4)


def test_without_untrained_ids_there_is_no_reserve():
    reserve = Reserve(np.ones(4, bool), 7, 10)
    assert reserve.share == 0
    assert reserve.distribution(np.zeros(4, np.float32)) == pytest.approx([0.25] * 4)


def test_reserve_is_never_below_what_the_coder_holds():
    reserve = Reserve(np.array([True, False, False]), 0, 10**9)
    assert reserve.distribution(np.zeros(3, np.float32)).min() >= SMALLEST


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=6, max_size=6), st.sampled_from([(1, 50), (999, 1000), (0, 10**9)])
)
def test_batched_bits_equal_the_distribution(logits, counts):
    reserve = Reserve(MASK, *counts)
    scores = np.array(logits, np.float64)
    log_softmax = scores - scores[MASK].max() - math.log(np.exp(scores[MASK] - scores[MASK].max()).sum())
    stepwise = [bits(reserve.distribution(np.array(logits, np.float32)), id_) for id_ in range(6)]
    np.testing.assert_allclose(reserve.bits(log_softmax, np.arange(6, dtype=np.int32)), stepwise, rtol=1e-9, atol=1e-12)


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=8, max_size=8),
    st.sampled_from([(1, 50), (999, 1000), (0, 10**9)]),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_ids_outside_the_network_have_their_own_share_and_the_others_the_rest(logits, counts, among):
    """What is paid in batches, and the mass of any set of ids, are those of the distribution."""
    outside, among = {2: 0.25, 7: 0.01}, np.array(among)
    trained = np.array([*MASK, True, False])
    reserve = Reserve(trained, *counts, outside)
    p = reserve.distribution(np.array(logits, np.float32))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert (p[2], p[7]) == (0.25, 0.01)
    assert np.delete(p, [2, 7]).min() >= FLOOR * (1 - 1e-9)
    assert reserve.untrained_count == 1
    scores = np.array(logits, np.float64)
    shares = np.exp(scores - scores[trained].max()) / np.exp(scores[trained] - scores[trained].max()).sum()
    ids = np.arange(8, dtype=np.int32)
    inside = reserve.inside(ids)
    assert inside.tolist() == [id_ not in outside for id_ in range(8)]
    paid = reserve.outside_bits(ids)
    paid[inside] += reserve.bits(np.log(shares[inside]), ids[inside])
    np.testing.assert_allclose(paid, -np.log2(p), rtol=1e-9, atol=1e-12)
    mass = reserve.mass(np.array([shares[among & trained].sum()]), among)
    assert mass == pytest.approx(p[among].sum(), rel=1e-9, abs=1e-15)


def test_uniform_bits_are_log2_of_the_outcomes():
    assert bits(Uniform(UNICODE_SCALARS), 5) == math.log2(1_112_064)


@given(st.sets(scalars, max_size=30), scalars)
def test_unseen_characters_are_numbered_without_gaps(seen, character):
    unseen = UnseenCharacters(seen)
    assert unseen.distribution.outcomes == UNICODE_SCALARS - len(seen)
    if character not in seen:
        number = unseen.number(character)
        assert 0 <= number < unseen.distribution.outcomes
        assert unseen.surface(number) == character


@given(st.sets(scalars, max_size=30))
def test_first_and_last_number_are_unseen_characters(seen):
    unseen = UnseenCharacters(seen)
    last = unseen.distribution.outcomes - 1
    assert unseen.number(unseen.surface(0)) == 0
    assert unseen.number(unseen.surface(last)) == last
    assert not {unseen.surface(0), unseen.surface(last)} & seen
