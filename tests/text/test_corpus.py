"""Canonical text, reading, and splits by whole documents."""

import gzip
import sys
import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, canonical, characters, decode_utf8
from toolkit.text.sources import canonical_chunks, read_corpus, read_document
from toolkit.text.splits import MIN_CHARACTERS, blocks, split, spread

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

AWKWARD = st.text(
    st.sampled_from('ab \t\n\r\ufeff\u0301\u00e9e\u212b한ᄀ\u1161\u11a8\u3099か\u0cc6\u0cc2\u0cd5,"\u2028'),
    max_size=24,
)
COMPRESS = {"gz": gzip.compress, "zst": zstd.compress, "GZ": gzip.compress}
TALE = "Once, café.\r\n".encode() * 50


def write(folder, **texts):
    """Files of a folder: name=text, or name=bytes; ``__`` in a name is a folder's end."""
    for name, text in texts.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def corpus_of(lengths):
    return Corpus("c", tuple(Document(f"d{i}", "x" * length) for i, length in enumerate(lengths)))


def refusal(path, *words):
    """Reading the path is refused with these words."""
    with pytest.raises(InputError) as error:
        read_corpus(path)
    assert all(word in str(error.value) for word in words)


@given(AWKWARD)
@example("a\r\r\n")
@example("\ufeff\ufeffa")
def test_canonical_text_is_stable_nfc_without_crlf_or_byte_order_mark(text):
    once = canonical(text)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r\n" not in once
    assert not once.startswith("\ufeff")


@given(AWKWARD, st.lists(st.integers(0, 24), max_size=6))
@example("\ufeff\ufeffa\r\r\n", [1, 4])
@example("\u1100\u1161\u11a8", [2])
@example("\u0cc6\u0cc2\u0cd5", [])
def test_text_that_comes_in_chunks_is_as_canonical_as_the_whole(text, places):
    chunks = [
        text[a:b] for a, b in pairwise(sorted({0, len(text), *(min(place, len(text)) for place in places)}))
    ]
    assert "".join(canonical_chunks(chunks)) == canonical(text)


def test_folders_are_read_recursively_by_name_in_canonical_form(tmp_path):
    write(
        tmp_path,
        b="B",
        a=b"\xef\xbb\xbfcafe\xcc\x81\r\nb",
        deep__er__c="C",
        **{".hidden": "No.", ".git__x": "No."},
    )
    write(tmp_path.parent / "elsewhere", four="Four.")
    (tmp_path / "readme.md").write_text("not part of it")
    (tmp_path / "linked").symlink_to(tmp_path.parent / "elsewhere")
    (tmp_path / "deep" / "around").symlink_to(tmp_path)  # never ends if followed
    corpus = read_corpus(tmp_path)
    texts = [(document.name, document.text) for document in corpus.documents]
    assert texts == [("a", "café\nb"), ("b", "B"), ("deep/er/c", "C"), ("linked/four", "Four.")]
    assert (corpus.name, corpus.characters) == (tmp_path.name, 13)


def test_about_toml_names_the_corpus_and_arguments_win(tmp_path):
    path = write(tmp_path, a="Es war einmal.")
    for place in (path, path / "a.txt"):
        assert read_corpus(place).language == "en"
        assert find_corpus(str(place)).language == "en"
        assert read_corpus(place, language="fr").language == "fr"
    assert (read_corpus(path / "a.txt").name, read_corpus(path / "a.txt").documents[0].name) == ("a", "a")
    (path / "about.toml").write_text('name = "tales"\nlanguage = "nl"\n')
    assert (read_corpus(path).name, read_corpus(path).language) == ("tales", "nl")
    assert (read_corpus(path, "mine", "fr").name, read_corpus(path, "mine", "fr").language) == ("mine", "fr")
    (path / "about.toml").write_text("name = ")
    refusal(path)


def test_what_cannot_be_read_is_refused(tmp_path):
    refusal(tmp_path / "nowhere", "nowhere")
    refusal(tmp_path, str(tmp_path))
    for content in (b"", b" \n\t\n", b"\xef\xbb\xbf\r\n"):
        refusal(write(tmp_path, full="text", void=content), "void.txt")
    with pytest.raises(InputError, match=r"void\.txt"):
        read_document(tmp_path / "void.txt")


