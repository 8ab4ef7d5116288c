"""Files whose rows are documents: what is written is read, and each thing that is wrong is said."""

import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from toolkit.errors import InputError
from toolkit.text.corpus import Document
from toolkit.text.rows import csv_rows, jsonl_rows
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), min_size=1, max_size=5)
AWKWARD = 'One, "two"\r\nthree\u2028four\n\nfive;\ttab'


def write_csv(texts, column="text"):
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([["id", column], *([i, text] for i, text in enumerate(texts))])
    return out.getvalue()


def write_jsonl(texts, column="text"):
    return "".join(f"{json.dumps({'id': i, column: text}, ensure_ascii=False)}\n" for i, text in enumerate(texts))


def write_parquet(path, **columns):
    parquet.write_table(pa.table(columns), path)
    return path


def refusal(path, **asked):
    """The sentence that reading the path is refused with."""
    with pytest.raises(InputError) as error:
        read_corpus(path, **asked)
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert path.name in text
    return text


@given(TEXTS)
def test_what_is_written_as_csv_is_read(texts):
    written = io.StringIO(write_csv(texts), newline="")
    assert list(csv_rows(written, "a.csv", "text")) == list(enumerate(texts, 1))


@given(TEXTS)
def test_what_is_written_as_jsonl_is_read(texts):
    assert list(jsonl_rows(io.StringIO(write_jsonl(texts), newline="\n"), "a.jsonl", "text")) == list(
        enumerate(texts, 1)
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "CSV", "Jsonl", "PARQUET"])
def test_each_row_is_a_document_in_canonical_text_and_empty_rows_are_noted(tmp_path, ending):
    path = tmp_path / f"tales.{ending}"
    texts = ["\ufeffcafe\u0301\r\n", " \n", AWKWARD, ""]
    if ending.lower() == "parquet":
        write_parquet(path, text=[*texts[:-1], None])
    else:
        path.write_bytes(("\ufeff" + {"csv": write_csv, "jsonl": write_jsonl}[ending.lower()](texts)).encode())
    corpus = read_corpus(path)
    assert corpus.name == "tales"
    assert corpus.documents == (
        Document("tales/000001", "café\n"),
        Document("tales/000003", AWKWARD.replace("\r\n", "\n")),
    )
    assert corpus.notes == ("2 of 4 rows of 'tales' have no text and were left out.",)


def test_a_folder_may_mix_formats_and_hidden_files_stay_unread(tmp_path):
    (tmp_path / "b.txt").write_text("B")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.csv").write_text(write_csv(["A", "C"]))
    (tmp_path / "c.jsonl").write_text(write_jsonl(["D"]))
    (tmp_path / ".hidden.jsonl").write_text("not JSON")
    (tmp_path / "notes.md").write_text("not read")
    write_parquet(tmp_path / "d.parquet", text=["E"])
    names = [document.name for document in read_corpus(tmp_path).documents]
    assert names == ["b", "c/000001", "d/000001", "sub/a/000001", "sub/a/000002"]


def test_a_given_split_may_be_files_of_rows(tmp_path):
    for part in ("train", "valid", "test"):
        (tmp_path / f"{part}.jsonl").write_text(write_jsonl([f"First of {part}.", "", f"Last of {part}."]))
    corpus = read_corpus(tmp_path)
    parts = split(corpus)
    assert [document.name for document in parts.valid] == ["valid/000001", "valid/000003"]
    assert [document.text for document in parts.test] == ["First of test.", "Last of test."]
    assert [note for note in parts.notes if "no text" in note] == [
        f"1 of 3 rows of '{part}' has no text and was left out." for part in ("train", "valid", "test")
    ]
    (tmp_path / "train.txt").write_text("Another.")
    assert "train.txt and train.jsonl" in refusal(tmp_path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_column_is_said_or_stated_and_a_missing_one_names_those_that_there_are(tmp_path, ending):
    path = tmp_path / f"tales.{ending}"
    if ending == "parquet":
        write_parquet(path, id=[0], **{"the.body": ["A"]})
    else:
        path.write_text({"csv": write_csv, "jsonl": write_jsonl}[ending](["A"], "the.body"))
    said = refusal(path)
    assert "'text'" in said
    assert "id, the.body" in said
    assert "--text-column" in said
    assert read_corpus(path, text_column="the.body").documents == (Document("tales/000001", "A"),)
    (tmp_path / "about.toml").write_text('text_column = "the.body"\n')
    corpus = read_corpus(tmp_path)
    assert (corpus.documents[0].text, corpus.text_column) == ("A", "the.body")
    assert "'other'" in refusal(path, text_column="other")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"[1]", "Line 2 of"),
        (b"[1]", "a list, not an object"),
        (b'"text"', "a text, not an object"),
        (b"[1]", 'give one object a line, {"text": …}.'),
        (b"{'text': 1}", "is not JSON: Expecting property name enclosed in double quotes, at character 2; give"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"text": 7}', "has a number as 'text'"),
        (b'{"text": {"a": 1}}', "has an object as 'text'"),
        (b'{"text": true}', "has true or false as 'text'"),
        (b'{"body": "A"}', "no column 'text' but body"),
        (b'{"body": "A"}', "lines before it have one: give this one its text, or null to leave it out."),
        (b'{"text": {"a": "A"}}', "not a text; what is inside it is not read: write the text into a column of its own"),
        (b"{}", "has no columns"),
        (b'{"text": "\\ud800"}', "surrogate"),
        (b'{"text": "\\u0000"}', "NUL"),
        (b'{"text": "caf\xe9"}', "not UTF-8"),
        (b"\0", "binary"),
    ],
)
def test_a_line_that_is_no_object_with_a_text_is_refused(tmp_path, line, said):
    path = tmp_path / "tales.jsonl"
    path.write_bytes(b'{"text": "A"}\n' + line + b"\n")
    assert said in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no columns"),
        ("moon,a light\n", "The header (first row) of"),
        ("text,id\nA,1,2\n", "Row 1 of"),
        ("text,id\nA,1\n\nB\n", "Row 3 of"),
        ("text,text\nA,B\n", "2 columns 'text'"),
        ('text\n"A\nB', "after row 0"),
        ('text\nA\n"B"C\n', "after row 1"),
        ("text\n", "no row with text"),
        ('text\n""\n" "\n', "no row with text"),
        ("text;id\nA;1\n", "text;id"),
    ],
)
def test_a_csv_file_that_has_no_text_for_each_row_is_refused(tmp_path, content, said):
    path = tmp_path / "tales.csv"
    path.write_text(content)
    assert said in refusal(path)


@pytest.mark.parametrize(
    "column",
    [["A", None], pa.array(["A", None]).dictionary_encode(), pa.array(["A", None], pa.large_string())],
    ids=["string", "dictionary", "large"],
)
def test_parquet_texts_may_be_stored_in_several_ways(tmp_path, column):
    path = write_parquet(tmp_path / "tales.parquet", text=column)
    assert [document.text for document in read_corpus(path).documents] == ["A"]
