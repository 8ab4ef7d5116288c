"""Streams and windows: contiguous, every token as often as the others, inputs one behind targets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.encoding import DOC, Encoding
from toolkit.inference.scoring import packed
from toolkit.training.batches import epoch, window_length, windows_per_epoch


def encoding(ids, width=3):
    """An encoding of these ids and ``<doc>``, each id covering so many characters."""
    offsets = np.array([*range(0, width * len(ids) + 1, width), width * len(ids)], np.int32)
    return Encoding(np.array([*ids, DOC], np.int32), offsets, np.zeros(len(ids) + 1, np.int8), {})


@pytest.fixture
def documents():
    """Three documents whose ids are all different: 1-9, 10-16, 17-30."""
    return [encoding(range(1, 10)), encoding(range(10, 17)), encoding(range(17, 31))]


def following(documents):
    """The input that stands before each target, but for ``<doc>``."""
    before = {}
    for document in documents:
        last = DOC
        for id_ in document.ids.tolist()[:-1]:
            before[id_] = last
            last = id_
    return before


def test_inputs_are_the_targets_before_in_the_same_document(documents):
    before = following(documents)
    one = epoch(documents, 2, 4, (0, 0))
    for x, y in zip(one.inputs.ravel().tolist(), one.targets.ravel().tolist(), strict=True):
        assert y == DOC or before[y] == x


def test_rows_are_contiguous(documents):
    one = epoch(documents, 2, 4, (0, 0))
    np.testing.assert_array_equal(one.inputs[:, 1:], one.targets[:, :-1])


def test_a_pass_has_whole_windows_of_the_stream_and_no_token_twice(documents):
    one = epoch(documents, 2, 4, (0, 0))
    assert one.targets.shape == (2, 16)  # 33 tokens: four windows of 2 × 4
    ids, counts = np.unique(one.targets, return_counts=True)
    assert counts[ids != DOC].max() == 1
    assert counts[ids == DOC].max() <= 3


def test_tokens_left_out_of_a_pass_are_in_others(documents):
    seen = {id_ for number in range(20) for id_ in epoch(documents, 2, 8, (0, number)).targets.ravel().tolist()}
    assert seen == set(range(31))


def test_widths_belong_to_the_targets(documents):
    one = epoch(documents, 2, 4, (1, 2))
    np.testing.assert_array_equal(one.widths, np.where(one.targets == DOC, 0, 3))


def test_a_pass_is_a_function_of_the_seed(documents):
    first, again, other = (epoch(documents, 2, 4, seed) for seed in [(0, 1), (0, 1), (0, 2)])
    np.testing.assert_array_equal(first.targets, again.targets)
    assert (first.targets != other.targets).any()


def test_windows_cut_the_pass_without_gaps(documents):
    one = epoch(documents, 2, 4, (0, 0))
    cut = [one.window(number, 4) for number in range(4)]
    np.testing.assert_array_equal(np.concatenate([x for x, _, _ in cut], 1), one.inputs)
    np.testing.assert_array_equal(np.concatenate([y for _, y, _ in cut], 1), one.targets)
    assert [covered for _, _, covered in cut] == [int((y != DOC).sum()) * 3 for _, y, _ in cut]
    assert all(x.shape == (2, 4) for x, _, _ in cut)


def test_a_text_too_short_for_one_window_is_repeated():
    one = epoch([encoding([5])], 2, 4, (0, 0))
    assert one.targets.shape == (2, 4)
    assert set(one.targets.ravel().tolist()) == {DOC, 5}


@given(
    st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=5),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(0, 9),
)
def test_every_pass_keeps_the_promises(texts, rows, length, number):
    encodings = [encoding(ids) for ids in texts]
    one = epoch(encodings, rows, length, (number,))
    windows = windows_per_epoch(encodings, rows, length)
    assert one.inputs.shape == one.targets.shape == one.widths.shape == (rows, windows * length)
    assert one.inputs.dtype == one.targets.dtype == np.int32
    np.testing.assert_array_equal(one.inputs[:, 1:], one.targets[:, :-1])
    pairs = {(a, b) for ids in texts for a, b in zip([DOC, *ids], [*ids, DOC], strict=True)}
    assert set(zip(one.inputs.ravel().tolist(), one.targets.ravel().tolist(), strict=True)) <= pairs


def test_a_window_covers_about_as_many_characters_for_every_tokenizer():
    wide, narrow = [encoding(range(1, 101), width=5)], [encoding(range(1, 501), width=1)]
    assert window_length(wide, 100) == 20  # 101 tokens cover 500 characters
    assert window_length(narrow, 100) == 100
    assert window_length(wide, 1) == 1


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 6))
def test_packing_places_each_document_once_and_no_row_is_much_longer(lengths, rows):
    placed = packed(lengths, rows)
    assert sorted(i for row in placed for i in row) == list(range(len(lengths)))
    loads = [sum(lengths[i] for i in row) for row in placed]
    assert max(loads) <= sum(lengths) / rows + max(lengths)
