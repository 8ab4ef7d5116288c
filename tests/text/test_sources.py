"""Corpora from files, rows and folders: canonical text, given splits, and what cannot be read is refused by name."""

import csv
import gzip
import io
import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from spacy.util import get_lang_class

from toolkit.errors import InputError
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, canonical, language_code
from toolkit.text.sources import read_corpus, read_document
from toolkit.text.splits import split
from toolkit.text.tagging import Tagger

AWKWARD = st.text(
    st.sampled_from('ab \t\n\r\ufeff\u0301\u00e9e\u212b한ᄀ\u1161\u11a8\u3099か\u0cc6\u0cc2\u0cd5,"\u2028'),
    max_size=24,
)
COMPRESS = {"gz": gzip.compress, "GZ": gzip.compress}
TALE = "Once, café.\r\n".encode() * 50
ROW = b'{"text": "A"}\n'
UNREADABLE = {  # by what is wrong: the file's ending, and its content
    "empty": ("txt", b""),
    "white space": ("txt", b"\xef\xbb\xbf\r\n"),
    "not UTF-8": ("txt", b"caf\xe9 au lait"),
    "ends within a character": ("txt", b"abc\xe2\x82"),
    "NUL": ("txt", b"a\0"),
    "half a .gz": ("txt.gz", gzip.compress(TALE)[:40]),
    "no .gz": ("txt.gz", b"not compressed"),
    "compressed, not UTF-8": ("txt.gz", gzip.compress(b"caf\xe9")),
    "no object": ("jsonl", ROW + b"[1]"),
    "no JSON": ("jsonl", ROW + b"{'text': 1}"),
    "too deep": ("jsonl", ROW + b"[" * 100_000),
    "a number": ("jsonl", ROW + b'{"text": 7}'),
    "another column": ("jsonl", ROW + b'{"body": "A"}'),
    "an escaped NUL": ("jsonl", ROW + b'{"text": "\\u0000"}'),
    "rows not UTF-8": ("jsonl", ROW + b"caf\xe9"),
    "no header": ("csv", b""),
    "a field too many": ("csv", b"text,id\nA,1,2\n"),
    "an open quote": ("csv", b'text\n"A\nB'),
    "no row with text": ("csv", b'text\n""\n" "\n'),
}


def write(folder, **contents):
    """Files of a folder: name=text, or name=bytes; ``__`` in a name is a folder's end, and ``.txt`` is the ending."""
    for name, content in contents.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def write_rows(path, texts, column="text"):
    """A file with the texts, in the format of its ending."""
    path.parent.mkdir(exist_ok=True)
    out = io.StringIO(newline="")
    match path.suffix.lower():
        case ".csv":
            csv.writer(out).writerows([["id", column], *([i, text] for i, text in enumerate(texts))])
        case _:
            rows = [{"id": i, column: text} for i, text in enumerate(texts)]
            out.write("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
    path.write_bytes(("\ufeff" + out.getvalue()).encode())
    return path


@given(AWKWARD)
@example("\ufeff\ufeffa\r\r\n")
@example("\u0cc6\u0cc2\u0cd5")
def test_canonical_text_is_nfc_without_crlf_or_byte_order_mark(text):
    once = canonical(text)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r\n" not in once
    assert not once.startswith("\ufeff")


def test_a_folder_is_read_recursively_by_name_in_all_formats(tmp_path):
    folder = write(
        tmp_path / "corpus",
        b="B",
        a=b"\xef\xbb\xbfcafe\xcc\x81\r\nb",
        deep__er__c="C",
        **{".hidden": "No.", ".git__x": "No."},
    )
    write_rows(folder / "deep" / "r.csv", ["D", "", "E"])
    write_rows(folder / ".h.jsonl", ["No."])
    write(tmp_path / "elsewhere", four="Four.")
    (folder / "readme.md").write_text("not part of it")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "deep" / "around").symlink_to(folder)  # never ends if followed
    corpus = read_corpus(folder)
    assert [(document.name, document.text) for document in corpus.documents] == [
        ("a", "café\nb"), ("b", "B"), ("deep/er/c", "C"), ("deep/r/000001", "D"), ("deep/r/000003", "E"),
        ("linked/four", "Four."),
    ]  # fmt: skip
    assert (corpus.name, corpus.characters) == ("corpus", 15)


def test_about_toml_names_the_corpus_and_arguments_win(tmp_path):
    path = write(tmp_path, a="Es war einmal.")
    for place in (path, path / "a.txt"):
        assert read_corpus(place).language == find_corpus(str(place)).language == "en"
        assert read_corpus(place, language="fr").language == "fr"
    assert (read_corpus(path / "a.txt").name, read_corpus(path / "a.txt").documents[0].name) == ("a", "a")
    (path / "about.toml").write_text('name = "tales"\nlanguage = "nl"\n')
    assert (read_corpus(path).name, read_corpus(path).language) == ("tales", "nl")
    assert (read_corpus(path, "mine", "fr").name, read_corpus(path, "mine", "fr").language) == ("mine", "fr")
    (path / "about.toml").write_text('language = "Dutch"\n')
    assert (read_corpus(path).language, read_corpus(path, language="turkish").language) == ("nl", "tr")
    (path / "about.toml").write_text("name = ")
    with pytest.raises(InputError, match=r"about\.toml"):
        read_corpus(path)


