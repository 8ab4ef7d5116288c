"""Windows of the stream: contiguous, each token as often as any other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import TrainSettings
from toolkit.events.encoding import DOC, Events, Reserve, Vocabulary
from toolkit.training.stream import Epoch, stream, windows

VOCABULARY = Vocabulary(tuple(map(str, range(101))), {}, Reserve(np.ones(101, bool), 0, 1))
WITHOUT_9 = Vocabulary(VOCABULARY.tokens, {9: "rare"}, Reserve(np.arange(101) != 9, 0, 1, {9: 0.1}))


def encoding(ids, width=3):
    """Return an encoding of these ids and ``<doc>``, each id with this many characters."""
    ends = np.minimum(width * np.arange(1, len(ids) + 2), width * len(ids))
    return Events.of([*ids, DOC], ends, np.zeros(len(ids) + 1), {})


def concatenated(encodings, rows, length, seed):
    """Return inputs, targets and widths (rows, length · windows) of a pass, by concatenating everything."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(encodings))
    targets = np.concatenate([encodings[i].ids for i in order])
    widths = np.concatenate([encodings[i].widths for i in order])
    size = max(1, len(targets) // (rows * length)) * rows * length
    take = (np.arange(size) + rng.integers(len(targets))) % len(targets)
    inputs = np.concatenate([[DOC], targets[:-1]]).astype(np.int32)
    return [array[take].reshape(rows, size // rows) for array in (inputs, targets, widths)]


@given(
    st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=5),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(0, 9),
)
def test_windows_are_those_of_the_concatenated_documents(texts, rows, length, number):
    encodings = [encoding(ids) for ids in texts]
    pairs = {(a, b) for ids in texts for a, b in zip([DOC, *ids], [*ids, DOC], strict=True)}
    for vocabulary in (VOCABULARY, WITHOUT_9):  # the network of the second does not read the id 9
        tokens = stream(vocabulary, encodings)
        shape = windows(tokens, TrainSettings(batch=rows, window_tokens=length))
        epoch = Epoch(tokens, shape, (number,))
        read = [epoch.window(k) for k in range(shape.per_epoch)]
        assert all(x.shape == y.shape == (rows, length) and x.dtype == y.dtype == np.int32 for x, y, _ in read)
        inputs, targets = (np.concatenate([window[k] for window in read], 1) for k in (0, 1))
        expected = concatenated([vocabulary.fed(document) for document in encodings], rows, length, (number,))
        np.testing.assert_array_equal(inputs, expected[0])
        np.testing.assert_array_equal(targets, expected[1])
        covered = [int(widths.sum()) for widths in np.split(expected[2], len(read), 1)]
        assert [window[2] for window in read] == covered
        np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])  # rows are contiguous
        if vocabulary is VOCABULARY:
            assert set(zip(inputs.ravel().tolist(), targets.ravel().tolist(), strict=True)) <= pairs


def test_a_window_covers_about_as_many_characters_for_every_tokenizer():
    wide = stream(VOCABULARY, [encoding(range(1, 101), width=5)])  # 101 tokens, 500 characters
    narrow = stream(VOCABULARY, [encoding([1 + i % 100 for i in range(500)], width=1)])
    for characters, expected in ((100, (20, 100)), (1, (1, 1))):
        settings = TrainSettings(window_characters=characters)
        assert tuple(windows(tokens, settings).length for tokens in (wide, narrow)) == expected
    assert windows(wide, TrainSettings(window_tokens=7)).length == 7


def test_epochs_decide_the_updates_where_they_are_set():
    documents = [encoding(range(1, 10)), encoding(range(10, 17)), encoding(range(17, 31))]  # 33 tokens
    settings = TrainSettings(batch=2, window_tokens=4, updates=7)
    assert windows(stream(VOCABULARY, documents), settings) == (2, 4, 4, 7)
    twice = settings.model_copy(update={"epochs": 2})
    assert windows(stream(VOCABULARY, documents), twice) == (2, 4, 4, 8)