@pytest.mark.parametrize("content", [b"caf\xe9 au lait", "né".encode() + b"\x80", b"abc\xe2\x82"])
@pytest.mark.parametrize("before", [0, 3_000_000])
def test_a_file_that_is_not_utf8_is_named(tmp_path, content, before):
    content = b"\r\n" * (before // 2) + content
    refusal(write(tmp_path, latin=content), "latin.txt")
    with pytest.raises(InputError, match="latin"):
        decode_utf8(content, "latin")


@pytest.mark.parametrize("end", COMPRESS)
def test_a_compressed_text_is_read_as_if_it_was_not_and_refused_when_damaged(tmp_path, end):
    path, whole = tmp_path / f"tale.v2.txt.{end}", COMPRESS[end](TALE)
    path.write_bytes(whole)
    document = Document("tale.v2", TALE.decode().replace("\r\n", "\n"))
    assert read_corpus(path).documents == read_corpus(tmp_path).documents == (document,)
    assert read_corpus(path).name == "tale.v2"
    for content in (whole[: len(whole) // 2], b"not compressed", COMPRESS[end](b"caf\xe9"), COMPRESS[end](b"\0")):
        path.write_bytes(content)
        refusal(path, path.name.removesuffix(f".txt.{end}"))
    path.write_bytes(whole)
    path.with_suffix("").write_bytes(TALE)
    refusal(tmp_path, "'tale.v2'")


@pytest.mark.parametrize("lengths", [[10] * 10, [MIN_CHARACTERS] * 2, [MIN_CHARACTERS]])
def test_too_little_text_cannot_be_split(lengths):
    with pytest.raises(InputError):
        split(corpus_of(lengths))


@pytest.mark.parametrize(
    ("seed", "test", "valid"), [(0, [2, 7], [4]), (1, [3, 8], [5]), (5, [2, 7], [5]), (9, [1, 6], [4])]
)
def test_which_blocks_are_held_out_by_hand(seed, test, valid):
    """The seeds behind each other hold out every block once; the sixth turns to others for validation."""
    pieces = [Document(f"{n}", f"Block {n}.\n") for n in range(10)]
    parts = spread(pieces, seed)
    assert [int(document.name) for document in parts.test] == test
    assert [int(document.name) for document in parts.valid] == valid
    assert sorted((d for n in range(5) for d in spread(pieces, seed + n).test), key=lambda d: d.name) == pieces


@pytest.mark.parametrize(("paragraphs", "sizes"), [(9, [6, 1, 2]), (10, [7, 1, 2])])
def test_a_text_of_ten_blocks_or_more_is_held_out_evenly(paragraphs, sizes):
    text = "".join(f"{n} {'word ' * 12}\n\n" for n in range(paragraphs))
    parts = split(Corpus("c", (Document("d", text),)))
    assert [len(part) for part in parts.parts.values()] == sizes


@given(st.text(st.sampled_from("ab .\n"), min_size=1, max_size=200), st.integers(1, 8))
def test_blocks_join_to_the_text(text, most):
    pieces = blocks(Document("d", text), most)
    assert "".join(piece.text for piece in pieces) == text
    assert 1 <= len(pieces) <= most
    assert all(piece.text for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)
    assert all(piece.text.endswith("\n") for piece in pieces[:-1])


def test_characters_are_as_near_to_70_10_20_as_the_documents_allow():
    corpus = corpus_of([100 + 37 * i % 911 for i in range(40)])
    parts = split(corpus)
    assert sorted(parts.documents, key=lambda d: corpus.documents.index(d)) == list(corpus.documents)
    for part, share in zip(SPLIT_PARTS, (0.7, 0.1, 0.2), strict=True):
        assert characters(parts.parts[part]) / corpus.characters == pytest.approx(share, abs=0.02)


def test_other_split_seeds_hold_out_other_documents_even_of_ten():
    corpus = corpus_of([1000 + 37 * i for i in range(10)])
    splits = [split(corpus, seed) for seed in range(6)]
    assert splits[3] == split(corpus, 3)
    assert len({(parts.valid, parts.test) for parts in splits}) == 6
    held_out = [characters(parts.test) / corpus.characters for parts in splits]
    assert held_out == pytest.approx([0.2] * 6, abs=0.02)


@pytest.mark.parametrize("layout", ["{}", "{}__one"])
def test_a_given_split_is_used_as_it_is(tmp_path, layout):
    texts = {part: f"The text of {part}." for part in SPLIT_PARTS}
    corpus = read_corpus(write(tmp_path, **{layout.format(part): text for part, text in texts.items()}))
    for seed in (0, 1):
        assert [part[0].text for part in split(corpus, seed).parts.values()] == list(texts.values())
    assert [document.text for document in corpus.documents] == list(texts.values())
    assert corpus.given.unit == "segment"


@pytest.mark.parametrize("missing", SPLIT_PARTS)
def test_an_incomplete_given_split_is_refused_naming_what_is_missing(tmp_path, missing):
    write(tmp_path, **{f"{part}__{i}": "Some text." for part in SPLIT_PARTS if part != missing for i in range(3)})
    refusal(tmp_path, f"'{missing}'", str(tmp_path))


def test_hash_changes_with_names_texts_and_given_split(tmp_path):
    plain = corpus_of([300, 300, 300])
    a, b, c = plain.documents
    others = [
        *(replace(plain, documents=(one, b, c)) for one in (replace(a, name="e"), Document("d0x", "x" * 299))),
        *(replace(plain, documents=documents) for documents in ((a, b), (b, a, c))),
        read_corpus(write(tmp_path, train="A", valid="B", test="C")),
        read_corpus(write(tmp_path / "other", train="B", valid="A", test="C")),
    ]
    assert len({corpus.sha256 for corpus in [plain, *others]}) == len(others) + 1
    assert replace(plain, name="other", path="elsewhere").sha256 == plain.sha256
    assert find_corpus("weird-tales").sha256.startswith("589496fa")