def test_a_language_has_a_code_or_spacys_name_and_the_nearest_name_is_suggested():
    for code in ("tr", "grc", "nn"):
        assert language_code(get_lang_class(code).__name__.upper()) == code
    codes = {"Ancient Greek": "grc", "norwegian Nynorsk": "nn", "TR": "tr", "tlh": "tlh", "pt-BR": "pt-br"}
    assert {name: Corpus("corpus", (), name).language for name in codes} == codes
    assert Tagger(language="Turkish").language == "tr"  # of a column's option
    for wrong in ("turkisch", "", "the Turkish"):
        with pytest.raises(InputError, match=r"turkish \(tr\)"):
            Corpus("corpus", (), wrong)


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, fault):
    ending, content = UNREADABLE[fault]
    write(tmp_path, whole="text")
    (tmp_path / f"damaged.{ending}").write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_corpus(tmp_path)


def test_other_paths_that_are_no_corpus_and_no_document_are_refused(tmp_path):
    numbers = write_rows(tmp_path / "rows" / "numbers.jsonl", [1, 2])
    for path, name in ((tmp_path / "nowhere", "nowhere"), (tmp_path, tmp_path.name), (numbers, "numbers")):
        with pytest.raises(InputError, match=name):
            read_corpus(path)
    write(tmp_path, void=" \n")
    for path in (tmp_path / "void.txt", write_rows(tmp_path / "a.csv", ["A"])):
        with pytest.raises(InputError, match=path.name):
            read_document(path)


@pytest.mark.parametrize("end", COMPRESS)
def test_a_compressed_text_is_read_as_if_it_was_not(tmp_path, end):
    path = tmp_path / f"tale.v2.txt.{end}"
    path.write_bytes(COMPRESS[end](TALE))
    document = Document("tale.v2", TALE.decode().replace("\r\n", "\n"))
    assert read_corpus(path).documents == read_corpus(tmp_path).documents == (document,)
    assert read_corpus(path).name == "tale.v2"
    path.with_suffix("").write_bytes(TALE)
    with pytest.raises(InputError, match=r"tale\.v2"):  # two of one name
        read_corpus(tmp_path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "CSV", "Jsonl"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=5),
    column=st.sampled_from(["text", "the.body"]),
)
@example(
    texts=["\ufeffcafe\u0301\r\n", " \n", 'One, "two"\r\nthree\u2028four\n\nfive;\ttab', ""], column="the.body"
)
def test_rows_that_are_written_are_read_from_the_column_that_is_stated(tmp_path, ending, texts, column):
    path = write_rows(tmp_path / f"a.{ending}", [*texts, "last"], column)
    (tmp_path / "about.toml").write_text("")
    if column != "text":
        with pytest.raises(InputError, match="'text'"):
            read_corpus(tmp_path)
        (tmp_path / "about.toml").write_text(f'text_column = "{column}"\n')
    rows = enumerate(map(canonical, [*texts, "last"]), 1)
    expected = [Document(f"{path.stem}/{n:06}", text) for n, text in rows if text.strip()]
    assert list(read_corpus(tmp_path).documents) == expected


def test_a_given_split_is_used_as_it_is_and_refused_if_incomplete(tmp_path):
    texts = {part: f"The text of {part}." for part in SPLIT_PARTS}
    for layout in ("{}", "{}__one"):
        place = write(tmp_path / layout, **{layout.format(part): text for part, text in texts.items()})
        corpus = read_corpus(place)
        for seed in (0, 1):
            assert [part[0].text for part in split(corpus, seed).parts.values()] == list(texts.values())
        assert [document.text for document in corpus.documents] == list(texts.values())
    for part in SPLIT_PARTS:
        write_rows(tmp_path / "rows" / f"{part}.jsonl", [f"First of {part}", "", f"Last of {part}"])
    parts = read_corpus(tmp_path / "rows").given
    assert [document.name for document in parts.valid] == ["valid/000001", "valid/000003"]
    assert [document.text for document in parts.test] == ["First of test", "Last of test"]
    for missing in SPLIT_PARTS:
        folder = write(tmp_path / f"without {missing}", **{p: "Some text." for p in SPLIT_PARTS if p != missing})
        with pytest.raises(InputError, match=f"'{missing}'"):
            read_corpus(folder)


def test_a_hash_is_of_names_texts_their_order_and_the_given_split(tmp_path):
    a, b, c = (Document(f"d{number}", "x" * 300) for number in range(3))
    plain = Corpus("c", (a, b, c))
    others = [
        *(replace(plain, documents=(one, b, c)) for one in (replace(a, name="e"), Document("d0x", "x" * 299))),
        *(replace(plain, documents=documents) for documents in ((a, b), (b, a, c))),
        read_corpus(write(tmp_path / "one", train="A", valid="B", test="C")),
        read_corpus(write(tmp_path / "other", train="B", valid="A", test="C")),
    ]
    assert len({corpus.sha256 for corpus in [plain, *others]}) == len(others) + 1
    assert replace(plain, name="other", path="elsewhere").sha256 == plain.sha256
    assert find_corpus("weird-tales").sha256.startswith("589496fa")
