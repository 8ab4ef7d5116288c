"""A corpus that does not fit into memory is the same corpus: kept in the cache, split and sampled."""

import json
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import pytest

from tests.conftest import story
from toolkit.errors import InputError
from toolkit.text.corpus import Corpus, Document, Split, canonical, characters, left_out_together, whole_documents
from toolkit.text.neutral import census
from toolkit.text.sources import checked, have_texts, read_corpus
from toolkit.text.splits import Fold, fold_split, split
from toolkit.text.store import LONG_CHARACTERS, MEMORY_CHARACTERS, PART_CHARACTERS, StoredDocument, fitting


@dataclass(frozen=True)
class Part(Document):
    """A part of a longer document."""

    whole: str = ""


def tale(number, characters):
    """A tale of about this many characters, of paragraphs that come again."""
    few = story(number, 12)
    return few * (characters // len(few))


TALES = {f"tale{i}": tale(i, 900_000) for i in range(20)}  # each of one part
LONG = tale(20, 3_000_000)


@pytest.fixture(scope="module")
def folder(made_once):
    """Tales in files, one of them long, and in rows, one of them empty; a name is not ASCII."""

    def make(folder):
        for name, text in TALES.items():
            (folder / f"{name}.txt").write_text(text, "utf-8")
        (folder / "sub").mkdir()
        (folder / "sub" / "löng.txt").write_bytes(b"\xef\xbb\xbf" + LONG.replace("\n", "\r\n").encode())
        rows = [*({"text": story(20 + i, 3)} for i in range(5)), {"text": " "}]
        (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")

    return made_once("large", make)


@pytest.fixture(scope="module")
def large(folder, tmp_path_factory):
    """The corpus, in a cache that nothing else uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLKIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield read_corpus(folder)


def test_a_large_corpus_is_the_same_corpus(large):
    texts = TALES | {"sub/löng": LONG} | {f"rows/{i + 1:06}": story(20 + i, 3) for i in range(5)}
    expected = tuple(Document(name, canonical(text)) for name, text in sorted(texts.items()))
    plain = Corpus("plain", expected)
    assert plain.characters > MEMORY_CHARACTERS
    assert (large.sha256, large.characters) == (plain.sha256, plain.characters)
    wholes = groupby(large.documents, key=lambda document: document.whole)
    assert {name: "".join(part.text for part in parts) for name, parts in wholes} == texts
    assert whole_documents(large.documents) == len(texts) == 26
    for document in large.documents:
        assert isinstance(document, StoredDocument)
        assert (len(document.text), document.name.partition("#")[0]) == (document.characters, document.whole)
        assert document.characters <= LONG_CHARACTERS
    parts = [document for document in large.documents if document.whole == "sub/löng"]
    assert [part.name for part in parts[:2]] == ["sub/löng#001", "sub/löng#002"]
    assert min(part.characters for part in parts[:-1]) >= PART_CHARACTERS / 2
    assert max(part.characters for part in parts[:-1]) <= PART_CHARACTERS < parts[-1].characters
    assert all(part.text.endswith("\n") for part in parts)  # cut at paragraphs
    made = checked(plain)
    assert (made.sha256, checked(made) is made) == (plain.sha256, True)
    given = checked(Corpus("given", expected, given=Split(expected[8:], expected[:1], expected[1:8]))).given
    assert all(isinstance(document, StoredDocument) for document in given.documents)
    assert {document.whole for document in given.valid} == {expected[0].name}


@pytest.mark.parametrize("damage", [b"", b"something else" * 999, None])
def test_a_damaged_store_is_made_anew(folder, large, damage):
    path, text = large.documents[0].path, large.documents[-1].text
    path.unlink()
    if damage is None:
        have_texts(large)
    else:
        path.write_bytes(damage)
        with pytest.raises(InputError, match=path.name):
            _ = large.documents[-1].text
        read_corpus(folder)
    assert large.documents[-1].text == text
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_held_out_documents_of_a_large_corpus_are_capped(large):
    parts = split(large)
    assert 1_000_000 <= characters(parts.test) < 2_000_000
    assert 500_000 <= characters(parts.valid) < 1_500_000
    assert {document.name for document in parts.documents} == {document.name for document in large.documents}
    assert len(parts.documents) == len(large.documents)
    assert (split(large), split(large, 1).test == parts.test) == (parts, False)
    for seed in range(4):
        parts = split(large, seed)
        shared = {document.whole for document in parts.test} & {document.whole for document in parts.train}
        assert (parts.unit, len(parts.notes)) == (("block", 1) if shared else ("document", 0))
    with pytest.raises(InputError):
        fold_split(large, 0, Fold(2, 5))


@pytest.mark.parametrize(
    ("wholes", "unit"), [("a", "segment"), ("ab", "document"), ("aa", "segment"), ("aab", "block")]
)
def test_held_out_parts_of_one_document_are_segments_and_of_several_blocks(wholes, unit):
    parts = tuple(Part(f"{whole}#{number}", "A text.", whole) for number, whole in enumerate(wholes))
    assert Split((Document("t", "A"),), (Document("v", "B"),), parts).unit == unit


@pytest.mark.parametrize("most", [1, 2_000_000, 5_000_000, 10**9])
def test_an_excerpt_is_evenly_spaced_and_short_enough(large, most):
    excerpt = fitting(large.documents, most)
    assert characters(excerpt) <= most or len(excerpt) == 1
    places = [large.documents.index(document) for document in excerpt]
    assert len({b - a for a, b in pairwise(places)}) <= 1
    if most == 5_000_000:
        assert characters(excerpt) > most / 2
    assert fitting(large.documents[:4], 1) == large.documents[:4]  # they fit


def test_in_the_census_a_document_in_parts_is_one_unless_all_are_parts_of_one():
    """A name that one novel has in all its parts is in one document; other novels have others."""
    novels = [[f"{story(i + k, 4)} Name{i}\n\n" for k in range(0, 90, 10)] for i in range(3)]
    whole = census([Document(f"n{i}", "".join(texts)) for i, texts in enumerate(novels)])
    parts = [Part(f"n{i}#{k}", text, f"n{i}") for i, texts in enumerate(novels) for k, text in enumerate(texts)]
    assert left_out_together(parts) == [0] * 9 + [1] * 9 + [2] * 9
    assert census(parts) == replace(whole, documents=27)
    assert left_out_together(parts[:9]) == list(range(9))
    assert census(parts[:9]).spread["Name0"] == 9
