"""A whole inspection: it agrees with a comparison, and its tables and its page show its figures."""

from dataclasses import replace

import pytest

import toolkit
from toolkit.errors import InputError
from toolkit.evaluation.compressors import baselines
from toolkit.inspection.inspection import PARTS, tables
from toolkit.report.page import render_inspection
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import INSPECTION, Inspection
from toolkit.results.text import count, decimals, percent
from toolkit.text.corpus import Corpus, Document
from toolkit.text.neutral import training_counts, words

TINY = {"network": {"units": 8}, "train": {"updates": 40, "batch": 2, "window_characters": 40}}


def row(inspection, title, name):
    """A row of a terminal table, by heading."""
    (lines,) = (lines for heading, lines in tables(inspection).items() if heading.startswith(title))
    (cells,) = (line for line in lines if line[0] == name)
    return dict(zip((heading.replace("\n", " ") for heading in lines[0]), cells, strict=True))


@pytest.mark.slow
def test_a_network_is_sized_timed_and_cuts_as_in_a_comparison(corpus_folder, comparison_folder, split, tmp_path):
    inspection = toolkit.inspect(corpus_folder, "char,word", settings=TINY, out=tmp_path, quiet=True)
    comparison, units = Comparison.load(comparison_folder / "comparison.json"), 8
    corpus, (char, word) = comparison.corpus, inspection.columns
    assert (inspection.coverage, inspection.sha256, inspection.split) == (
        corpus.coverage,
        corpus.sha256,
        corpus.split,
    )
    assert inspection.text["test"].characters == corpus.test_characters
    known = {
        (b.name, b.variant): b for b in baselines(*([d.text for d in part] for part in split.parts.values()))
    }
    assert inspection.baselines == [known["ppmd", "primed"], known["xz", "primed"]]
    assert char.parameters == 4 * units * (char.vocabulary_size + units + 1) + (units + 1) * char.vocabulary_size
    assert word.embedding_parameters == units * word.vocabulary_size
    for column in (char, word):
        cost, (cell,) = column.training, (cell for cell in comparison.done if cell.column == column.column)
        assert (column.vocabulary_size, column.test_tokens) == (cell.vocabulary_size, cell.tokens)
        assert column.coverage == cell.coverage
        assert (cost.updates, cost.measured_seconds >= 1, cost.measured_updates >= 3) == (40, True, True)
        assert cost.seconds == pytest.approx(40 * cost.measured_seconds / cost.measured_updates)
        assert 0 < cost.memory_bytes < cost.process_bytes


def test_unseen_words_are_plain_counts(inspection, split):
    known, facts = training_counts(split.train), inspection.uncovered
    unseen = [word for document in split.test for word in words(document.text) if word not in known]
    assert (facts.unseen, facts.unseen_types) == (len(unseen), len(set(unseen)))
    for word in facts.examples:
        assert any(
            word.left + word.word + word.right in document.text.replace("\n", " ") for document in split.test
        )
        assert word.count == unseen.count(word.word)


def test_each_number_stands_under_its_heading(inspection):
    word = inspection.columns[1]
    tokens = row(inspection, inspection.title, "tokens")
    assert all(tokens[name] == count(inspection.text[part].tokens) for part, name in PARTS.items())
    shown = row(inspection, "The columns", "word:pos@ngram")
    sizes = {"vocabulary": count(word.vocabulary_size), "parameters": count(word.parameters)}
    assert {name: shown[name] for name in sizes} == sizes
    assert shown["spelled"] == percent(word.coverage.replaced_token_share_test)
    assert shown["bits as n-gram"] == decimals(word.ngram.total)
    baseline = inspection.baselines[0]
    assert row(inspection, "The columns", baseline.title)["bits as n-gram"] == decimals(
        baseline.bits_per_character
    )


def test_placeholders_are_shares_of_the_tokens_of_the_excerpt(inspection):
    word = inspection.columns[1]
    largest = max(word.coverage.classes, key=lambda of_class: of_class.test_tokens)
    excerpt = word.model_copy(update={"train_tokens": 10 * word.covered_tokens})
    page = render_inspection(inspection.model_copy(update={"columns": [excerpt]}))
    assert (
        f'{largest.name}</th><td class="n">{decimals(1000 * largest.train_tokens / word.covered_tokens, 2)}<'
        in page
    )


def test_a_planted_near_duplicate_and_an_earlier_inspection(split, inspection, tmp_path):
    inspection.save(tmp_path / INSPECTION)
    copy = Document("the planted copy", f"A preface.\n\n{split.train[0].text}")
    corpus = Corpus("tales", (), "de", given=replace(split, test=(*split.test, copy)))  # without a tagger
    second = toolkit.inspect(corpus, "char@ngram", out=tmp_path, quiet=True)
    assert (
        Inspection.model_validate_json((second.folder / INSPECTION).read_bytes()).model_dump()
        == second.model_dump()
    )
    (overlap,) = (overlap for overlap in second.overlaps if overlap.document == copy.name)
    assert (overlap.part, overlap.other, overlap.spans > 0.9) == ("test", split.train[0].name, True)
    assert ("near_duplicates", 1) in {(warning.kind, warning.value) for warning in second.warnings}
    assert copy.name in second.page.read_text("utf-8")


def test_a_tiny_corpus_of_one_document_has_a_warning(tmp_path):
    corpus = Corpus("tiny", (Document("one", "The sea lay grey.\n" * 36 + "The keeper wrote of ships.\n" * 27),))
    inspection = toolkit.inspect(corpus, "char@ngram", out=tmp_path, quiet=True)
    assert (inspection.text["corpus"].documents, inspection.has_documents) == (1, False)
    assert [warning.kind for warning in inspection.warnings] == ["one_document"]


def test_the_page_escapes_the_corpus(corpus, tmp_path):
    evil = "<script>alert(1)</script>"
    documents = [Document(f"{evil}{d.name}", f"{d.text}{evil} Zyx{evil}{d.name} ") for d in corpus.documents]
    evil_corpus = Corpus("tales", tuple(documents))
    page = toolkit.inspect(evil_corpus, "char@ngram", out=tmp_path, quiet=True).page.read_text("utf-8")
    assert evil not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page


def test_a_foreign_folder_is_left_alone(corpus, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="notes"):
        toolkit.inspect(corpus, "char@ngram", out=tmp_path, quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
