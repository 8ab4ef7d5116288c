"""``import toolkit``: its names, and that they give the same results as the command line."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import toolkit
from toolkit.errors import InputError
from toolkit.inference.combined import Ensemble
from toolkit.results.bits import PARTS
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import Comparison
from toolkit.text.corpus import Split, characters
from toolkit.text.neutral import words

BRIEF = {"samples": {"characters": 60, "count": 2}}
COLUMNS = ["char@ngram", "word:unk@ngram"]
TEXT = "The harbour lay still; “don’t,” he said.\n\nNo ship had come…"


@pytest.fixture(scope="module")
def comparison(brief_folder, tmp_path_factory):
    """A comparison of two columns, made by the library."""
    out = tmp_path_factory.mktemp("library") / "out"
    return toolkit.compare(COLUMNS, brief_folder, settings=BRIEF, out=out, quiet=True)


@pytest.fixture(params=[0, 1], ids=COLUMNS)
def run(request, comparison):
    """The folder of each run."""
    return comparison.folder / comparison.done[request.param].run


@pytest.fixture
def model(run):
    return toolkit.load(run)


def test_every_public_name_is_there():
    assert dir(toolkit) == toolkit.__all__
    for name in toolkit.__all__:
        assert getattr(toolkit, name)
    with pytest.raises(AttributeError, match="compair"):
        toolkit.compair  # noqa: B018


def test_the_command_line_gives_the_same_comparison(comparison, brief_folder, tmp_path, command_line):
    settings = [f"--set=samples.{name}={value}" for name, value in BRIEF["samples"].items()]
    options = ["--tokenizers", ",".join(COLUMNS), "--corpus", brief_folder, "--out", tmp_path / "out", *settings]
    assert command_line("compare", *options, "--quiet", "--workers", 1)[0] == 0
    theirs = Comparison.load(tmp_path / "out" / "comparison.json")
    by_the_clock = {"train_seconds", "characters_per_second", "history"}
    cells, their_cells = (
        [cell.model_dump(exclude=by_the_clock) for cell in c.done] for c in (comparison, theirs)
    )
    assert cells == their_cells
    plans = [(folder / "compare.toml").read_text("utf-8") for folder in (comparison.folder, tmp_path / "out")]
    without_commands = [plan.partition("\n")[2] for plan in plans]
    assert without_commands[0] == without_commands[1]


def test_the_recorded_call_and_a_file_of_settings_give_the_same_comparison(comparison, brief_folder, tmp_path):
    call = ast.parse(comparison.command, mode="eval").body
    arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert toolkit.compare(**arguments, out=comparison.folder, quiet=True) == comparison
    lines = [f"{group}.{name} = {value}\n" for group, table in BRIEF.items() for name, value in table.items()]
    (tmp_path / "tiny.toml").write_text("".join(lines), "utf-8")
    settings, out = tmp_path / "tiny.toml", str(comparison.folder)
    assert toolkit.compare(", ".join(COLUMNS), brief_folder, settings=settings, out=out, quiet=True) == comparison


def test_a_comparison_knows_its_folder_and_its_page(comparison, tmp_path):
    loaded = Comparison.load(comparison.folder / "comparison.json")
    assert (loaded, loaded.folder) == (comparison, comparison.folder)
    assert loaded.page == comparison.folder / "index.html"
    loaded.save(tmp_path / "moved.json")
    moved = Comparison.load(tmp_path / "moved.json")
    assert (moved, moved.folder, moved.page) == (comparison, tmp_path, None)


def shown(thing):
    """What a notebook shows."""
    return ElementTree.fromstring(f"<div>{thing._repr_html_()}</div>")


def test_a_notebook_shows_table_answer_and_link_and_escapes_every_text(comparison, tmp_path, monkeypatch):
    html = shown(comparison)
    assert [part.tag for part in html] == ["table", "p", "p"]
    for cell in comparison.done:
        assert {comparison.headline, cell.column, f"{cell.bits_per_character.total:.3f}"} <= set(html.itertext())
    assert [link.get("href") for link in html.iter("a")] == [comparison.page.as_uri()]
    monkeypatch.chdir(tmp_path)
    evil = '<script>alert("&")</script>'
    failed = {"column": evil, "tokenizer": "char", "strategy": None, "model": "lstm", "seed": 1, "fraction": 1.0}
    corpus = comparison.corpus.model_copy(update={"name": evil, "notes": [evil]})
    cells = [*comparison.cells, FailedCell(**failed, run="r", reason=evil)]
    hostile = comparison.model_copy(update={"cells": cells, "corpus": corpus})
    assert len(hostile.to_frame()) == len(comparison.done)
    hostile.folder = Path('a "b" <c>')
    hostile.folder.mkdir()
    (hostile.folder / "index.html").touch()
    html = shown(hostile)
    assert (list(html.iter("script")), html.find("table/caption").text) == ([], hostile.title)
    assert evil in hostile.title
    assert [link.get("href") for link in html.iter("a")] == ["a%20%22b%22%20%3Cc%3E/index.html"]


def test_what_python_gives_is_a_line_of_text_and_a_table_in_a_notebook(comparison, brief, tmp_path):
    run = comparison.folder / comparison.done[0].run
    inspection = toolkit.inspect(brief, COLUMNS, out=tmp_path / "out", quiet=True)
    parts = Split(brief.documents[:2], brief.documents[2:3], brief.documents[3:])
    size, split = f"{brief.characters:,}", replace(brief, given=parts)
    for thing, texts in (
        (comparison, [comparison.title, comparison.headline]),
        (toolkit.load(run), [comparison.done[0].column, f"{comparison.done[0].parameters:,}"]),
        (Ensemble([toolkit.load(run)]), ["Ensemble"]),
        (brief, [brief.name, size, brief.language]),
        (split, [size]),
        (inspection, [brief.name, size]),
        (comparison.done[0], [comparison.done[0].column]),
    ):
        line = repr(thing)
        assert str(thing) == line
        assert all(text in line for text in texts)
        assert len(line) < 500
        assert "\n" not in line
        if thing is not comparison.done[0]:
            widths = {len(row) for row in shown(thing).iter("tr")}
            assert len(widths) == 1
    rows = [[cell.text for cell in row] for row in shown(split).find("table/tbody")]
    assert rows == [[part, str(len(texts)), f"{characters(texts):,}"] for part, texts in parts.parts.items()]
    assert inspection.columns[0].column in shown(inspection).itertext()


def test_a_frame_has_a_row_per_finished_cell(comparison):
    frame = comparison.to_frame()
    assert list(frame["column"]) == COLUMNS
    assert list(frame["strategy"].isna()) == [True, False]
    parts = [f"bits_per_character_{part}" for part in PARTS]
    np.testing.assert_allclose(frame[parts].sum(axis=1), frame["bits_per_character_total"])
    for (_, row), cell in zip(frame.iterrows(), comparison.done, strict=True):
        assert row["bits_per_character_total"] == cell.bits_per_character.total
        assert row["distinct_1"] == cell.generated.measures["distinct_1"].value
        for name in ("seed", "parameters", "updates", "train_seconds", "tokens", "run", "perplexity_per_token"):
            assert row[name] == getattr(cell, name)


def test_a_model_scores_as_the_command_line_does_and_compresses_to_its_bits(model, run, tmp_path, command_line):
    (tmp_path / "a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    code, out, _ = command_line("score", run, tmp_path / "a.txt", "--json")
    (row,) = json.loads(out)
    assert (code, model.bits(TEXT), model.bits(TEXT.replace("\n", "\r\n"))) == (0, row["bits"], row["bits"])
    costs = model.bits_per_word(TEXT)
    assert [cost.word for cost in costs] == words(TEXT)
    assert all(TEXT[cost.start : cost.end].removeprefix(" ") == cost.word for cost in costs)
    assert 0 < sum(cost.bits for cost in costs) < model.bits(TEXT)
    assert (model.bits("") > 0, model.bits_per_word("")) == (True, [])
    for text in ("", TEXT, "Ωλ😀 zyxwvut \r \U0010ffff"):
        compressed = model.compress(text)
        assert model.decompress(compressed) == text
        assert abs(len(compressed) - 32 - model.bits(text) / 8) <= 8


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.bits_per_word("\ud800"),
        lambda model: model.generate(length=0),
        lambda model: model.generate(seed=2**31),
        lambda model: model.generate(temperature=0),
        lambda model: model.decompress(model.compress("text")[:-1]),
        lambda model: model.generate(number=0),
        lambda model: model.generate(length="x"),
        lambda model: model.generate(temperature="hot"),
        lambda model: model.generate(top_k=2.5),
        lambda model: model.generate(fill="never"),
        lambda model: model.generate(None),
        lambda model: model.bits(5),
        lambda model: model.bits_per_word(b"x"),
        lambda model: model.compress(b"x"),
        lambda model: model.decompress("x"),
        lambda _: toolkit.load(None),
        lambda _: toolkit.load("run", code="mine.py"),
        lambda _: toolkit.train(3),
        lambda _: toolkit.inspect(5),
        lambda _: toolkit.Document(1, 2),
        lambda _: toolkit.Corpus("n", ["text"]),
        lambda _: toolkit.Corpus("n", "text"),
        lambda _: Comparison.load(5),
    ],
)
def test_an_invalid_value_is_refused(model, call):
    with pytest.raises(InputError):
        call(model)


def test_numbers_of_numpy_are_numbers(model):
    numbers = {
        "length": np.int64(20),
        "seed": np.uint8(3),
        "temperature": np.float32(0.5),
        "top_p": np.float64(1),
    }
    assert model.generate("a", **numbers) == model.generate("a", length=20, seed=3, temperature=0.5, top_p=1)


def test_a_corpus_made_in_python_is_taken_in_canonical_form(brief, tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    windows = [replace(document, text=document.text.replace("\n", "\r\n")) for document in brief.documents]
    corpora = [toolkit.Corpus("mine", tuple(documents)) for documents in (brief.documents, windows)]
    first, second = (toolkit.compare("char@ngram", corpus, settings=BRIEF, quiet=True) for corpus in corpora)
    assert first.folder == second.folder == Path("reports/mine--char-ngram")
    assert first == second
    code, _, message = command_line("verify", first.folder / first.done[0].run, "--quiet")
    assert (code, "'mine'" in message) == (2, True)  # its text cannot be read again


def test_an_unusable_corpus_is_refused_before_anything_is_written(brief, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    alike = [(toolkit.Document("x", text),) * 3 for text in (" \n", "\ud800")]
    short = tuple(toolkit.Document(name, "Short.") for name in "xyz")
    for changes in ({"name": "../mine"}, *({"documents": documents} for documents in ((), *alike, short))):
        with pytest.raises(InputError):
            toolkit.compare("char", replace(toolkit.Corpus("mine", brief.documents), **changes), quiet=True)
    assert list(tmp_path.iterdir()) == []


USER = """
import toolkit
from toolkit import Comparison, Model


