"""Canonical text, reading, errors that name what is wrong, and splits by whole documents."""

import unicodedata
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.evaluation.estimate import smallest_p
from toolkit.text.catalogue import bundled, find_corpus
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, canonical, difference_from_canonical
from toolkit.text.sources import read_corpus
from toolkit.text.splits import MINIMUM_CHARACTERS, blocks, part_sizes, split, spread
from toolkit.tokenizers import TOKENIZERS

TEXTS = st.text(st.sampled_from("ab \t\n\r\ufeff\u0301\u00e9e\u212b한ᄀ"), max_size=12)


def write(folder, **texts):
    """Files of a folder: name=text, or name=bytes; ``__`` in a name is a folder's end."""
    for name, text in texts.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def corpus_of(lengths):
    return Corpus("c", tuple(Document(f"d{i}", "x" * length) for i, length in enumerate(lengths)))


def sentence(error):
    """The message, which must be one line that ends as a sentence does."""
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@given(TEXTS)
@example("a\r\r\n")
@example("\ufeff\ufeffa")
def test_canonical_text_is_stable_and_nothing_is_left_to_change(text):
    once = canonical(text)
    assert canonical(once) == once
    assert difference_from_canonical(once) is None


@given(TEXTS)
@example("a\r\r\n")
def test_canonical_text_is_nfc_without_crlf_or_byte_order_mark(text):
    once = canonical(text)
    assert unicodedata.is_normalized("NFC", once)
    assert "\r\n" not in once
    assert not once.startswith("\ufeff")


@given(st.text(st.sampled_from("aZ \t\n\ufeff😀é"), max_size=12))
def test_canonical_changes_nothing_else(text):
    kept = text.lstrip("\ufeff")
    assert canonical("a" + text) == "a" + text
    assert canonical(kept) == kept


def test_a_lone_carriage_return_is_kept():
    assert canonical("a\rb\n\r") == "a\rb\n\r"
    assert difference_from_canonical("a\rb") is None


@pytest.mark.parametrize(
    ("text", "words"), [("\ufeffa", "byte-order mark"), ("a\r\n", "CRLF"), ("e\u0301", "normal form C")]
)
def test_the_difference_from_canonical_is_said(text, words):
    assert words in difference_from_canonical(text)


@given(st.text(max_size=20))
def test_a_text_differs_from_canonical_exactly_where_canonical_changes_it(text):
    assert (difference_from_canonical(text) is None) == (canonical(text) == text)


def test_texts_are_canonical_when_read(tmp_path):
    corpus = read_corpus(write(tmp_path, a=b"\xef\xbb\xbfcafe\xcc\x81\r\nb"))
    assert corpus.documents == (Document("a", "café\nb"),)


def test_folders_are_read_recursively_by_name_and_only_txt(tmp_path):
    write(tmp_path, b="B", a="A", deep__er__c="C")
    (tmp_path / "readme.md").write_text("not part of it")
    corpus = read_corpus(tmp_path)
    assert [(d.name, d.text) for d in corpus.documents] == [("a", "A"), ("b", "B"), ("deep/er/c", "C")]
    assert corpus.name == tmp_path.name
    assert corpus.characters == 3


def test_about_toml_names_the_corpus_and_arguments_win(tmp_path):
    write(tmp_path, a="A")
    (tmp_path / "about.toml").write_text('name = "tales"\nlanguage = "fr"\n')
    assert (read_corpus(tmp_path).name, read_corpus(tmp_path).language) == ("tales", "fr")
    named = read_corpus(tmp_path, "mine", "de")
    assert (named.name, named.language) == ("mine", "de")


def test_the_language_is_what_is_given_or_what_the_corpus_says_or_what_is_likely(tmp_path):
    write(tmp_path, a="Es war einmal.")
    for path in (tmp_path, tmp_path / "a.txt"):
        assert read_corpus(path).language == "en"
        assert read_corpus(path, otherwise="de").language == "de"
        assert read_corpus(path, language="fr", otherwise="de").language == "fr"
        assert find_corpus(str(path), otherwise="de").language == "de"
    (tmp_path / "about.toml").write_text('language = "nl"\n')
    assert read_corpus(tmp_path, otherwise="de").language == "nl"
    assert find_corpus("weird-tales", otherwise="de").language == "en"


