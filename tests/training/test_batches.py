"""Streams and windows: contiguous, every token as often as the others, inputs one behind targets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.encoding import DOC, Encoding
from toolkit.events.vocabulary import Reserve, Vocabulary
from toolkit.inference.scoring import packed
from toolkit.training.batches import Epoch, window_length, windows_per_epoch
from toolkit.training.stream import stream

VOCABULARY = Vocabulary(tuple(map(str, range(101))), {}, Reserve(np.ones(101, bool), 0, 1))
WITHOUT_9 = Vocabulary(VOCABULARY.tokens, {9: "rare"}, Reserve(np.arange(101) != 9, 0, 1, {9: 0.1}))


def encoding(ids, width=3):
    """An encoding of these ids and ``<doc>``, each id covering so many characters."""
    offsets = np.array([*range(0, width * len(ids) + 1, width), width * len(ids)], np.int32)
    return Encoding(np.array([*ids, DOC], np.int32), offsets, np.zeros(len(ids) + 1, np.int8), {})


@pytest.fixture
def documents():
    """Three documents whose ids are all different: 1-9, 10-16, 17-30."""
    return [encoding(range(1, 10)), encoding(range(10, 17)), encoding(range(17, 31))]


def concatenated(encodings, rows, length, seed):
    """Inputs, targets and widths (rows, length · windows) of a pass, by concatenating everything."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(encodings))
    targets = np.concatenate([encodings[i].ids for i in order])
    widths = np.concatenate([np.diff(encodings[i].offsets) for i in order])
    size = max(1, len(targets) // (rows * length)) * rows * length
    take = (np.arange(size) + rng.integers(len(targets))) % len(targets)
    inputs = np.concatenate([[DOC], targets[:-1]]).astype(np.int32)
    return [array[take].reshape(rows, size // rows) for array in (inputs, targets, widths)]


def whole(encodings, rows, length, seed, vocabulary=VOCABULARY):
    """Inputs and targets (rows, length · windows) of a pass, and the characters of each window."""
    read = stream(vocabulary, encodings)
    one = Epoch(read, rows, length, seed)
    windows = [one.window(number) for number in range(windows_per_epoch(read, rows, length))]
    assert all(x.shape == y.shape == (rows, length) for x, y, _ in windows)
    inputs, targets = (np.concatenate([window[k] for window in windows], 1) for k in (0, 1))
    assert inputs.dtype == targets.dtype == np.int32
    return inputs, targets, [window[2] for window in windows]


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
    inputs, targets, _ = whole(documents, 2, 4, (0, 0))
    for x, y in zip(inputs.ravel().tolist(), targets.ravel().tolist(), strict=True):
        assert y == DOC or before[y] == x


def test_rows_are_contiguous(documents):
    inputs, targets, _ = whole(documents, 2, 4, (0, 0))
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])


def test_a_pass_has_whole_windows_of_the_stream_and_no_token_twice(documents):
    _, targets, _ = whole(documents, 2, 4, (0, 0))
    assert targets.shape == (2, 16)  # 33 tokens: four windows of 2 × 4
    ids, counts = np.unique(targets, return_counts=True)
    assert counts[ids != DOC].max() == 1
    assert counts[ids == DOC].max() <= 3


def test_tokens_left_out_of_a_pass_are_in_others(documents):
    seen = {id_ for number in range(20) for id_ in whole(documents, 2, 8, (0, number))[1].ravel().tolist()}
    assert seen == set(range(31))


def test_a_window_says_how_many_characters_its_targets_cover(documents):
    _, targets, covered = whole(documents, 2, 4, (1, 2))
    assert covered == [3 * int((part != DOC).sum()) for part in np.split(targets, 4, 1)]


def test_a_pass_is_a_function_of_the_seed(documents):
    first, again, other = (whole(documents, 2, 4, seed)[1] for seed in [(0, 1), (0, 1), (0, 2)])
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_text_too_short_for_one_window_is_repeated():
    _, targets, _ = whole([encoding([5])], 2, 4, (0, 0))
    assert targets.shape == (2, 4)
    assert set(targets.ravel().tolist()) == {DOC, 5}


PASSES = (
    st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=5),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(0, 9),
)


@given(*PASSES)
def test_every_pass_keeps_the_promises(texts, rows, length, number):
    inputs, targets, _ = whole([encoding(ids) for ids in texts], rows, length, (number,))
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])
    pairs = {(a, b) for ids in texts for a, b in zip([DOC, *ids], [*ids, DOC], strict=True)}
    assert set(zip(inputs.ravel().tolist(), targets.ravel().tolist(), strict=True)) <= pairs


@given(*PASSES)
def test_windows_are_those_of_the_concatenated_documents(texts, rows, length, number):
    encodings = [encoding(ids) for ids in texts]
    for vocabulary in (VOCABULARY, WITHOUT_9):  # the second does not feed the network the id 9
        fed = [vocabulary.fed(of_document) for of_document in encodings]
        inputs, targets, covered = whole(encodings, rows, length, (number,), vocabulary)
        expected = concatenated(fed, rows, length, (number,))
        np.testing.assert_array_equal(inputs, expected[0])
        np.testing.assert_array_equal(targets, expected[1])
        windows = np.split(expected[2], len(covered), 1)
        assert covered == [int(widths.sum()) for widths in windows]


def test_a_window_covers_about_as_many_characters_for_every_tokenizer():
    wide = stream(VOCABULARY, [encoding(range(1, 101), width=5)])
    narrow = stream(VOCABULARY, [encoding([1 + i % 100 for i in range(500)], width=1)])
    assert window_length(wide, 100) == 20  # 101 tokens cover 500 characters
    assert window_length(narrow, 100) == 100
    assert window_length(wide, 1) == 1


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 6))
def test_packing_places_each_document_once_and_no_row_is_much_longer(lengths, rows):
    placed = packed(lengths, rows)
    assert sorted(i for row in placed for i in row) == list(range(len(lengths)))
    loads = [sum(lengths[i] for i in row) for row in placed]
    assert max(loads) <= sum(lengths) / rows + max(lengths)
