"""An inspection of a corpus that does not fit into memory: sums are those of all text, the rest is of an excerpt."""

from dataclasses import replace

import pytest

from tests.conftest import story
from toolkit.comparison.arguments import Arguments
from toolkit.evaluation.metrics.coverage import coverage_of
from toolkit.inspection import columns
from toolkit.inspection.columns import fitted_column
from toolkit.inspection.forecasts import BLOCKS, ONE_DOCUMENT, forecasts
from toolkit.inspection.growth import heaps
from toolkit.results.inspection import InspectedColumn
from toolkit.runs.crew import Crew
from toolkit.text import excerpt, gathering
from toolkit.text.census import census
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.from_python import checked
from toolkit.text.stored import StoredDocument

SUMS = ("text", "coverage", "heaps", "zipf", "forecasts", "uncovered")  # of all text, however long it is


@pytest.fixture
def corpus() -> Corpus:
    """Thirty tales, as a given split: that is the same whether it fits or not."""
    documents = tuple(Document(f"d{i:02}", story(i, 10)) for i in range(30))
    return Corpus("tales", (), given=Split(documents[:24], documents[24:26], documents[26:]))


def test_what_is_a_sum_is_of_all_text_and_what_is_not_is_of_an_excerpt_and_says_so(corpus, counted, monkeypatch):
    small = counted(corpus)
    monkeypatch.setattr(gathering, "IN_MEMORY", 5_000)
    monkeypatch.setattr(columns, "COUNTED", 4_000)
    monkeypatch.setattr(excerpt.fitting, "__defaults__", (6_000,))
    monkeypatch.setattr(Crew, "alone", lambda _, task, *arguments: task(*arguments))  # other processes fit more
    moved = checked(corpus)
    assert all(isinstance(document, StoredDocument) for document in moved.documents)
    large = counted(moved)
    assert {name: getattr(large, name) for name in SUMS} == {name: getattr(small, name) for name in SUMS}
    assert [curve for curve in large.curves if curve.unit != "byte pairs"] == [
        curve for curve in small.curves if curve.unit != "byte pairs"
    ]
    assert (large.sha256, large.split) == (small.sha256, small.split)
    (column,), (whole,) = large.columns, small.columns
    assert column.vocabulary_size == whole.vocabulary_size  # it was fitted to all
    assert column.train_tokens == pytest.approx(whole.train_tokens, rel=0.02)
    assert column.ngram.bits_per_character.total > whole.ngram.bits_per_character.total  # counted on less
    assert [note.split(" measured")[0] for note in large.notes if "on an excerpt of" in note] == [
        "How the columns cut the training text, their n-grams, and what more text gives are",
        "Compressors and byte pairs are",
    ]
    assert any("Near-duplicates were looked for" in note for note in large.notes)
    assert not any("excerpt" in note or "Near-duplicates were" in note for note in small.notes)


def test_how_often_a_placeholder_stands_is_counted_and_shared_by_the_same_documents(corpus, monkeypatch):
    """They are an excerpt; of all training tokens its placeholders are only a part of those that there are."""

    def check(of: Corpus):
        request = Arguments(tokenizers=["whitespace:unk"], corpus=of).request()
        column = fitted_column(request, request.columns[0])
        told = {key: getattr(column, key) for key in ("train_tokens", "covered_tokens", "coverage")}
        (unk,) = column.coverage.classes
        share = InspectedColumn.model_construct(**told).of_1000_training_tokens(unk.train_tokens)
        assert share == pytest.approx(1000 * column.coverage.replaced_token_share_train, rel=0.1)
        return column.train_tokens / column.covered_tokens

    assert check(corpus) == 1
    monkeypatch.setattr(gathering, "IN_MEMORY", 5_000)
    monkeypatch.setattr(columns, "COUNTED", 4_000)
    assert check(checked(corpus)) > 2


def test_parts_of_a_given_training_document_are_not_left_out_in_turn(monkeypatch):
    monkeypatch.setattr(gathering, "IN_MEMORY", 5_000)
    monkeypatch.setattr(gathering, "LONGEST", 2_000)
    monkeypatch.setattr(gathering, "PART", 500)
    train, valid, test = (Document(name, story(i, 40)) for i, name in enumerate(("a", "b", "c")))
    parts = checked(Corpus("made", (), given=Split((train,), (valid,), (test,)))).given
    assert len(parts.train) > 1
    of_train = census(parts.train)
    found = forecasts(parts, of_train, coverage_of(of_train, census(parts.test)), heaps(of_train), whole=True)
    assert (found.leave_one_out, found.missing["leave_one_out"]) == (None, ONE_DOCUMENT)


def test_parts_of_one_document_are_not_left_out_in_turn(counted, monkeypatch):
    """Where the corpus is one document, its parts are no documents, as its blocks are none."""
    from toolkit.text import capped

    monkeypatch.setattr(gathering, "IN_MEMORY", 5_000)
    monkeypatch.setattr(gathering, "LONGEST", 2_000)
    monkeypatch.setattr(gathering, "PART", 500)
    monkeypatch.setattr(capped, "HELD_OUT", 2_000)
    monkeypatch.setattr(capped, "VALID", 1_000)
    monkeypatch.setattr(Crew, "alone", lambda _, task, *arguments: task(*arguments))
    text = "\n\n".join(story(i, 10) for i in range(30))
    one = counted(replace(checked(Corpus("one", (Document("one", text),))), path=""))
    assert one.forecasts.missing["leave_one_out"] == BLOCKS
    assert one.unit == "held-out block"