def test_one_file_is_a_corpus_of_its_name(tmp_path):
    corpus = read_corpus(write(tmp_path, tale="Once.") / "tale.txt")
    assert (corpus.name, corpus.documents) == ("tale", (Document("tale", "Once."),))


def test_bundled_corpus_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bundled() == ["weird-tales"]
    corpus = find_corpus("weird-tales")
    assert len(corpus.documents) == 45
    assert corpus.name == "weird-tales"
    assert all(difference_from_canonical(document.text) is None for document in corpus.documents)


def test_a_bundled_corpus_given_by_its_path_is_the_same():
    by_name = find_corpus("weird-tales")
    by_path = find_corpus(by_name.path)
    assert (by_path.name, by_path.sha256) == (by_name.name, by_name.sha256)


def test_no_such_corpus_gets_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="weird-tales") as error:
        find_corpus("wierd-tales")
    assert "wierd-tales" in sentence(error)


def test_empty_name_is_no_corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, a="not asked for"))
    with pytest.raises(InputError):
        find_corpus("")


def test_empty_folder(tmp_path):
    with pytest.raises(InputError, match=r"no \.txt file") as error:
        read_corpus(tmp_path)
    assert str(tmp_path) in sentence(error)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.json", "save it as .jsonl, one object a line"),
        ("a.TSV", "save it as .csv, with commas"),
        *(
            (f"a.{end}", "save it as plain text, UTF-8")
            for end in ["html", "htm", "xml", "docx", "pdf", "epub", "rtf", "odt"]
        ),
    ],
)
def test_a_single_file_that_is_no_plain_text_is_read_with_a_note(tmp_path, name, said):
    (tmp_path / name).write_text('[{"text": "Once."}]')
    corpus = read_corpus(tmp_path / name)
    assert corpus.documents[0].text == '[{"text": "Once."}]'
    assert corpus.notes == (f"{name} was read as it is, with all its marks, which are learnt, too; {said}.",)


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_empty_file_is_named(tmp_path, content):
    write(tmp_path, full="text", void=content)
    with pytest.raises(InputError, match="has no text") as error:
        read_corpus(tmp_path)
    assert "void.txt" in sentence(error)


@pytest.mark.parametrize(
    ("content", "offset", "byte"),
    [(b"caf\xe9 au lait", 3, "0xe9"), ("né".encode() + b"\x80", 3, "0x80"), (b"abc\xe2\x82", 3, "0xe2")],
)
def test_non_utf8_file_is_named_with_byte_and_offset(tmp_path, content, offset, byte):
    write(tmp_path, full="text", latin=content)
    with pytest.raises(InputError, match="not UTF-8") as error:
        read_corpus(tmp_path)
    assert "latin.txt" in sentence(error)
    assert f"byte offset {offset} " in sentence(error)
    assert byte in sentence(error)


def test_too_few_characters():
    with pytest.raises(InputError, match="too few to split") as error:
        split(corpus_of([10] * 10))
    assert "100 characters" in sentence(error)


def test_too_few_documents():
    with pytest.raises(InputError, match="2 documents, too few") as error:
        split(corpus_of([MINIMUM_CHARACTERS] * 2))
    assert "at least 3" in sentence(error)


def test_one_long_line_has_too_few_paragraphs():
    with pytest.raises(InputError, match="1 paragraph") as error:
        split(corpus_of([MINIMUM_CHARACTERS]))
    assert "1 paragraphs" not in sentence(error)


