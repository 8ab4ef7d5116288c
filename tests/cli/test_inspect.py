"""toolkit inspect as a user meets it."""

import json
import re

import pytest

from toolkit.cli.inspect import show
from toolkit.results.inspection import Inspection

COLUMNS = ("--tokenizers", "char@ngram,word:unk@ngram")


def test_it_prints_tables_of_80_columns_and_the_page(brief_folder, folder, toolkit, capsys):
    code, out, err = toolkit("inspect", brief_folder, *COLUMNS, "--out", "out")
    assert code == 0
    assert "reading 2 columns" in err
    *lines, page = out.splitlines()
    assert page == "Report:  out/index.html"
    inspection = Inspection.load(folder / "out" / "inspect.json")
    for number in (inspection.text["train"].tokens, inspection.coverage.hapax_types, inspection.columns[0].parameters):
        assert f"{number:,}" in out
    assert f"{inspection.columns[1].ngram.bits_per_character.total:.4f}" in out
    said = " ".join(out.split())
    assert all(" ".join(advice.sentence.split()) in said for advice in inspection.advice)
    large = {"column": "word:a-long-name-of-its-own@gru", "parameters": 12_345_678, "train_tokens": 123_456_789}
    show(inspection.model_copy(update={"columns": [inspection.columns[0].model_copy(update=large)]}))
    folded = capsys.readouterr().out
    assert {"12,345,678", "123,456,789"} <= set(folded.split())
    assert max(map(len, [*lines, *folded.splitlines()])) <= 80
    assert "…" not in out + folded


def test_what_is_done_is_said_of_one_column_and_no_network(brief_folder, folder, toolkit):
    _, _, err = toolkit("inspect", brief_folder, "--tokenizers", "char@ngram", "--out", folder / "out")
    assert "reading 1 column;" in err
    assert "training" not in err


def test_names_of_usual_columns_are_not_folded(brief_folder, folder, toolkit, capsys):
    toolkit("inspect", brief_folder, *COLUMNS, "--out", "out")
    inspected = Inspection.load(folder / "out" / "inspect.json")
    char = inspected.columns[0]
    usual = {"parameters": 1_234_567, "train_tokens": 73_567, "covered_tokens": 73_567, "test_tokens": 20_749}
    names = ["word:pos@ngram", "word:cluster@ngram", "spaced:unk"]
    columns = [char.model_copy(update=usual | {"column": name}) for name in names]
    show(inspected.model_copy(update={"columns": columns}))
    shown = capsys.readouterr().out
    assert all(len(re.findall(rf"^ {name} ", shown, re.MULTILINE)) >= 2 for name in names)
    assert max(map(len, shown.splitlines())) <= 80


def test_json_is_inspect_json_and_the_page(brief_folder, folder, toolkit):
    code, out, err = toolkit("inspect", brief_folder, "--tokenizers", "char@ngram", "--json", "--quiet")
    document = json.loads(out, parse_constant=pytest.fail)
    assert (code, err) == (0, "")
    assert document.pop("page") == "reports/brief--inspect/index.html"
    assert document == json.loads((folder / "reports" / "brief--inspect" / "inspect.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "No corpus 'nowhere'"),
        (("weird-tales", "--tokenizers", "chat"), "There is no tokenizer 'chat'"),
        (("weird-tales", "--set", "network.unit=3"), "network.unit"),
        (("weird-tales", "--split-seed", "-1"), "--split-seed"),
    ],
)
def test_bad_input_is_one_sentence(toolkit, folder, arguments, said):
    code, out, err = toolkit("inspect", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert list(folder.iterdir()) == []
