"""What the living page gets: the columns that it can compute, as finely as they fit, and what is measured of them."""

import re
import shutil
from dataclasses import replace

import pytest

from tests.report.living import needs_node, read, untrained
from toolkit.cli import app
from toolkit.comparison.comparison import compare
from toolkit.comparison.living import example, fitted, living, texts
from toolkit.comparison.pages import reported
from toolkit.comparison.reporter import Silent
from toolkit.comparison.request import Request
from toolkit.errors import InputError
from toolkit.network.rounding import LEVELS
from toolkit.report import render
from toolkit.results.comparison import Comparison
from toolkit.results.live import LeftOut, Live, LiveColumn
from toolkit.results.rows import Row
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load
from toolkit.text.corpus import Document


@pytest.fixture
def found(comparison_folder):
    return Comparison.load(comparison_folder / "comparison.json")


@pytest.mark.slow
@needs_node
def test_the_difference_on_the_page_is_that_of_its_own_bits(found, comparison_folder, tmp_path):
    documents = [text for document in held_out(comparison_folder) for text in texts(document)]
    for column in living(found, comparison_folder, 0).columns:
        model = load(comparison_folder / "runs" / f"{column.name.replace(':', '-')}-seed0")
        scores = model.score([model.tokenizer.encode(document) for document in documents])
        here = [text["bits"] for text in read(column.packed, [document.text for document in documents], tmp_path)]
        more = [bits - (score.total - score.bits[-1]) for bits, score in zip(here, scores, strict=True)]
        characters = [len(document.text) for document in documents]
        assert (column.characters, column.texts) == (sum(characters), len(documents))
        assert column.difference == pytest.approx(sum(more) / sum(characters), abs=1e-4)
        assert column.most == pytest.approx(max(abs(m) / n for m, n in zip(more, characters, strict=True)), abs=1e-4)
        assert column.guesses == (column.name == "word:pos")
        assert column.guesses or abs(column.difference) < 0.02


def held_out(folder):
    from toolkit.runs.folder import load_spec
    from toolkit.runs.own_split import own_split

    return own_split(load_spec(folder / "runs" / "char-seed0")).test


def test_the_largest_columns_are_rounded_more_until_all_fit(split):
    small, large = untrained(split, "char"), untrained(split, "bpe", units=48)
    sizes = [len(column.packed(LEVELS[0])) for column in (small, large)]
    assert fitted([small, large], sum(sizes)) == {small: 127, large: 127}
    less = fitted([small, large], sum(sizes) - 1)
    assert (less[small], less[large]) == (127, 90)
    least = [len(column.packed(LEVELS[-1])) for column in (small, large)]
    assert fitted([small, large], sum(least)) == {small: LEVELS[-1], large: LEVELS[-1]}
    assert list(fitted([small, large], sum(least) - 1)) == [small]
    assert fitted([small, large], 0) == {}


def test_a_run_that_is_missing_is_named(comparison_folder, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(comparison_folder, folder)
    shutil.rmtree(folder / "runs" / "word-unk-seed0")
    before = (folder / "index.html").read_bytes()
    with pytest.raises(InputError, match=r"made from the runs, and .*word-unk-seed0 is not there; repeat"):
        reported([folder], live=True)
    assert (folder / "index.html").read_bytes() == before
    reported([folder])


def test_a_column_that_the_page_does_not_have_is_left_out_with_the_reason(found, comparison_folder, monkeypatch):
    monkeypatch.setattr("toolkit.comparison.living.NETWORKS", ("gru",))
    row = Row(
        column="char",
        kind="ensemble",
        seeds=[0, 1],
        rate=None,
        rule=None,
        bits_per_character=found.cells[0].bits_per_character,
        bits_per_byte=2.0,
        perplexity_per_token=4.0,
        documents=[],
        verified=None,
    )
    live = living(found.model_copy(update={"rows": [row]}), comparison_folder, 0)
    assert live.columns == []
    assert [left.column for left in live.left_out] == ["char", "word:pos", "word:unk", "char (ensemble)"]
    assert "char is not here: its model (lstm) is not one of the networks" in render(found, live)


def test_how_far_a_columns_bits_are_from_score_stands_in_four_decimals(found):
    column = LiveColumn(
        name="char", temperature=1.0, packed="", levels=127, guesses=False, characters=400, texts=1,
        difference=0.00021, most=0.00037, rounding=0.0,
    )  # fmt: skip
    page = render(found, Live(columns=[column], left_out=[], text=""))
    assert '<td class="n">255</td><td class="n">+0.0002</td><td class="n">0.0004</td>' in page


def test_a_comparison_is_made_with_a_living_page(corpus, tiny_settings, comparison_folder, tmp_path, monkeypatch):
    shutil.copytree(comparison_folder, tmp_path / "out")
    live = Live(columns=[], left_out=[LeftOut(column="char", reason="it is not asked for")], text="")
    monkeypatch.setattr("toolkit.comparison.living.living", lambda *_: live)
    request = Request(corpus, parse_columns(["char", "word", "word:unk"], {}), tiny_settings)
    for asked in (False, True):
        compare(request, tmp_path / "out", Silent(), live=asked)
        page = (tmp_path / "out" / "index.html").read_text("utf-8")
        assert ('<section id="live">' in page) == ("char is not here: it is not asked for." in page) == asked


@pytest.mark.slow
def test_a_corpus_that_was_made_in_python_has_a_living_page(corpus, tiny_settings, comparison_folder, tmp_path):
    shutil.copytree(comparison_folder, tmp_path / "out")
    for config in tmp_path.glob("out/runs/*/config.toml"):
        config.write_text(re.sub("(?m)^corpus_path = .*", 'corpus_path = ""', config.read_text("utf-8")), "utf-8")
    request = Request(replace(corpus, path=""), parse_columns(["char", "word", "word:unk"], {}), tiny_settings)
    compare(request, tmp_path / "out", Silent(), live=True)
    reported([shutil.copytree(comparison_folder, tmp_path / "read")], live=True)
    pages = [(tmp_path / name / "index.html").read_bytes() for name in ("out", "read")]
    assert len({re.search(rb'<section id="live">.*?</section>', page, re.S)[0] for page in pages}) == 1
    with pytest.raises(InputError, match="was made in Python and cannot be read again"):
        reported([tmp_path / "out"], live=True)


def test_texts_are_the_document_in_parts_of_about_the_same_length():
    document = Document("a", "x" * 2_500)
    assert [len(text.text) for text in texts(document)] == [834, 834, 832]
    assert texts(Document("a", "")) == []


def test_the_text_at_first_is_the_first_prompt(found):
    assert example(found) == found.cells[0].generated.samples[0].prompt.strip()


def test_both_commands_have_the_option():
    from typer.testing import CliRunner

    for command in ("compare", "report"):
        assert "--live" in CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