def read(model: Model, text: str) -> tuple[float, list[str]]:
    restored: str = model.decompress(model.compress(text))
    return model.bits(restored), [cost.word for cost in model.bits_per_word(text)] + model.generate(fill="seen")


comparison: Comparison = toolkit.compare(["char", "word"], "weird-tales", budget="2m")
cell = toolkit.train("char", toolkit.Corpus("mine", (toolkit.Document("a", "b"),)))
if cell.status == "done":
    print(read(toolkit.load(cell.run), "text"), cell.bits_per_character.total, comparison.headline)
print(toolkit.__version__, list(toolkit.TOKENIZERS), toolkit.contracts.check_tokenizer)
"""
WRONG = """
import toolkit

toolkit.compare(["char"], budjet="2m")
number: int = toolkit.load("run").generate()
toolkit.load("run").generate(fill="never")
"""


@pytest.mark.slow
def test_mypy_sees_the_types_in_a_users_script(tmp_path):
    """So the package has its ``py.typed``. Of large libraries mypy reads nothing, which saves most of its time."""
    skipped = "[mypy]\n[mypy-numpy.*,rich.*,spacy.*,tokenizers.*,typer.*]\nfollow_imports = skip\n"
    for name, content in (("mypy.ini", skipped), ("right.py", USER), ("wrong.py", WRONG)):
        (tmp_path / name).write_text(content, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "right.py", "wrong.py"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    errors = re.findall(r"^(.*):(\d+): error: .*\[([\w-]+)\]$", ended.stdout, re.MULTILINE)
    expected = [("wrong.py", "4", "call-arg"), ("wrong.py", "5", "assignment"), ("wrong.py", "6", "arg-type")]
    assert errors == expected, ended.stdout + ended.stderr
