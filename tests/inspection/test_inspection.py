"""A whole inspection: it agrees with a comparison, and its tables and its page show its figures."""

from dataclasses import replace

import pytest

import toolkit
from toolkit.inspection.inspection import PARTS, tables
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import INSPECTION, Inspection
from toolkit.results.text import count, decimals, percent
from toolkit.text.corpus import Corpus, Document

TINY = {"network": {"units": 12}, "train": {"updates": 40, "batch": 2, "window_characters": 40}}


def row(inspection, title, name):
    """A row of a terminal table, by heading."""
    (lines,) = (lines for heading, lines in tables(inspection).items() if heading.startswith(title))
    (cells,) = (line for line in lines if line[0] == name)
    return dict(zip((heading.replace("\n", " ") for heading in lines[0]), cells, strict=True))


@pytest.mark.slow
def test_a_network_is_sized_and_cuts_as_in_a_comparison(corpus_folder, comparison_folder, tmp_path):
    """12 units over characters: 12 · 48 multiply-adds for the recurrence and 12 · V for the output, per event."""
    inspection = toolkit.inspect(corpus_folder, "char,word", settings=TINY, out=tmp_path, quiet=True)
    comparison, units = Comparison.load(comparison_folder / "comparison.json"), 12
    corpus, (char, word) = comparison.corpus, inspection.columns
    assert inspection.corpus == corpus
    assert char.parameters == 4 * units * (char.vocabulary_size + units + 1) + (units + 1) * char.vocabulary_size
    assert word.embedding_parameters == units * word.vocabulary_size
    for column in (char, word):
        cost, (cell,) = column.training, (cell for cell in comparison.done if cell.column == column.column)
        assert (column.vocabulary_size, column.test_tokens) == (cell.vocabulary_size, cell.tokens)
        assert column.coverage == cell.coverage
        assert column.multiply_adds_per_character == cell.multiply_adds_per_character
        assert (cost.updates, cost.characters) == (40, pytest.approx(40 * 2 * 40, rel=0.02))
    event, multiply_adds = units * (4 * units + char.vocabulary_size), char.multiply_adds_per_character
    assert multiply_adds.score == pytest.approx(event * char.test_tokens / corpus.test_characters)
    assert 1 < multiply_adds.train / (3 * event) < 1.01  # an event per character, and the ends of documents


@pytest.fixture(scope="module")
def inspection(corpus_folder, made_once) -> Inspection:
    """The inspection of two n-grams, which take no TensorFlow, loaded from its file."""

    def make(folder):
        toolkit.inspect(corpus_folder, "char@ngram,word@ngram", out=folder / "out", quiet=True)

    return Inspection.model_validate_json((made_once("inspected", make) / "out" / INSPECTION).read_bytes())


def test_each_number_stands_under_its_heading(inspection):
    word = inspection.columns[1]
    tokens = row(inspection, inspection.title, "tokens")
    assert all(tokens[name] == count(inspection.text[part].tokens) for part, name in PARTS.items())
    shown, baseline = row(inspection, "The columns", "word:pos@ngram"), inspection.baselines[0]
    sizes = {"vocabulary": count(word.vocabulary_size), "parameters": count(word.parameters)}
    assert {name: shown[name] for name in sizes} == sizes
    assert shown["spelled"] == percent(word.coverage.replaced_token_share_test)
    (bits,) = (heading for heading in shown if "n-gram" in heading)
    assert shown[bits] == decimals(word.ngram.total)
    assert row(inspection, "The columns", baseline.title)[bits] == decimals(baseline.bits_per_character)


def test_a_planted_near_duplicate_an_earlier_inspection_and_markup(split, inspection, tmp_path):
    """The texts of a corpus are escaped."""
    inspection.save(tmp_path / INSPECTION)
    evil = "<script>alert(1)</script>"
    copy = Document(f"planted {evil}", f"A preface. Zyx{evil}\n\n{split.train[0].text}")
    corpus = Corpus("tales", (), "de", given=replace(split, test=(*split.test, copy)))  # without a tagger
    second = toolkit.inspect(corpus, "char@ngram", out=tmp_path, quiet=True)
    saved = Inspection.model_validate_json((second.folder / INSPECTION).read_bytes())
    assert saved.model_dump() == second.model_dump()
    (overlap,) = (overlap for overlap in second.corpus.overlaps if overlap.document == copy.name)
    assert (overlap.part, overlap.other, overlap.spans > 0.9) == ("test", split.train[0].name, True)
    assert ("near_duplicates", 1) in {(warning.kind, warning.value) for warning in second.warnings}
    assert [(word.word, word.count) for word in second.corpus.uncovered.examples[:2]] == [("script", 2), ("1", 1)]
    page = second.page.read_text("utf-8")
    assert "planted &lt;script&gt;" in page
    assert (evil in page, "default-src 'none'" in page) == (False, True)


def test_a_tiny_corpus_of_one_document_has_a_warning(tmp_path):
    corpus = Corpus("tiny", (Document("one", "The sea lay grey.\n" * 36 + "The keeper wrote of ships.\n" * 27),))
    sizes = {'columns."bpe@ngram".vocabulary_size': 5000}
    inspection = toolkit.inspect(corpus, "char@ngram,bpe@ngram", settings=sizes, out=tmp_path / "out", quiet=True)
    char, bpe = inspection.columns
    assert (char.shortfall, bpe.shortfall.target, bpe.shortfall.seen + 2) == (None, 5000, bpe.vocabulary_size)
    assert "&lt;other&gt;" in inspection.page.read_text("utf-8")
    assert (inspection.text["corpus"].documents, inspection.has_documents) == (1, False)
    assert [warning.kind for warning in inspection.warnings] == ["one_document"]
