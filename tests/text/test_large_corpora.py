"""A corpus that does not fit into memory is the same corpus: kept in the cache, split and sampled."""

import json
from itertools import pairwise

import pytest

from tests.conftest import story
from toolkit.errors import InputError
from toolkit.text import splits, store
from toolkit.text.corpus import Corpus, Document, Split, characters, whole_documents
from toolkit.text.sources import checked, have_texts, read_corpus
from toolkit.text.splits import Fold, fold_split, split
from toolkit.text.store import StoredDocument, fitting


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    """So little that a few tales do not fit, of which 2,000 characters are held out."""
    for name, value in (("MEMORY_CHARACTERS", 3_000), ("LONG_CHARACTERS", 2_000), ("PART_CHARACTERS", 300)):
        monkeypatch.setattr(store, name, value)
    monkeypatch.setattr(splits, "MIN_TEST_CHARACTERS", 2_000)
    monkeypatch.setattr(splits, "MIN_VALID_CHARACTERS", 1_000)


@pytest.fixture
def folder(tmp_path):
    """Tales in files, one of them long, and in rows, one of them empty; a name is not ASCII."""
    (tmp_path / "sub").mkdir()
    for i in range(8):
        (tmp_path / f"tale{i}.txt").write_text(story(i, 4), "utf-8")
    (tmp_path / "sub" / "löng.txt").write_bytes(b"\xef\xbb\xbf" + story(8, 60).replace("\n", "\r\n").encode())
    rows = [*({"text": story(20 + i, 3)} for i in range(5)), {"text": " "}]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return tmp_path


@pytest.fixture
def much():
    """A corpus of forty tales that does not fit."""
    return checked(Corpus("much", tuple(Document(f"d{i:02}", story(i, 5)) for i in range(40))))


def test_a_large_corpus_is_the_same_corpus(folder, monkeypatch):
    large = read_corpus(folder)
    with monkeypatch.context() as patch:
        patch.setattr(store, "MEMORY_CHARACTERS", 10**9)
        plain = read_corpus(folder)
    assert all(isinstance(document, StoredDocument) for document in large.documents)
    assert (large.sha256, large.characters) == (plain.sha256, plain.characters)
    texts = {}
    for document in large.documents:
        assert (len(document.text), document.name.partition("#")[0]) == (document.characters, document.whole)
        texts[document.whole] = texts.get(document.whole, "") + document.text
    assert texts == {document.name: document.text for document in plain.documents}
    assert whole_documents(large.documents) == len(plain.documents) == 14
    parts = [document for document in large.documents if document.whole == "sub/löng"]
    assert [part.name for part in parts[:2]] == ["sub/löng#001", "sub/löng#002"]
    assert all(part.characters <= 2 * 300 for part in parts)
    assert sum(part.text.endswith("\n") for part in parts) > len(parts) / 2 > 5  # cut at paragraphs
    made = checked(Corpus("made", plain.documents))
    assert (made.sha256, checked(made) is made) == (plain.sha256, True)
    given = Split(plain.documents[:8], plain.documents[8:10], plain.documents[10:])
    parts = checked(Corpus("given", plain.documents, given=given)).given
    assert {document.whole for document in parts.valid} == {document.name for document in given.valid}


@pytest.mark.parametrize("damage", [b"", b"something else" * 999, None])
def test_a_damaged_store_is_made_anew(folder, damage):
    corpus = read_corpus(folder)
    texts, path = [document.text for document in corpus.documents], corpus.documents[0].path
    path.unlink()
    if damage is None:
        have_texts(corpus)
    else:
        path.write_bytes(damage)
        with pytest.raises(InputError, match=path.name):
            _ = corpus.documents[-1].text
    assert [document.text for document in read_corpus(folder).documents] == texts
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_what_is_held_out_of_a_large_corpus_is_capped(much):
    parts = split(much)
    assert 2_000 <= characters(parts.test) < 3_000
    assert 1_000 <= characters(parts.valid) < 2_000
    assert sorted(document.name for document in parts.documents) == [document.name for document in much.documents]
    assert (parts.unit, parts.notes) == ("document", ())
    assert split(much) == parts
    assert split(much, 1).test != parts.test
    with pytest.raises(InputError):
        fold_split(much, 0, Fold(2, 5))


@pytest.mark.parametrize(("tales", "unit"), [({"c": 60}, "segment"), ({"c": 60, "d": 4}, "block")])
def test_held_out_texts_in_parts_are_segments_of_one_or_blocks(tmp_path, tales, unit):
    for part, documents in {"train": {"a": 20}, "valid": {"b": 4}, "test": tales}.items():
        (tmp_path / part).mkdir()
        for number, (name, paragraphs) in enumerate(documents.items()):
            (tmp_path / part / f"{name}.txt").write_text(story(number, paragraphs), "utf-8")
    parts = split(read_corpus(tmp_path))
    assert len(parts.test) > 10
    assert parts.unit == unit


@pytest.mark.parametrize("most", [1, 500, 5_000, 10**9])
def test_an_excerpt_is_evenly_spaced_and_short_enough(much, most):
    excerpt = fitting(much.documents, most)
    assert characters(excerpt) <= most or len(excerpt) == 1
    places = [much.documents.index(document) for document in excerpt]
    assert len({b - a for a, b in pairwise(places)}) <= 1
    if most == 5_000:
        assert characters(excerpt) > most / 2
    assert fitting(much.documents[:4], 1) == much.documents[:4]  # they fit