def test_one_document_is_cut_into_blocks_at_paragraph_ends():
    text = "".join(f"Paragraph {n}, of some length or other.\n\n" for n in range(100))
    parts = split(Corpus("c", (Document("d", text),)))
    (note,) = parts.notes
    assert "One document was cut into 30 blocks" in note
    pieces = sorted(parts.train + parts.valid + parts.test, key=lambda d: d.name)
    assert len(pieces) == 30
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text.startswith("Paragraph") and piece.text.endswith(".\n\n") for piece in pieces)


def novel(characters):
    """A text of so many characters, in paragraphs of 50."""
    return Corpus("novel", (Document("novel", f"{'word ' * 9}end.\n\n"[-50:] * (characters // 50)),))


@pytest.mark.parametrize(("characters", "held_out"), [(20_000, 6), (150_000, 10), (300_000, 20), (1_000_000, 20)])
def test_a_novel_has_enough_held_out_blocks_to_be_judged(characters, held_out):
    parts = split(novel(characters))
    assert len(parts.test) == held_out
    assert smallest_p(held_out, 2) <= (0.03125 if held_out == 6 else 0.002)  # two columns; 6 was all there ever were
    for part, share in zip(SPLIT_PARTS, (0.7, 0.1, 0.2), strict=True):
        assert sum(len(d.text) for d in getattr(parts, part)) / characters == pytest.approx(share, abs=0.01)


@given(st.integers(0, 100), st.integers(10, 100))
def test_held_out_blocks_are_apart_and_in_the_order_of_the_text(seed, number):
    parts = spread([Document(f"{n:03}", f"Block {n}.\n") for n in range(number)], seed)
    places = [int(document.name) for document in parts.test]
    assert {b - a for a, b in pairwise(places)} == {5}
    assert len(places) in (number // 5, number // 5 + 1)
    assert parts.valid
    names = [document.name for part in SPLIT_PARTS for document in getattr(parts, part)]
    assert sorted(names) == [f"{n:03}" for n in range(number)]


def test_five_split_seeds_hold_out_each_block_once_and_others_validate_elsewhere():
    pieces = [Document(f"{n}", f"Block {n}.\n") for n in range(60)]
    splits = [spread(pieces, seed) for seed in range(40)]
    assert sorted(d.name for parts in splits[:5] for d in parts.test) == sorted(d.name for d in pieces)
    assert splits[7].test == splits[2].test
    assert len({(parts.valid, parts.test) for parts in splits}) == 40
    assert spread(pieces, 40) == splits[0]


@pytest.mark.parametrize(
    ("seed", "test", "valid"), [(0, [2, 7], [4]), (1, [3, 8], [5]), (5, [2, 7], [5]), (9, [1, 6], [4])]
)
def test_which_blocks_are_held_out_by_hand(seed, test, valid):
    """Seed 0 begins in the middle of five, the next ones behind it; the sixth turns to others for validation."""
    parts = spread([Document(f"{n}", f"Block {n}.\n") for n in range(10)], seed)
    assert [int(document.name) for document in parts.test] == test
    assert [int(document.name) for document in parts.valid] == valid


@pytest.mark.parametrize(("paragraphs", "apart"), [(9, False), (10, True)])
def test_a_text_of_ten_blocks_or_more_is_held_out_evenly(paragraphs, apart):
    text = "".join(f"{n} {'word ' * 12}\n\n" for n in range(paragraphs))
    parts = split(Corpus("c", (Document("d", text),)))
    assert parts.cut == ("10 blocks, every fifth held out" if apart else "")
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == ([7, 1, 2] if apart else [6, 1, 2])


def test_long_documents_stay_whole_where_there_are_several():
    """Each of them could be cut as a corpus of one document is."""
    novels = tuple(Document(f"n{i}", novel(20_000).documents[0].text) for i in range(10))
    parts = split(Corpus("c", novels))
    assert sorted((*parts.train, *parts.valid, *parts.test), key=lambda d: d.name) == list(novels)


def test_hard_passages_that_last_do_not_make_held_out_blocks_depend_on_each_other():
    """Neighbours with a correlation of 0.6; the held-out blocks' is under the 0.2 that segments may have."""
    rng = np.random.default_rng(0)
    hardness = rng.normal(size=(400, 100))
    for i in range(1, 100):
        hardness[:, i] = 0.6 * hardness[:, i - 1] + 0.8 * hardness[:, i]
    blocks_ = [Document(f"{n}", f"Block {n}.\n") for n in range(100)]
    held_out = hardness[:, [int(document.name) for document in spread(blocks_, 0).test]]
    assert np.corrcoef(hardness[:, :-1].ravel(), hardness[:, 1:].ravel())[0, 1] == pytest.approx(0.6, abs=0.02)
    assert abs(np.corrcoef(held_out[:, :-1].ravel(), held_out[:, 1:].ravel())[0, 1]) < 0.2


@given(st.text(st.sampled_from("ab .\n"), min_size=1, max_size=200), st.integers(1, 8))
def test_blocks_join_to_the_text(text, most):
    pieces = blocks(Document("d", text), most)
    assert "".join(piece.text for piece in pieces) == text
    assert 1 <= len(pieces) <= most
    assert all(piece.text for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)
    assert all(piece.text.endswith("\n") for piece in pieces[:-1])


@given(st.integers(3, 500))
def test_part_sizes_are_70_10_20_and_none_is_empty(documents):
    sizes = part_sizes(documents)
    assert sum(sizes) == documents
    assert min(sizes) >= 1
    if documents >= 10:
        for size, share in zip(sizes, (0.7, 0.1, 0.2), strict=True):
            assert abs(size - share * documents) <= 1.5


def test_characters_are_as_near_to_70_10_20_as_the_documents_allow():
    corpus = corpus_of([100 + 37 * i % 911 for i in range(40)])
    parts = split(corpus)
    for part, share in zip(SPLIT_PARTS, (0.7, 0.1, 0.2), strict=True):
        characters = sum(len(document.text) for document in getattr(parts, part))
        assert characters / corpus.characters == pytest.approx(share, abs=0.02)


def test_split_is_of_whole_documents_each_once(corpus, split):
    names = [document.name for part in SPLIT_PARTS for document in getattr(split, part)]
    assert sorted(names) == sorted(document.name for document in corpus.documents)
    assert [len(getattr(split, part)) for part in SPLIT_PARTS] == [7, 1, 2]
    assert split.notes == ()


def test_split_is_a_function_of_the_seed():
    corpus = corpus_of([100 + 37 * i % 911 for i in range(40)])
    assert split(corpus, 3) == split(corpus, 3)
    assert len({split(corpus, seed).test for seed in range(6)}) > 1


def test_other_split_seeds_hold_out_other_documents_even_of_ten():
    corpus = corpus_of([1000 + 37 * i for i in range(10)])
    splits = [split(corpus, seed) for seed in range(6)]
    assert len({(parts.valid, parts.test) for parts in splits}) == 6
    held_out = [sum(len(document.text) for document in parts.test) / corpus.characters for parts in splits]
    assert held_out == pytest.approx([0.2] * 6, abs=0.02)


def test_split_does_not_depend_on_the_texts_but_their_lengths(corpus):
    other = replace(corpus, documents=tuple(Document(d.name, "x" * len(d.text)) for d in corpus.documents))
    assert [d.name for d in split(other).test] == [d.name for d in split(corpus).test]


@pytest.mark.parametrize("layout", ["{}", "{}__one"])
def test_a_given_split_is_used_as_it_is(tmp_path, layout):
    write(tmp_path, **{layout.format(part): f"The text of {part}." for part in SPLIT_PARTS})
    for seed in (0, 1):
        parts = split(read_corpus(tmp_path), seed)
        assert [getattr(parts, part)[0].text for part in SPLIT_PARTS] == [
            f"The text of {part}." for part in SPLIT_PARTS
        ]
        assert [note for note in parts.notes if "same text" in note] == []
    assert [d.text for d in read_corpus(tmp_path).documents] == [f"The text of {part}." for part in SPLIT_PARTS]


@pytest.mark.parametrize(
    ("present", "missing"), [("train test", "valid"), ("train valid", "test"), ("valid test", "train")]
)
def test_an_incomplete_given_split_is_refused_naming_what_is_missing(tmp_path, present, missing):
    write(tmp_path, **{f"{part}__{i}": "Some text. " * 90 for part in present.split() for i in range(3)})
    with pytest.raises(InputError, match=f"without '{missing}'") as error:
        read_corpus(tmp_path)
    assert str(tmp_path) in sentence(error)


def test_an_empty_part_is_refused(tmp_path):
    write(tmp_path, train="A", test="T")
    (tmp_path / "valid").mkdir()
    with pytest.raises(InputError, match="valid has no"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("same", "consequence"),
    [("train valid", "trained on it"), ("train test", "trained on it"), ("valid test", "that is scored")],
)
def test_the_same_text_in_two_parts_is_noted(tmp_path, same, consequence):
    write(tmp_path, **{part: "Same text." if part in same.split() else f"Own text of {part}." for part in SPLIT_PARTS})
    (note,) = split(read_corpus(tmp_path)).notes
    assert all(part in note for part in same.split())
    assert consequence in note


def test_hash_changes_with_names_texts_and_given_split(tmp_path):
    plain = corpus_of([300, 300, 300])
    a, b, c = plain.documents
    others = [
        replace(plain, documents=(a, b)),
        replace(plain, documents=(b, a, c)),
        replace(plain, documents=(replace(a, name="e"), b, c)),
        replace(plain, documents=(replace(a, text=a.text + "y"), b, c)),
        replace(plain, documents=(Document("d0x", "x" * 299), b, c)),
        read_corpus(write(tmp_path, train="A", valid="B", test="C")),
        read_corpus(write(tmp_path / "other", train="B", valid="A", test="C")),
    ]
    assert len({corpus.sha256 for corpus in [plain, *others]}) == len(others) + 1
    assert replace(plain, name="other", path="elsewhere").sha256 == plain.sha256


@pytest.mark.parametrize("name", ["char", "word", "spaced", "whitespace", "bpe"])
@pytest.mark.parametrize("end", ["\n\n", "\n", " "], ids=ascii)
def test_one_training_document_does_not_make_everything_a_surprise(tmp_path, name, end):
    """The usual layout: train.txt, valid.txt, test.txt. Left out, its one document would leave nothing."""
    text = f"It was a dark and stormy night; the rain fell in torrents.{end}" * 40
    parts = split(read_corpus(write(tmp_path, train=text, valid="It was a night.", test="A dark night.")))
    tokenizer = TOKENIZERS.make(name, **({"strategy": "unk"} if name == "word" else {}))
    assert tokenizer.fit(parts.train, parts.valid).vocabulary.reserve.share < 0.05


def test_hidden_files_are_not_read_and_linked_folders_are(tmp_path):
    write(tmp_path / "corpus", one="One.", sub__two="Two.", **{".hidden": "No.", ".git__three": "No."})
    write(tmp_path / "elsewhere", four="Four.")
    (tmp_path / "corpus" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "corpus" / "sub" / "around").symlink_to(tmp_path / "corpus")  # never ends if followed
    names = [document.name for document in read_corpus(tmp_path / "corpus").documents]
    assert names == ["linked/four", "one", "sub/two"]


@pytest.mark.parametrize("marks", [("compare.toml",), ("config.toml", "tokenizer/tokenizer.json")])
def test_comparisons_and_runs_below_a_corpus_are_not_read(tmp_path, marks):
    write(tmp_path, a="A")
    before = read_corpus(tmp_path)
    ours = tmp_path / "reports" / "tales--char"
    for name in (*marks, "metrics.csv"):
        (ours / name).parent.mkdir(parents=True, exist_ok=True)
        (ours / name).write_text("column,seed\n", "utf-8")
    (ours / "samples.jsonl").write_text('{"text": "what a model has written"}\n', "utf-8")
    assert read_corpus(tmp_path) == before
