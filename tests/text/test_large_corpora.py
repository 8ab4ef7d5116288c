"""A corpus that does not fit into memory is the same corpus: read in chunks, kept in the cache, split and sampled."""

import io
import json
import pickle
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import story
from toolkit.errors import InputError
from toolkit.files import entry
from toolkit.runs.spec import parse_columns
from toolkit.text import capped, gathering, sampled_duplicates, stored
from toolkit.text.capped import CAPPED
from toolkit.text.census import census, characters_in
from toolkit.text.corpus import (
    SPLIT_PARTS,
    Corpus,
    Document,
    Split,
    canonical,
    characters,
    decode_utf8,
    left_out_together,
    whole_documents,
)
from toolkit.text.duplicates import Alike
from toolkit.text.excerpt import excerpt, fitting
from toolkit.text.from_python import checked
from toolkit.text.neutral import tokens, training_counts, words
from toolkit.text.reading import canonical_chunks, decoded, lines
from toolkit.text.shingles import SPAN
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.stored import StoredDocument

AWKWARD = st.text(
    st.sampled_from('ab \n\r\ufeff\u0301\u00e9\u212b한ᄀ\u1161\u11a8\u3099か\u0cc6\u0cc2\u0cd5,"\u2028'), max_size=24
)


def have_little_memory(monkeypatch):
    """So little that a few tales do not fit."""
    monkeypatch.setattr(gathering, "IN_MEMORY", 3_000)
    monkeypatch.setattr(gathering, "LONGEST", 2_000)
    monkeypatch.setattr(gathering, "PART", 300)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Tales that do not fit, in files, one of them long, and in rows, one of them empty; a name is not ASCII."""
    have_little_memory(monkeypatch)
    path = tmp_path / "tales"
    (path / "sub").mkdir(parents=True)
    for i in range(8):
        (path / f"tale{i}.txt").write_text(story(i, 4), "utf-8")
    (path / "sub" / "löng.txt").write_bytes(b"\xef\xbb\xbf" + story(8, 60).replace("\n", "\r\n").encode())
    rows = [{"text": story(20 + i, 3)} for i in range(5)]
    (path / "rows.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"text": " "}])), "utf-8")
    return path


def in_memory(folder, monkeypatch):
    """The corpus as it is read where it fits."""
    with monkeypatch.context() as patch:
        patch.setattr(gathering, "IN_MEMORY", 10**9)
        return read_corpus(folder)


def cut(content, places):
    """A text or bytes in chunks."""
    ends = sorted({min(place, len(content)) for place in places} | {0, len(content)})
    return [content[a:b] for a, b in pairwise(ends)]


PLACES = st.lists(st.integers(0, 40), max_size=6)


@given(AWKWARD, PLACES)
@example("a\u0301", [1])
@example("\ufeff\ufeffa\r\r\n", [1, 4])
@example("か\u3099\u1112\u1161", [1, 3])
@example("\u1100\u1161\u11a8", [])
@example("\u1100\u1161\u11a8", [2])
@example("\u0cc6\u0cc2\u0cd5", [])
def test_text_that_comes_in_chunks_is_as_canonical_as_the_whole(text, places):
    assert "".join(canonical_chunks(cut(text, places))) == canonical(text)


@given(st.one_of(AWKWARD.map(str.encode), st.binary(max_size=12)), PLACES)
def test_bytes_that_come_in_chunks_are_the_text_or_the_error_of_the_whole(content, places):
    def outcome(decode):
        try:
            return decode()
        except InputError as error:
            return str(error)

    chunks = cut(content, places)
    expected = outcome(lambda: decode_utf8(content, "a.txt"))
    if b"\0" in content and "binary" in expected:
        assert isinstance(outcome(lambda: "".join(decoded(chunks, "a.txt"))), str)  # a wrong byte may come before
    else:
        assert outcome(lambda: "".join(decoded(chunks, "a.txt"))) == expected


@pytest.mark.parametrize(("newline", "also_at_returns"), [("\n", False), ("", True)])
@given(text=AWKWARD, places=PLACES)
def test_lines_of_chunks_are_those_of_the_whole(newline, also_at_returns, text, places):
    expected = list(io.StringIO(text, newline=newline))
    assert list(lines(cut(text, places), also_at_returns=also_at_returns)) == expected


def test_a_large_corpus_is_the_same_corpus(folder, monkeypatch):
    plain, large = in_memory(folder, monkeypatch), read_corpus(folder)
    assert all(isinstance(document, StoredDocument) for document in large.documents)
    assert (large.sha256, large.notes, large.characters) == (plain.sha256, plain.notes, plain.characters)
    texts = {}
    for document in large.documents:
        assert (len(document.text), document.name.partition("#")[0]) == (document.characters, document.of)
        texts[document.of] = texts.get(document.of, "") + document.text
    assert texts == {document.name: document.text for document in plain.documents}
    assert whole_documents(large.documents) == len(plain.documents) == 14


def test_a_long_document_is_cut_at_paragraphs(folder):
    parts = [document for document in read_corpus(folder).documents if document.of == "sub/löng"]
    assert [part.name for part in parts[:2]] == ["sub/löng#001", "sub/löng#002"]
    assert len(parts) > 10
    assert all(part.characters <= 2 * 300 for part in parts)
    assert sum(part.text.endswith("\n") for part in parts) > len(parts) / 2


def test_a_paragraph_that_ends_early_makes_no_short_part():
    """A blank line may stand below the heading alone."""
    text = "Chapter 1\n\n" + ("moon " * 20 + "\n") * 11_000
    lengths = [len(part) for part in gathering.parts([text])]
    assert sum(lengths) == len(text)
    assert min(lengths) >= gathering.PART / 2
    assert max(lengths[:-1]) <= gathering.PART


def test_stored_documents_are_sent_and_compared_without_their_text(folder, monkeypatch):
    documents = read_corpus(folder).documents
    sent = pickle.dumps(documents[0])
    assert len(sent) < 500
    monkeypatch.setattr(StoredDocument, "text", property(lambda _: pytest.fail("the text was read")))
    assert pickle.loads(sent) == documents[0] != documents[1]
    assert len({*documents, *pickle.loads(pickle.dumps(documents))}) == len(documents)
    assert len(pickle.dumps(documents)) < 200 * len(documents)


@pytest.mark.parametrize("damage", [b"", b"something else", None])
def test_a_damaged_store_is_made_anew(folder, damage):
    corpus = read_corpus(folder)
    texts = [document.text for document in corpus.documents]
    store = corpus.documents[0].path
    assert store == entry("texts", corpus.sha256)
    if damage is None:
        store.unlink()
    else:
        store.write_bytes(damage)
    stored.read.cache_clear()
    with pytest.raises(InputError, match=r"no longer in .*repeat the command"):
        _ = corpus.documents[-1].text
    assert [document.text for document in read_corpus(folder).documents] == texts
    assert [path.name for path in store.parent.iterdir() if path.name.startswith(".")] == []


def test_a_large_corpus_made_in_python_is_moved_and_has_the_same_hash(folder, monkeypatch):
    plain = in_memory(folder, monkeypatch)
    moved = checked(Corpus("made", plain.documents))
    assert isinstance(moved.documents[0], StoredDocument)
    assert moved.sha256 == plain.sha256
    assert checked(moved) is moved
    given = Split(plain.documents[:8], plain.documents[8:10], plain.documents[10:])
    parts = checked(Corpus("given", plain.documents, given=given)).given
    assert {document.of for document in parts.valid} == {document.name for document in given.valid}


@pytest.fixture
def much(monkeypatch):
    """A corpus of forty tales that does not fit, of which 2,000 characters are to be held out."""
    have_little_memory(monkeypatch)
    monkeypatch.setattr(capped, "HELD_OUT", 2_000)
    monkeypatch.setattr(capped, "VALID", 1_000)
    return checked(Corpus("much", tuple(Document(f"d{i:02}", story(i, 5)) for i in range(40))))


def test_what_is_held_out_of_a_large_corpus_is_capped(much):
    parts = split(much)
    assert 2_000 <= characters(parts.test) < 3_000
    assert 1_000 <= characters(parts.valid) < 2_000
    assert sorted(d.name for part in SPLIT_PARTS for d in getattr(parts, part)) == [d.name for d in much.documents]
    assert (parts.unit, parts.cut) == ("document", CAPPED)
    assert f"{characters(parts.test):,} are held out" in parts.notes[0]
    assert split(much) == parts
    assert split(much, 1).test != parts.test


def test_parts_of_one_document_on_both_sides_are_noted(much, tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("\n\n".join(document.text for document in much.documents), "utf-8")
    parts = split(read_corpus(path))
    assert parts.unit == "block"
    assert any("'one' was cut into parts" in note for note in parts.notes)


def test_a_cut_document_that_is_only_for_validation_and_trained_on_leaves_the_held_out_ones_whole(monkeypatch):
    have_little_memory(monkeypatch)
    monkeypatch.setattr(capped, "HELD_OUT", 400)
    monkeypatch.setattr(capped, "VALID", 1_200)
    short = [Document(f"short{i:02}", story(i, 3)) for i in range(30)]
    corpus = checked(Corpus("mixed", (Document("long", story(90, 80)), *short)))
    found = [split(corpus, seed) for seed in range(40)]
    parts = next(
        parts
        for parts in found
        if not any(d.of == "long" for d in parts.test) and any(d.of == "long" for d in parts.valid)
    )
    assert parts.unit == "document"
    assert not any("both held out and trained on" in note for note in parts.notes)
    assert sum("'long' was cut into parts" in note and "for validation and trained on" in note for note in parts.notes)


def given_folder(path, tests):
    """Train, valid and these test documents, each with its text, as files of folders; a folder to be read."""
    texts = {"train": {"a": story(1, 40)}, "valid": {"b": story(2, 4)}, "test": tests}
    for part, documents in texts.items():
        (path / part).mkdir(parents=True)
        for name, text in documents.items():
            (path / part / f"{name}.txt").write_text(text, "utf-8")
    return path


def test_a_single_held_out_text_makes_segments_whether_it_is_cut_or_not(tmp_path, monkeypatch):
    path = given_folder(tmp_path / "given", {"c": story(3, 60)})
    small = split(read_corpus(path))
    have_little_memory(monkeypatch)
    parts = split(read_corpus(path))
    assert len(parts.test) > 10
    assert (parts.unit, parts.notes) == (small.unit, small.notes)
    assert parts.unit == "segment"


def test_parts_of_held_out_texts_are_blocks_and_no_documents(tmp_path, monkeypatch):
    have_little_memory(monkeypatch)
    parts = split(read_corpus(given_folder(tmp_path / "given", {"c": story(3, 60), "d": story(4, 4)})))
    assert parts.unit == "block"
    assert f"The {len(parts.test)} held-out texts are of 2 documents" in parts.notes[0]


def test_rarity_by_documents_needs_more_than_parts_of_one(tmp_path, monkeypatch):
    have_little_memory(monkeypatch)
    corpus = read_corpus(given_folder(tmp_path / "given", {"c": story(3, 20)}))
    assert len(corpus.given.train) > 1
    columns = parse_columns(["rare"], {"rare": {"tokenizer": "word:unk", "rare_max_documents": 1}})
    with pytest.raises(InputError, match="rare_max_documents"):
        columns[0].make().fit(corpus.given.train)


def test_a_given_split_of_a_large_corpus_is_kept(much):
    given = Split(much.documents[:5], much.documents[5:10], much.documents[10:])
    assert split(Corpus("given", much.documents, given=given)) == given


@pytest.mark.parametrize("most", [1, 500, 5_000, 10**9])
def test_an_excerpt_is_evenly_spaced_and_short_enough(much, most):
    taken = excerpt(much.documents, most)
    assert characters(taken) <= most or len(taken) == 1
    places = [much.documents.index(document) for document in taken]
    assert len({b - a for a, b in pairwise(places)}) <= 1
    if most == 5_000:
        assert characters(taken) > most / 2
    assert fitting(much.documents[:4], 1) == much.documents[:4]  # they fit


def test_the_census_is_what_counting_all_tokens_gives(much):
    documents = much.documents[:7]
    everything = [token for document in documents for token in tokens(document.text)]
    counted = census(documents[:3]) + census(documents[3:])
    assert counted == census(documents)
    assert (counted.tokens, counted.types) == (len(everything), len(set(everything)))
    assert counted.hapaxes == sum(everything.count(token) == 1 for token in set(everything))
    assert counted.words == training_counts(documents).total()
    assert counted.spread["lamp"] == sum("lamp" in tokens(document.text) for document in documents)
    assert [counted.types_after(n) for n in range(0, 300, 7)] == [len(set(everything[:n])) for n in range(0, 300, 7)]
    text = "".join(document.text for document in documents) + "😀"
    assert characters_in([*documents, Document("e", "😀")]) == {character: text.count(character) for character in text}


def test_in_the_census_a_document_in_parts_is_one_unless_all_are_parts_of_one(monkeypatch):
    """A name that one novel has in all its parts is in one document; other novels have others."""
    novels = [Document(f"n{i}", "\n\n".join(f"{story(i + k, 4)} Name{i}" for k in range(0, 90, 10))) for i in range(3)]
    whole = census(novels)
    have_little_memory(monkeypatch)
    parts = checked(Corpus("novels", tuple(novels))).documents
    assert len(parts) > 2 * len(novels)
    assert left_out_together(parts) == sorted(left_out_together(parts))
    assert set(left_out_together(parts)) == {0, 1, 2}
    assert census(parts) == replace(whole, documents=len(parts))
    lone = [part for part in parts if part.of == "n1"]
    assert left_out_together(lone) == list(range(len(lone)))
    assert census(lone).spread["Name1"] > 1


@pytest.mark.parametrize("kept", [10**9, 1_000])
def test_copies_are_found_in_a_sample(monkeypatch, kept):
    """A copy of half a training document, and two editions of one; the others have nothing in common."""
    have_little_memory(monkeypatch)
    monkeypatch.setattr(gathering, "LONGEST", 10_000)
    monkeypatch.setattr(sampled_duplicates, "MOST_HASHES", kept)
    distinct = [" ".join(f"w{i}x{(j * j) % 997}" for j in range(400)) for i in range(12)]
    edition = " ".join(word if j % 11 else "other" for j, word in enumerate(distinct[4].split(" ")))
    train = tuple(Document(f"t{i}", text) for i, text in enumerate([*distinct[:8], edition]))
    test = Document("copy", distinct[2][:1_500] + " ".join(distinct[11].split(" ")[:200]))
    alike = Alike(checked(Corpus("c", (), given=Split(train, (Document("v", distinct[9]),), (test,)))).given)
    assert [(one.document, one.other) for one in alike.across] == [("copy", "t2")]
    assert {(one.document, one.other) for one in alike.within} == {("t4", "t8"), ("t8", "t4")}
    runs = len(words(test.text)) - SPAN + 1
    copied = len(words(distinct[2][:1_500])) - SPAN  # the last word is cut
    assert alike.across[0].spans == pytest.approx(copied / runs, abs=0.001 if kept > 10_000 else 0.15)
    assert ("estimates" in alike.notes[0]) == (kept < 10_000)
    assert alike.notes[0].endswith(
        "these were compared with all others: 9 of 9 training documents, 1 of 1 validation documents, 1 of 1 held-out "
        "documents."
    )
