"""A whole inspection: its figures are those of a comparison, and hostile corpora say what cannot be given."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import toolkit
from toolkit.config import TrainSettings
from toolkit.errors import InputError
from toolkit.evaluation.compressors import baselines
from toolkit.evaluation.metrics.coverage import corpus_coverage
from toolkit.inspection import tables
from toolkit.inspection.advice import advice
from toolkit.inspection.cost import updates_needed
from toolkit.inspection.curves import word_curve
from toolkit.inspection.tables import curves, notes
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import INSPECTION, Heaps, Inspection
from toolkit.results.record import PAGE
from toolkit.results.text import rounded_count
from toolkit.text.catalogue import find_corpus
from toolkit.text.census import census
from toolkit.text.corpus import Corpus, Document
from toolkit.text.neutral import training_counts, words
from toolkit.text.splits import split as split_of

FRENCH = Path(__file__).parents[1] / "data" / "french"


def test_its_facts_are_those_of_a_comparison_of_the_same_corpus(inspection, comparison_folder, split):
    comparison = Comparison.load(comparison_folder / "comparison.json")
    facts = comparison.corpus
    assert inspection.coverage == facts.coverage == corpus_coverage(split)
    assert inspection.sha256 == facts.sha256
    assert inspection.split == facts.split
    train = inspection.text["train"]
    assert (train.tokens, train.types, train.hapaxes) == (
        facts.coverage.tokens, facts.coverage.types, facts.coverage.hapax_types
    )  # fmt: skip
    assert inspection.text["corpus"].characters == facts.characters
    assert inspection.text["test"].characters == facts.test_characters
    for column in inspection.columns[:2]:
        (cell,) = (cell for cell in comparison.done if cell.column == column.column)
        assert column.coverage == cell.coverage
        assert (column.vocabulary_size, column.test_tokens) == (cell.vocabulary_size, cell.tokens)


def test_parts_add_up_to_the_corpus(inspection):
    parts = [inspection.text[part] for part in ("train", "valid", "test")]
    for name in ("documents", "characters", "words", "tokens"):
        assert sum(getattr(part, name) for part in parts) == getattr(inspection.text["corpus"], name)


def test_an_ngram_beside_the_network_is_the_column_that_counts(inspection):
    char, _, ngram = inspection.columns
    assert char.ngram.bits_per_character == ngram.ngram.bits_per_character
    assert (char.counted, ngram.counted) == ("char@ngram", "char@ngram")
    assert ngram.training.updates == 0
    assert ngram.training.memory_bytes is None


def test_compressors_are_those_of_a_comparison(inspection, split):
    parts = ([document.text for document in part] for part in (split.train, split.valid, split.test))
    whole = {(b.name, b.variant): b for b in baselines(*parts)}
    assert [baseline.name for baseline in inspection.baselines] == ["ppmd", "xz"]
    assert all(baseline == whole[baseline.name, baseline.variant] for baseline in inspection.baselines)


def test_networks_are_sized_and_timed(inspection):
    char, word, _ = inspection.columns
    units = 8
    assert char.parameters == 4 * units * (char.vocabulary_size + units + 1) + (units + 1) * char.vocabulary_size
    assert char.output_parameters == (units + 1) * char.vocabulary_size
    assert word.embedding_parameters == units * word.vocabulary_size
    assert word.output_parameters == word.vocabulary_size  # tied: its matrix is the embedding
    for column in (char, word):
        cost = column.training
        assert cost.updates == 40
        assert cost.measured_seconds >= 1
        assert cost.measured_updates >= 3
        assert cost.seconds == pytest.approx(40 * cost.measured_seconds / cost.measured_updates)
        assert cost.characters / cost.seconds == pytest.approx(cost.characters_per_second, rel=0.05)
        assert 0 < cost.memory_bytes < cost.process_bytes
        assert column.multiply_adds_per_character.train > column.multiply_adds_per_character.score > 0


def test_a_budget_and_epochs_end_training_at_whichever_comes_first():
    both = TrainSettings(budget_seconds=10.0, epochs=3)
    assert updates_needed(both, 50, 2.0) == 20
    assert updates_needed(both, 5, 2.0) == 5
    assert updates_needed(TrainSettings(), 7, 2.0) == 7


def test_curves_end_at_what_training_has(inspection, split):
    train, test = ("".join(d.text for d in part) for part in (split.train, split.test))
    found = {curve.unit: curve.points for curve in inspection.curves}
    assert found["characters"][-1] == (len(set(train)), pytest.approx(np.mean([c in set(train) for c in test])))
    assert found["words"][-1][0] == inspection.coverage.types
    for points in found.values():
        shares = [share for _, share in points]
        assert shares == sorted(shares)
        assert shares[-1] <= 1 + 1e-9


def test_the_table_of_coverage_has_as_many_units_as_its_heading_says():
    parts = split_of(find_corpus("weird-tales"))
    train, test = census(parts.train), census(parts.test)
    heading, line = curves(SimpleNamespace(curves=[word_curve(train, test)]))
    best = sorted(train.counts, key=lambda token: (-train.counts[token], token))
    whole = sum(n * len(token) for token, n in test.counts.items())
    for k in (10, 100, 1_000):
        covered = sum(test.counts[token] * len(token) for token in best[:k])
        assert line[heading.index(f"{k:,}")] == f"{100 * covered / whole:.1f} %"


def by_heading(lines, row=1):
    """A row of a table of the terminal, by the headings above it."""
    return dict(zip((heading.replace("\n", " ") for heading in lines[0]), lines[row], strict=True))


def test_each_number_of_its_tables_stands_under_its_heading(inspection):
    facts = inspection.forecasts
    facts.unseen, facts.good_turing, facts.leave_one_out, facts.growth = 0.01, 0.02, 0.03, 0.04
    unseen = by_heading(tables.unseen(inspection))
    shares = [unseen[heading] for heading in ("held out", "Good–Turing", "leave one out", "growth")]
    assert shares == ["1.00 %", "2.00 %", "3.00 %", "4.00 %"]
    text = {line[0]: dict(zip(tables.text(inspection)[0], line, strict=True)) for line in tables.text(inspection)[1:]}
    for part, name in tables.PARTS.items():
        assert text["tokens"][name] == f"{inspection.text[part].tokens:,}"
        assert text["hapaxes of types, V1/V"][name] == tables.percent(inspection.text[part].hapax_type_share)
    column = inspection.columns[1]
    assert tables.cut(inspection)[2][1:3] == [f"{column.train_tokens:,}", f"{column.test_tokens:,}"]
    assert tables.cut(inspection)[2][-2:] == [
        tables.percent(column.coverage.replaced_token_share_train),
        tables.percent(column.coverage.replaced_token_share_test),
    ]
    cost = by_heading(tables.cost(inspection), 2)
    assert cost["×+ train"] == rounded_count(column.multiply_adds_per_character.train)
    assert cost["×+ score"] == rounded_count(column.multiply_adds_per_character.score)
    assert column.multiply_adds_per_character.train > column.multiply_adds_per_character.score


def test_fitted_laws_stand_under_their_headings(inspection):
    inspection.heaps = Heaps(K=12.3, beta=0.65, end_exponent=0.5, first=10, last=999, r_squared=0.9876, points=[])
    laws = by_heading(tables.laws(inspection))
    assert [laws[heading] for heading in ("exponent", "constant", "fitted from", "to", "R²")] == [
        "0.65", "12.30", "10", "999", "0.9876"
    ]  # fmt: skip
    inspection.forecasts.unseen = 0.2
    (said,) = [sentence for sentence in advice(inspection) if "twice as much of it" in sentence]
    assert "from 20.0% to about 14.1%" in said  # 0.2 · 2^(0.5 − 1)


def test_unseen_words_are_those_that_training_lacks(inspection, split):
    known = training_counts(split.train)
    unseen = [word for document in split.test for word in words(document.text) if word not in known]
    facts = inspection.uncovered
    assert (facts.unseen, facts.unseen_types) == (len(unseen), len(set(unseen)))
    assert sum(part.unseen for part in facts.by_part_of_speech) == len(unseen)
    assert sum(part.words for part in facts.by_part_of_speech) == facts.words
    for word in facts.examples:
        (document,) = (document for document in split.test if document.name == word.document)
        assert (word.left + word.word + word.right) in document.text.replace("\n", " ")
        assert word.count == unseen.count(word.word)


def test_what_is_saved_is_what_is_loaded(inspection, tmp_path):
    inspection.save(tmp_path / INSPECTION)
    assert Inspection.load(tmp_path / INSPECTION).model_dump() == inspection.model_dump()
    assert "char@ngram" in inspection._repr_html_()


def test_a_planted_near_duplicate_is_named(counted):
    tales = find_corpus("weird-tales")
    documents = tales.documents[:5]
    parts = split_of(Corpus("tales", documents))
    copy = Document("the planted copy", f"A preface of its own.\n\n{parts.train[0].text}")
    given = replace(parts, test=(*parts.test, copy))
    corpus = Corpus("tales", (*documents, copy), "de", given=given)  # without a tagger, which takes its time
    inspection = counted(corpus)
    (overlap,) = inspection.overlaps
    assert (overlap.document, overlap.part, overlap.other) == ("the planted copy", "test", parts.train[0].name)
    assert overlap.spans > 0.95
    said = f"'the planted copy' (held out) has {overlap.shingles:.1%} of its runs of 5 words in common with"
    assert inspection.advice[0].startswith(f"{said} {parts.train[0].name!r} (training): remove one")
    assert not any("planted" in note for note in notes(inspection))  # said once
    assert "the planted copy" in (inspection.folder / PAGE).read_text("utf-8")


def test_one_document(counted, corpus):
    inspection = counted(Corpus("one", (Document("one", "\n".join(d.text for d in corpus.documents)),)))
    assert inspection.forecasts.leave_one_out is None
    assert "its blocks are no documents" in (inspection.folder / PAGE).read_text("utf-8")
    assert inspection.text["corpus"].documents == 1


def test_three_tiny_documents(counted):
    texts = ("The sea lay grey. " * 12, "A gull cried over the sea. " * 9, "The keeper wrote of ships. " * 9)
    inspection = counted(Corpus("tiny", tuple(Document(str(n), text) for n, text in enumerate(texts))))
    assert inspection.heaps is None
    assert inspection.zipf is None
    assert inspection.forecasts.growth is None
    page = (inspection.folder / PAGE).read_text("utf-8")
    assert page.count("The training text is too short for a fit.") == 2


def test_french_is_tagged_in_french(counted):
    inspection = counted(FRENCH, "word@ngram", language="fr")
    assert inspection.language == "fr"
    assert {"NOUN", "VERB"} <= {part.pos for part in inspection.uncovered.by_part_of_speech}
    (column,) = inspection.columns
    assert {of_class.name for of_class in column.coverage.classes} >= {"NOUN", "VERB"}


def test_the_page_escapes_what_the_corpus_says_and_loads_nothing(counted, corpus):
    evil = "<script>alert(1)</script>"
    documents = [Document(f"{evil}{d.name}", f"{d.text}{evil} Zyx{evil}{d.name} ") for d in corpus.documents]
    page = (counted(Corpus("tales", tuple(documents))).folder / PAGE).read_text("utf-8")
    assert evil not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert len(page) < 1_500_000


def test_a_foreign_folder_is_left_alone(corpus, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="is not a result of toolkit inspect, but contains notes"):
        toolkit.inspect(corpus, "char@ngram", out=folder, quiet=True)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_an_earlier_inspection_is_replaced(counted, corpus, tmp_path, inspection):
    (tmp_path / "inspected").mkdir()
    inspection.save(tmp_path / "inspected" / INSPECTION)
    assert [column.column for column in counted(corpus).columns] == ["char@ngram"]
    assert len(Inspection.load(tmp_path / "inspected" / INSPECTION).columns) == 1
    assert {path.name for path in (tmp_path / "inspected").iterdir()} == {INSPECTION, PAGE, "lock"}


def test_wrong_options_are_refused_before_anything_is_made(corpus, tmp_path):
    with pytest.raises(InputError, match="There is no"):
        toolkit.inspect(corpus, "chat", out=tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()
