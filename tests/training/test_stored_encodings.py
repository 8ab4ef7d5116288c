"""Encodings in the cache: as those in memory, array for array; what is damaged or stray is made anew."""

import json
import pickle

import numpy as np
import pytest
from toolkit.training.stored_encodings import StoredEncodings, encoded, opened

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.errors import ContractError
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.text import gathering
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.subwords import BytePairs
from toolkit.tokenizers.whitespace import Whitespace
from toolkit.tokenizers.words import Words
from toolkit.training import stored_encodings
from toolkit.training.stream import stream
from toolkit.training.trainer import train

NETWORK = NetworkSettings(units=4, embedding=4)
TRAIN = TrainSettings(updates=4, batch=4, window_characters=40, checks=1)
LONG = Document("long", "a" * 300 + " moon" + " " * 70_000 + " 😀é it's")  # wider than a byte, and than two


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, in which the encodings of every text are kept."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(gathering, "IN_MEMORY", 0)
    return tmp_path / "ids"


def equal(one, other):
    """Whether two encodings are the same, with the types of their arrays."""
    arrays = zip((one.ids, one.offsets, one.parts), (other.ids, other.offsets, other.parts), strict=True)
    same = all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)
    return same and dict(one.surfaces) == dict(other.surfaces)


def all_equal(some, others):
    """Whether two sequences of encodings are the same."""
    return all(equal(one, other) for one, other in zip(some, others, strict=True))


def stored(tokenizer, documents, **made_from):
    """The encodings as they are read from the cache."""
    encodings = encoded(tokenizer, documents, made_from)
    assert isinstance(encodings, StoredEncodings)
    return encodings


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("tokenizer", [Characters(), BytePairs(), Words("unk"), Whitespace("spell")])
def test_what_is_on_disk_is_what_was_in_memory(split, tokenizer):
    tokenizer.fit(split.train[1:], split.valid)  # the first document has surfaces, too
    documents = [*split.train, LONG]
    in_memory = [tokenizer.encode(document) for document in documents]
    on_disk = pickle.loads(pickle.dumps(stored(tokenizer, documents)))
    assert any(encoding.surfaces for encoding in in_memory)
    assert all_equal(on_disk, in_memory)
    assert equal(on_disk[-1], in_memory[-1])
    assert all_equal(on_disk[1:3], in_memory[1:3])
    one, other = stream(tokenizer.vocabulary, on_disk), stream(tokenizer.vocabulary, in_memory)
    for name in ("ids", "widths", "starts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.tokens, one.characters) == (other.tokens, other.characters)
    shown = [
        coverage(tokenizer, pairs, pairs)
        for pairs in (list(zip(documents, e, strict=True)) for e in (on_disk, in_memory))
    ]
    assert shown[0] == shown[1]


@pytest.mark.usefixtures("cache")
def test_training_reads_the_same_from_disk(split):
    tokenizer = Words("unk").fit(split.train)
    in_memory, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    one, other = (
        train(tokenizer, encodings, valid, NETWORK, TRAIN, 0, lambda _: None).model.network.arrays()
        for encodings in (stored(tokenizer, split.train), in_memory)
    )
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


def test_an_entry_is_made_once(cache, split, monkeypatch):
    tokenizer = Characters().fit(split.train)
    first = stored(tokenizer, split.train)
    monkeypatch.setattr(tokenizer, "encode", None)
    assert all_equal(stored(tokenizer, split.train), first)
    assert [path.name for path in cache.iterdir()] == [first.folder.name]


@pytest.mark.usefixtures("cache")
def test_another_text_name_tokenizer_setting_or_version_has_another_entry(split, monkeypatch):
    tokenizer, documents = Characters().fit(split.train), split.train[:2]
    name, text = documents[0].name, documents[0].text
    renamed, changed = Document(f"{name}2", text), Document(name, f"{text} ")
    folders = [stored(tokenizer, documents).folder]
    folders += [stored(tokenizer, [other, documents[1]]).folder for other in (renamed, changed)]
    folders.append(stored(tokenizer, documents[:1]).folder)
    folders.append(stored(Characters().fit([*split.train, Document("x", "∞")]), documents).folder)
    folders.append(stored(tokenizer, documents, tagger=["en", "3.1"]).folder)
    monkeypatch.setattr(stored_encodings, "versions", lambda: {"python": "4"})
    folders.append(stored(tokenizer, documents).folder)
    assert len(set(folders)) == len(folders)


def truncated(folder):
    file = folder / "ids"
    file.write_bytes(file.read_bytes()[:-1])


def changed(folder):
    file = folder / "parts"
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])


def of_another_type(folder):
    header = json.loads((folder / "header.json").read_text("utf-8"))
    header["arrays"]["ids"]["dtype"] = "<u2"
    (folder / "header.json").write_text(json.dumps(header), "utf-8")


DAMAGES = {
    "truncated": truncated,
    "changed": changed,
    "of another type": of_another_type,
    "a file missing": lambda folder: (folder / "widths").unlink(),
    "no header": lambda folder: (folder / "header.json").unlink(),
    "half a header": lambda folder: (folder / "header.json").write_text('{"arrays": {', "utf-8"),
    "another header": lambda folder: (folder / "header.json").write_text("[]", "utf-8"),
    "empty": lambda folder: [file.write_bytes(b"") for file in folder.iterdir()],
}


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_noticed_and_made_anew(split, damage):
    tokenizer = Characters().fit(split.train)
    folder = stored(tokenizer, split.train).folder
    damage(folder)
    assert opened(folder) is None
    assert all_equal(stored(tokenizer, split.train), [*map(tokenizer.encode, split.train)])
    assert opened(folder) is not None


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("most", [0, 10**9])
def test_a_malformed_encoding_is_refused_wherever_it_is_kept(split, monkeypatch, most):
    monkeypatch.setattr(gathering, "IN_MEMORY", most)
    tokenizer = Characters().fit(split.train)
    plain = tokenizer.encode
    monkeypatch.setattr(tokenizer, "encode", lambda document: plain(Document("", document.text[:-1])))
    with pytest.raises(ContractError, match=split.train[0].name):
        encoded(tokenizer, split.train, {})


def test_small_texts_stay_in_memory(cache, split, monkeypatch):
    monkeypatch.setattr(gathering, "IN_MEMORY", sum(len(document.text) for document in split.train))
    tokenizer = Characters().fit(split.train)
    assert type(encoded(tokenizer, split.train, {})) is list
    assert not cache.exists()
    assert isinstance(encoded(tokenizer, [*split.train, Document("x", "x")], {}), StoredEncodings)
