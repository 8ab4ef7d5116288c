"""``import toolkit``: its names, what they give, and that the same things come out as from the command line."""

import ast
import importlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import toolkit
from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.inference.adapting import Adapting
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import EventBits, document_scores
from toolkit.inference.word_costs import bits_by_word
from toolkit.results.bits import PARTS
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Answer, Warning
from toolkit.text.neutral import words

pytestmark = pytest.mark.slow

TINY = {
    "network": {"units": 8},
    "train": {"updates": 4, "checks": 1, "batch": 2, "window_characters": 40},
    "samples": {"characters": 60, "count": 2},
}
TEXT = "The harbour lay still; “don't,” he said.\n\nNo ship had come…"


def test_every_public_name_is_there_and_is_what_an_editor_sees():
    """The imports under TYPE_CHECKING, read from the source, are what ``__getattr__`` finds."""
    tree = ast.parse(Path(toolkit.__file__).read_text("utf-8"))
    seen = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("toolkit"):
            seen |= {alias.name: node.module for alias in node.names}
    assert set(seen) | {"__version__"} == set(toolkit.__all__)
    assert dir(toolkit) == sorted(toolkit.__all__)
    for name, module in seen.items():
        of_module = importlib.import_module(f"{module}.{name}") if module == "toolkit" else None
        assert getattr(toolkit, name) is (of_module or getattr(importlib.import_module(module), name))


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="module 'toolkit' has no attribute 'compair'"):
        toolkit.compair  # noqa: B018
    with pytest.raises(ImportError):
        from toolkit import compair  # noqa: F401


def compared(folder, **more):
    return toolkit.compare(["char", "word:unk"], settings=TINY, out=folder, quiet=True, **more)


@pytest.fixture(scope="module")
def comparison(brief_folder, made_once, tmp_path_factory):
    """A comparison of two columns, made by the library, in a folder of this process."""
    folder = made_once("library", lambda folder: compared(folder / "out", corpus=brief_folder))
    own = shutil.copytree(folder / "out", tmp_path_factory.mktemp("library") / "out")
    return compared(own, corpus=brief_folder)


@pytest.fixture(params=["char", "word-unk"])
def model(request, comparison):
    return toolkit.load(comparison.folder / "runs" / f"{request.param}-seed0")


