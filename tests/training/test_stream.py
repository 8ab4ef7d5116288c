"""Windows of the stream: contiguous, each token as often as any other; and encodings in the cache."""

import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import TrainSettings
from toolkit.events.encoding import DOC, Events, Reserve, Vocabulary
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SpacyWords, Whitespace
from toolkit.tokenizers.subwords import BytePairs
from toolkit.training.stream import Epoch, encoded, stream, windows

VOCABULARY = Vocabulary(tuple(map(str, range(101))), {}, Reserve(np.ones(101, bool), 0, 1))
WITHOUT_9 = Vocabulary(VOCABULARY.tokens, {9: "rare"}, Reserve(np.arange(101) != 9, 0, 1, {9: 0.1}))
# Tokens wider than a byte, and than two.
LONG = Document("long", "a" * 300 + " moon" + " " * 70_000 + " 😀é it's")


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


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ids"


def stored(tokenizer, documents, **made_from):
    """Return the encodings as they are read from the cache."""
    return encoded(tokenizer, documents, made_from, max_characters=0)


def entries(cache):
    return sorted(path.name for path in cache.iterdir() if path.is_dir())


def assert_equal(encodings, others):
    for a, b in zip(encodings, others, strict=True):
        for name in ("ids", "ends", "parts"):
            assert getattr(a, name).dtype == getattr(b, name).dtype
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        assert dict(a.surfaces) == dict(b.surfaces)


@pytest.mark.parametrize("tokenizer", [Characters(), BytePairs(), SpacyWords("unk"), Whitespace("spell")])
def test_encodings_on_disk_equal_those_in_memory(cache, split, tokenizer):
    tokenizer.fit(split.train[1:], split.valid)  # the first document has surfaces, too
    documents = [*split.train, LONG]
    in_memory = encoded(tokenizer, documents, {})
    assert not cache.exists()
    on_disk = pickle.loads(pickle.dumps(stored(tokenizer, documents)))
    assert entries(cache)
    assert any(document.surfaces for document in in_memory)
    assert_equal(on_disk, in_memory)
    assert_equal([on_disk[-1]], [in_memory[-1]])
    a, b = (stream(tokenizer.vocabulary, encodings) for encodings in (on_disk, in_memory))
    for name in ("events", "starts"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert (a.tokens, a.characters) == (b.tokens, b.characters)


class Counting(Characters):
    """A tokenizer that counts the documents that it encodes, slowly."""

    def __init__(self):
        super().__init__()
        self.documents = []

    def encode(self, document):
        time.sleep(0.01)
        self.documents.append(document.name)
        return super().encode(document)


def test_an_entry_is_made_once_also_by_two_that_want_it_at_once(cache, split):
    tokenizer = Counting().fit(split.train)
    with ThreadPoolExecutor(2) as threads:
        encodings = list(threads.map(lambda _: stored(tokenizer, split.train), range(2)))
    assert tokenizer.documents == [document.name for document in split.train]
    assert_equal(*encodings)
    assert len(entries(cache)) == 1


def test_another_text_name_tokenizer_or_setting_has_another_entry(cache, split):
    tokenizer, (first, second) = Characters().fit(split.train), split.train[:2]
    stored(tokenizer, [first, second])
    stored(tokenizer, [first])
    stored(tokenizer, [Document(f"{first.name}2", first.text), second])
    stored(tokenizer, [Document(first.name, f"{first.text} "), second])
    stored(Characters().fit([*split.train, Document("x", "∞")]), [first, second])
    stored(tokenizer, [first, second], tagger=["en", "3.1"])
    assert len(entries(cache)) == 6


DAMAGES = {
    "truncated": lambda folder: (folder / "events").write_bytes((folder / "events").read_bytes()[:-1]),
    "no starts": lambda folder: (folder / "starts.npy").unlink(),
    "no array": lambda folder: (folder / "starts.npy").write_text("[]", "utf-8"),
    "empty": lambda folder: [file.write_bytes(b"") for file in folder.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_made_anew(cache, split, damage):
    tokenizer = Counting().fit(split.train)
    stored(tokenizer, split.train)
    stored(tokenizer, split.train)
    assert len(tokenizer.documents) == len(split.train)
    damage(cache / entries(cache)[0])
    tokenizer.documents.clear()
    assert_equal(stored(tokenizer, split.train), [*map(Characters().fit(split.train).encode, split.train)])
    assert len(tokenizer.documents) == len(split.train)
