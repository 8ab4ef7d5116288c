"""Files whose rows are documents: what is written is read, and what is wrong is refused."""

import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from toolkit.errors import InputError
from toolkit.text.corpus import Document, canonical
from toolkit.text.sources import read_corpus

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
TEXTS = st.lists(TEXT, min_size=1, max_size=5)


def write(path, texts, column="text"):
    """A file with the texts, in the format of its ending."""
    out = io.StringIO(newline="")
    match path.suffix.lower():
        case ".csv":
            csv.writer(out).writerows([["id", column], *([i, text] for i, text in enumerate(texts))])
        case ".jsonl":
            rows = [{"id": i, column: text} for i, text in enumerate(texts)]
            out.write("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
        case _:
            parquet.write_table(pa.table({"id": [*range(len(texts))], column: texts}), path)
            return path
    path.write_bytes(("\ufeff" + out.getvalue()).encode())
    return path


def refusal(path, words=(), **options):
    with pytest.raises(InputError) as error:
        read_corpus(path, **options)
    assert all(word in str(error.value) for word in (path.stem, *words))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "CSV", "Jsonl", "PARQUET"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(texts=TEXTS)
@example(texts=["\ufeffcafe\u0301\r\n", " \n", 'One, "two"\r\nthree\u2028four\n\nfive;\ttab', ""])
def test_what_is_written_is_read(tmp_path, ending, texts):
    path = write(tmp_path / f"a.{ending}", [*texts, "last"])
    rows = enumerate(map(canonical, [*texts, "last"]), 1)
    assert list(read_corpus(path).documents) == [Document(f"a/{n:06}", text) for n, text in rows if text.strip()]


def test_a_folder_may_mix_formats_and_hidden_files_stay_unread(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("B")
    for name, texts in (("sub/a.csv", ["A", "C"]), ("c.jsonl", ["D"]), (".h.jsonl", ["H"]), ("d.parquet", ["E"])):
        write(tmp_path / name, texts)
    names = [document.name for document in read_corpus(tmp_path).documents]
    assert names == ["b", "c/000001", "d/000001", "sub/a/000001", "sub/a/000002"]


def test_a_given_split_may_be_files_of_rows(tmp_path):
    for part in ("train", "valid", "test"):
        write(tmp_path / f"{part}.jsonl", [f"First of {part}.", "", f"Last of {part}."])
    parts = read_corpus(tmp_path).given
    assert [document.name for document in parts.valid] == ["valid/000001", "valid/000003"]
    assert [document.text for document in parts.test] == ["First of test.", "Last of test."]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_column_may_be_stated(tmp_path, ending):
    path = write(tmp_path / f"tales.{ending}", ["A"], "the.body")
    refusal(path, ["'text'", "about.toml"])
    (tmp_path / "about.toml").write_text('text_column = "the.body"\n')
    assert read_corpus(tmp_path).documents == (Document("tales/000001", "A"),)


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"{'text': 1}",
        b"[" * 100_000,
        b'{"text": 7}',
        b'{"body": "A"}',
        b'{"text": "\\u0000"}',
        b"caf\xe9",
    ],
)
def test_a_line_that_is_no_object_with_a_text_is_refused(tmp_path, line):
    path = tmp_path / "tales.jsonl"
    path.write_bytes(b'{"text": "A"}\n' + line + b"\n")
    refusal(path)


@pytest.mark.parametrize("content", ["", "text,id\nA,1,2\n", 'text\n"A\nB', 'text\n""\n" "\n', "text;id\nA;1\n"])
def test_a_csv_or_parquet_file_that_has_no_text_for_each_row_is_refused(tmp_path, content):
    for ending in ("csv", "parquet"):
        path = tmp_path / f"tales.{ending}"
        path.write_text(content)
        refusal(path)
    refusal(write(tmp_path / "numbers.parquet", [1, 2]))