def command_line(capsys, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    captured = capsys.readouterr()
    assert not end.value.code, captured.err
    return captured.out


def test_a_comparison_by_the_library_is_the_command_lines(comparison, brief_folder, tmp_path, capsys, monkeypatch):
    settings = [f"--set={group}.{name}={value}" for group, values in TINY.items() for name, value in values.items()]
    asked = ["--tokenizers", "char,word:unk", "--corpus", brief_folder, "--out", tmp_path / "out", "--quiet"]
    command_line(capsys, monkeypatch, "compare", *asked, "--workers", 1, *settings)
    theirs = Comparison.load(tmp_path / "out" / "comparison.json")
    for ours, of_theirs in zip(comparison.done, theirs.done, strict=True):
        same = {"train_seconds", "characters_per_second", "history"}
        assert ours.model_dump(exclude=same) == of_theirs.model_dump(exclude=same)
    for name in ("compare.toml", "metrics.csv"):
        assert (comparison.folder / name).is_file()
    assert (comparison.folder / "compare.toml").read_text() == (tmp_path / "out" / "compare.toml").read_text()
    assert comparison.command.startswith("toolkit.compare(tokenizers=['char', 'word:unk'], corpus='")
    assert theirs.command.startswith("toolkit compare --tokenizers")


def test_the_call_on_the_page_can_be_repeated(comparison):
    call = ast.parse(comparison.command, mode="eval").body
    arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    again = toolkit.compare(**arguments, out=comparison.folder, quiet=True)  # refused if anything differed
    assert again == comparison


def test_a_comparison_knows_its_folder_and_its_page(comparison, tmp_path):
    loaded = Comparison.load(comparison.folder / "comparison.json")
    assert loaded == comparison
    assert loaded.folder == comparison.folder
    assert loaded.page == comparison.folder / "index.html"
    loaded.save(tmp_path / "moved.json")
    assert (tmp_path / "moved.json").read_bytes() == (comparison.folder / "comparison.json").read_bytes()
    moved = Comparison.load(tmp_path / "moved.json")
    assert moved == comparison
    assert moved.page is None
    assert Comparison.model_validate(comparison.model_dump(by_alias=True)).folder is None


def test_progress_is_shown_on_standard_error_unless_it_is_to_be_quiet(brief_folder, tmp_path, capsys):
    toolkit.compare("char@ngram", brief_folder, settings=TINY, out=tmp_path / "a")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "writing the report" in captured.err
    toolkit.compare("char@ngram", brief_folder, settings=TINY, out=tmp_path / "b", quiet=True)
    assert capsys.readouterr() == ("", "")


class Html(HTMLParser):
    """The elements of a piece of HTML, with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.cells, self.said, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def test_a_notebook_shows_the_verdicts_the_table_and_a_link(comparison):
    shown = Html(comparison._repr_html_())
    assert shown.open == []
    assert {tag for tag, _ in shown.elements} == {"p", "table", "caption", "thead", "tbody", "tr", "th", "td", "a"}
    assert shown.said[0] == comparison.headline
    for cell in comparison.done:
        assert {cell.column, f"{cell.bits_per_character.total:.3f}"} <= set(shown.said)
    assert "PPMd" in shown.said
    by_text = comparison.baselines[0].model_copy(update={"name": "ppmd_documents", "variant": "primed"})
    longer = comparison.model_copy(update={"baselines": [by_text]})
    assert longer.table()[-1][0] == "PPMd by text"
    ((_, link),) = [element for element in shown.elements if element[0] == "a"]
    assert link["href"] == comparison.page.as_uri()


def test_a_notebook_escapes_every_text_and_links_relatively(comparison, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = '<script>alert("&")</script>'
    cell = comparison.done[0].model_copy(update={"column": evil})
    failed = {"column": evil, "tokenizer": "char", "strategy": None, "model": "lstm", "seed": 1}
    failed |= {"fraction": 1.0, "run": "r"}
    hostile = comparison.model_copy(
        update={
            "cells": [cell, FailedCell(**failed, reason=evil)],
            "corpus": comparison.corpus.model_copy(update={"name": evil, "notes": [evil]}),
            "contrasts": [],
            "answer": Answer(tied=[evil]),
            "warnings": [Warning(kind="failed", columns=[evil], value=evil)],
        }
    )
    hostile.folder = Path('a "b" <c>')
    hostile.folder.mkdir()
    (hostile.folder / "index.html").touch()
    html = hostile._repr_html_()
    shown = Html(html)
    assert "<script" not in html
    assert {evil, f"{evil}: no result. {evil}"} <= set(shown.said)
    ((_, link),) = [element for element in shown.elements if element[0] == "a"]
    assert link["href"] == "a%20%22b%22%20%3Cc%3E/index.html"


def test_a_frame_has_a_row_per_finished_cell(comparison):
    frame = comparison.to_frame()
    assert list(frame["column"]) == ["char", "word:unk"]
    assert list(frame["strategy"].isna()) == [True, False]
    parts = [f"bits_per_character_{part}" for part in PARTS]
    np.testing.assert_allclose(frame[parts].sum(axis=1), frame["bits_per_character_total"])
    for (_, row), cell in zip(frame.iterrows(), comparison.done, strict=True):
        assert row["bits_per_character_total"] == cell.bits_per_character.total
        for name in ("seed", "parameters", "updates", "train_seconds", "tokens", "run", "perplexity_per_token"):
            assert row[name] == getattr(cell, name)
        assert row["distinct_1"] == cell.generated.measures["distinct_1"].value
    assert not frame["verified"].any()
    assert frame["parameters"].dtype == int
    metrics = (comparison.folder / "metrics.csv").read_text("utf-8").splitlines()[0].split(",")
    assert set(metrics) <= set(frame.columns)


def test_bits_are_those_of_score(model, tmp_path, capsys, monkeypatch, comparison):
    (tmp_path / "a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    run = comparison.folder / "runs" / f"{model.origin.column.replace(':', '-')}-seed0"
    (row,) = json.loads(command_line(capsys, monkeypatch, "score", run, tmp_path / "a.txt", "--json"))
    assert model.bits(TEXT) == row["bits"]
    assert model.bits(TEXT.replace("\n", "\r\n")) == row["bits"]


def test_words_are_charged_for_their_characters_and_one_space(model):
    costs = model.bits_per_word(TEXT)
    assert [cost.word for cost in costs] == words(TEXT)
    for cost in costs:
        assert TEXT[cost.start : cost.end].removeprefix(" ") == cost.word
        assert cost.bits > 0
    (scores,) = model.score([model.tokenizer.encode(toolkit.Document("x", TEXT))])
    per_character, end = bits_by_word(TEXT, scores)
    outside = np.ones(len(TEXT), bool)
    for cost in costs:
        assert cost.bits == pytest.approx(per_character[cost.start : cost.end].sum())
        outside[cost.start : cost.end] = False
    rest = per_character[outside].sum() + end
    assert sum(cost.bits for cost in costs) + rest == pytest.approx(model.bits(TEXT), abs=1e-9)


class EightBits(NGramModel):
    """A model of which every event costs eight bits, spelling aside."""

    def __init__(self, tokenizer):
        super().__init__(tokenizer, None)

    def score(self, encodings):
        lengths = [len(encoding.ids) for encoding in encodings]
        events = [EventBits(np.full(n, 8.0), np.full(n, 0.25)) for n in lengths]
        return [document_scores(self.tokenizer, *pair) for pair in zip(encodings, events, strict=True)]


def test_words_in_a_worked_example(split):
    """Characters are events: a word pays for its own and one space; two spaces belong to no word, nor does the end.

    A quarter of a bit says that a word has ended. The first word gets one from the second, which gets it from the
    comma; the third, without a space of its own, gets one from the end.
    """
    model = EightBits(toolkit.TOKENIZERS.make("char").fit(split.train, split.valid))
    costs = [(cost.word, cost.start, cost.end, cost.bits) for cost in model.bits_per_word("the moon,  low")]
    assert costs == [("the", 0, 3, 24.25), ("moon", 3, 8, 40.0), ("low", 11, 14, 24.25)]
    assert model.bits("the moon,  low") == 8.0 * 15


def test_nothing_is_a_text_too(model):
    assert model.bits("") > 0  # its end
    assert model.bits_per_word("") == []
    assert model.decompress(model.compress("")) == ""


def test_texts_are_of_the_length_asked_for_and_each_of_its_seed(model):
    both = model.generate("The keeper", length=80, seed=3, number=2)
    assert list(map(len, both)) == [80, 80]
    assert both == [*model.generate("The keeper", length=80, seed=3), *model.generate("The keeper", length=80, seed=4)]
    assert both[0] != both[1]
    assert list(map(len, model.generate())) == [500]


def test_fills_differ_where_there_are_placeholders(comparison):
    model = toolkit.load(comparison.folder / "runs" / "word-unk-seed0")
    seen, spelled = (model.generate(length=3000, temperature=1.5, fill=fill) for fill in ("seen", "spelled"))
    assert seen != spelled


@pytest.mark.parametrize("text", ["", "a", TEXT, "\n\n  ", "Ωλ😀 zyxwvut \r \U0010ffff"], ids=ascii)
def test_what_is_compressed_comes_back_and_is_as_long_as_its_bits(model, text):
    data = model.compress(text)
    assert model.decompress(data) == text
    assert abs(len(data) - 32 - model.bits(text) / 8) <= 8


def test_the_command_line_decompresses_what_the_library_compressed(comparison, tmp_path, capsys, monkeypatch):
    run = comparison.folder / "runs" / "char-seed0"
    (tmp_path / "a.tkc").write_bytes(toolkit.load(run).compress(TEXT))
    command_line(capsys, monkeypatch, "decompress", run, tmp_path / "a.tkc", "-o", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text("utf-8") == TEXT
    command_line(capsys, monkeypatch, "compress", run, tmp_path / "a.txt", "-o", tmp_path / "b.tkc")
    assert toolkit.load(str(run)).decompress((tmp_path / "b.tkc").read_bytes()) == TEXT


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda model: model.bits("a\0b"), "the text has"),
        (lambda model: model.bits("caf\udce9"), "character 3"),
        (lambda model: model.bits_per_word("\ud800"), "UTF-8"),
        (lambda model: model.generate("\ud800"), "UTF-8"),
        (lambda model: model.generate(length=0), "length in characters is 0"),
        (lambda model: model.generate(seed=-1), "seed is -1"),
        (lambda model: model.generate(number=0), "number of texts is 0"),
        (lambda model: model.generate(seed=2**31), "seed is 2147483648"),
        (lambda model: model.generate(temperature=0), "temperature is 0"),
        (lambda model: model.generate(top_p=2), "top-p is 2"),
        (lambda model: model.generate(fill="never"), "'never'; give 'seen' or 'spelled'"),
        (lambda model: model.compress("a\r\nb"), "CRLF"),
        (lambda model: model.compress("e\u0301"), "normal form C"),
        (lambda model: model.compress("a\0b"), "the text has"),
        (lambda model: model.decompress(b""), "the data was not made by"),
        (lambda model: model.decompress(model.compress("text")[:-1], name="mine"), "mine is truncated"),
    ],
)
def test_what_is_no_value_is_refused(model, call, said):
    with pytest.raises(InputError, match=said):
        call(model)


def test_a_model_made_of_runs_reads_writes_and_codes(comparison):
    char = toolkit.load(comparison.folder / "runs" / "char-seed0")
    for several in (Ensemble([char, char]), Adapting(char, 0.3)):
        assert isinstance(several, toolkit.Model)
        assert several.bits(TEXT) > 0
        assert len(several.bits_per_word(TEXT)) == len(words(TEXT))
        assert len(several.generate(length=20)[0]) == 20
        assert several.decompress(several.compress(TEXT)) == TEXT
        assert several.summary().startswith("model ")
    assert Ensemble([char, char]).bits(TEXT) == pytest.approx(char.bits(TEXT), rel=1e-6)


def test_a_summary_says_what_the_model_is(model):
    lines = dict(line.split(None, 1) for line in model.summary().splitlines()[:5])
    assert lines["column"] == f"{model.origin.column}, seed 0"
    assert lines["model"] == "lstm (NeuralModel)"
    assert lines["vocabulary"] == f"{len(model.tokenizer.vocabulary.tokens):,} tokens"
    assert lines["parameters"].startswith(f"{model.parameters:,},")


def test_a_models_layers_follow_its_summary(split):
    class Layered(NGramModel):
        def layers(self):
            return ["first", "second"]

    tokenizer = toolkit.TOKENIZERS.make("char").fit(split.train, split.valid)
    model = Layered(tokenizer, None)
    Layered.parameters = Layered.embedding_parameters = 7
    assert model.summary().splitlines()[-2:] == ["first", "second"]


def test_what_is_no_run_is_refused(tmp_path):
    for folder, said in ((tmp_path, "is not a run"), (str(tmp_path / "nowhere"), "There is no folder .*nowhere; ")):
        with pytest.raises(InputError, match=said):
            toolkit.load(folder)


def in_memory(corpus, **changes):
    """The tales as a corpus that was made in Python."""
    return replace(toolkit.Corpus("mine", corpus.documents), **changes)


def test_a_corpus_made_in_python_is_compared_and_its_runs_are_verified_on_a_file(brief, tmp_path, capsys, monkeypatch):
    """Its text is taken in canonical form, so it is the same corpus with other line ends."""
    monkeypatch.chdir(tmp_path)
    windows = tuple(replace(document, text=document.text.replace("\n", "\r\n")) for document in brief.documents)
    one = toolkit.compare("char@ngram", in_memory(brief), settings=TINY, quiet=True)
    other = toolkit.compare("char@ngram", in_memory(brief, documents=windows), settings=TINY, quiet=True)
    assert one.folder == other.folder == Path("reports/mine--char-ngram")
    assert one == other
    assert "corpus=Corpus('mine', ...)" in one.command
    run = one.folder / one.done[0].run
    monkeypatch.setattr(sys, "argv", ["toolkit", "verify", str(run), "--quiet"])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said == (
        "toolkit: The run's corpus 'mine' was made in Python and cannot be read again; "
        "save it as files and train on those, or give a FILE to verify.\n"
    )
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    assert "verified" in command_line(capsys, monkeypatch, "verify", run, "a.txt", "--quiet")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../mine"}, r"name of the corpus cannot be '\.\./mine'"),
        ({"name": ""}, "name of the corpus"),
        ({"documents": ()}, "mine has no documents"),
        ({"documents": (toolkit.Document("x", " \n"),) * 3}, "document 'x' has no text"),
        ({"documents": (toolkit.Document("x", "a\0"),) * 3}, "document 'x' has"),
        ({"documents": (toolkit.Document("x", "\ud800"),) * 3}, "document 'x' has"),
        ({"documents": (toolkit.Document("x", "Text."),) * 3}, "There are 3 documents 'x'; give each a name"),
        ({"documents": tuple(toolkit.Document(name, "Short.") for name in "xyz")}, "too few"),
    ],
    ids=str,
)
def test_a_corpus_that_cannot_be_used_is_refused_before_anything_is_made(brief, tmp_path, changes, said, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        toolkit.compare("char", in_memory(brief, **changes), quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_settings_may_be_a_file_and_a_mapping_says_the_same(brief_folder, comparison, tmp_path):
    tables = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
        for group, values in TINY.items()
    ]
    (tmp_path / "tiny.toml").write_text("".join(tables), "utf-8")
    again = toolkit.compare(
        "char, word:unk", brief_folder, settings=tmp_path / "tiny.toml", out=str(comparison.folder), quiet=True
    )
    assert again == comparison


def test_training_that_fails_gives_a_failed_cell(brief_folder, tmp_path, monkeypatch):
    from toolkit.training import trainer
    from toolkit.training.records import DivergedError

    def fail(*_):
        raise DivergedError("the loss is nan")

    monkeypatch.setattr(trainer, "train", fail)
    cell = toolkit.train("char", brief_folder, settings=TINY, out=tmp_path / "run", quiet=True)
    assert cell.status == "failed"
    assert cell.reason == "the loss is nan"
    with pytest.raises(InputError, match="names several"):
        toolkit.train("char,bpe", brief_folder, settings=TINY, out=tmp_path / "run", quiet=True)


USER = """
from pathlib import Path

import toolkit
from toolkit import Comparison, Model


def best(folder: Path) -> str:
    comparison: Comparison = toolkit.compare(["char", "word"], "weird-tales", budget="2m", out=folder)
    cells = {cell.column: cell.bits_per_character.total for cell in comparison.done}
    comparison.save(folder / "copy.json")
    html: str = comparison._repr_html_()
    print(comparison.headline, len(html), comparison.to_frame())
    return min(cells, key=cells.__getitem__)


def read(model: Model, text: str) -> tuple[float, list[str], bytes]:
    words = [f"{cost.word} {cost.bits:.2f}" for cost in model.bits_per_word(text)]
    restored: str = model.decompress(model.compress(text))
    return model.bits(restored), words + model.generate("The keeper", 80, fill="spelled"), model.compress(text)


cell = toolkit.train("char", toolkit.Corpus("mine", (toolkit.Document("a", "b"),)))
if cell.status == "done":
    print(read(toolkit.load(cell.run), "text"), cell.bits_per_character.total, best(Path("out")))
print(toolkit.__version__, list(toolkit.TOKENIZERS), toolkit.contracts.check_tokenizer)
"""
WRONG = """
import toolkit

toolkit.compare(["char"], budjet="2m")
number: int = toolkit.load("run").summary()
toolkit.load("run").generate(fill="never")
"""


UNREAD = """
[mypy]
[mypy-numpy.*,rich.*,spacy.*,tokenizers.*,typer.*]
follow_imports = skip
"""


def test_mypy_sees_the_types_in_a_users_script(tmp_path):
    """And so the package has its ``py.typed``: without it mypy knows nothing of these names.

    Of large libraries, which neither script names, mypy reads nothing: they take ten times as long as all of ours.
    """
    (tmp_path / "mypy.ini").write_text(UNREAD, "utf-8")
    for name, script in (("right", USER), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(script, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "right.py", "wrong.py"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    errors = re.findall(r"^(.*):(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    said = done.stdout + done.stderr
    assert errors == [("wrong.py", "4", "call-arg"), ("wrong.py", "5", "assignment"), ("wrong.py", "6", "arg-type")], (
        said
    )
