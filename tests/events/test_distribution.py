"""Laws of the event distributions: they sum to one, batched and stepwise agree, nothing is impossible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR, SMALLEST, surprise_share, with_floor
from toolkit.events.encoding import Events, Reserve
from toolkit.spelling.base import UNICODE_SCALARS, UnseenCharacters

MASK = np.array([True, True, False, True, False, True])
COUNTS = st.sampled_from([(1, 50), (9999, 9999), (10_000, 100), (0, 10**9)])
scalars = st.characters(exclude_categories=["Cs"])


def test_floor_keeps_the_sum_and_lifts_every_outcome():
    mixed = with_floor(np.array([1.0, 0.0, 0.0]), 3)
    assert mixed.sum() == pytest.approx(1, abs=1e-15)
    assert mixed.min() >= FLOOR > SMALLEST


def test_surprise_share_by_hand():
    # 3 of 99 training events stood in one document only: (3 + 1/2) / (99 + 1)
    assert surprise_share(3, 99) == 0.035


def test_an_event_covers_the_text_from_the_end_before_it():
    events = Events.of([3, 4, 5, 0], [2, 2, 7, 7], [0, 0, 1, 4], {2: "lamps"})
    assert (events.starts.tolist(), events.widths.tolist()) == ([0, 2, 2, 7], [2, 0, 5, 0])
    assert (len(events), events.characters) == (4, 7)


def test_untrained_ids_share_the_reserve_evenly_whatever_their_logits():
    p = Reserve(MASK, 2, 99).distribution(np.array([0, 0, 30, 0, -30, 0], np.float32))
    assert p[~MASK] == pytest.approx([0.025 / 2] * 2)
    assert p[MASK] == pytest.approx([0.975 / 4] * 4)


def test_without_untrained_ids_there_is_no_reserve():
    reserve = Reserve(np.ones(4, bool), 7, 10)
    assert reserve.share == 0
    assert reserve.distribution(np.zeros(4, np.float32)) == pytest.approx([0.25] * 4)


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
    assert mass == pytest.approx(p[among].sum(), rel=1e-9, abs=1e-15)


@given(st.sets(scalars, max_size=30), scalars)
def test_unseen_characters_are_numbered_without_gaps(seen, character):
    unseen = UnseenCharacters(seen)
    last = len(unseen) - 1
    assert last == UNICODE_SCALARS - len(seen) - 1
    assert [unseen.index(unseen[number]) for number in (0, last)] == [0, last]
    assert not {unseen[0], unseen[last]} & seen
    if character not in seen:
        assert 0 <= unseen.index(character) <= last
        assert unseen[unseen.index(character)] == character
