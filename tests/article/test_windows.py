"""Windows by their laws: targets are what comes so much later, and every network is asked for the same characters."""

from itertools import pairwise

import numpy as np
import pytest

from toolkit.article.windows import LEAD, SPAN, Passages, Streams

RING = np.arange(1_000, dtype=np.int32)  # each id is its own place


@pytest.mark.parametrize(("window", "shift"), [(50, 50), (50, 1), (10, 10), (30, 30)])
def test_targets_stand_so_much_later(window, shift):
    streams = Streams(RING, 32, window, shift, seed=3)
    for update in range(2 * streams.per_pass):
        inputs, targets = streams.at(update)
        assert inputs.shape == targets.shape == (streams.rows, window)
        assert (targets == (inputs + shift) % len(RING)).all()


def test_the_windows_of_a_pass_follow_each_other_and_overlap_nowhere():
    streams = Streams(RING, 4, 50, 1, seed=0)
    windows = [streams.at(update)[0] for update in range(streams.per_pass)]
    for before, after in pairwise(windows):
        assert (after[:, 0] == (before[:, -1] + 1) % len(RING)).all()
    read = np.concatenate(windows, 1).ravel()
    assert len(set(read.tolist())) == len(read) == 1_000
    assert [streams.begins_pass(update) for update in range(streams.per_pass + 1)] == [
        True, *[False] * (streams.per_pass - 1), True,
    ]  # fmt: skip


def test_where_a_pass_begins_is_drawn_from_the_seed():
    first = [Streams(RING, 4, 50, 1, seed).at(0)[0][0, 0] for seed in (0, 0, 1)]
    assert first[0] == first[1] != first[2]
    passes = [Streams(RING, 4, 50, 1, 0).at(5 * number)[0][0, 0] for number in range(4)]
    assert len(set(passes)) > 1


def test_a_short_text_has_fewer_rows_and_still_an_even_number_of_them():
    assert Streams(RING[:600], 32, 50, 50, 0).rows == 12
    assert Streams(RING[:120], 32, 50, 50, 0).rows == 2


@pytest.mark.parametrize("length", [LEAD + SPAN, 777, 5_000])
@pytest.mark.parametrize("shift", [1, 2, 10, 30, 50])
def test_every_shift_is_asked_for_the_same_characters(length, shift):
    passages = Passages.of(np.arange(length, dtype=np.int32))
    inputs = passages.inputs(shift)
    assert inputs.shape == passages.targets.shape
    assert (inputs + shift == passages.targets).all()
    assert passages.targets.shape[1] % SPAN == 0
    assert len(set(passages.targets.ravel().tolist())) == passages.targets.size  # each once
    assert (passages.prompts[:, -1] + 1 == passages.targets[:, 0]).all()


def test_a_text_without_room_for_a_passage_is_refused():
    with pytest.raises(ValueError, match="200 characters, not 199"):
        Passages.of(np.zeros(199, np.int32))
