"""What evaluation reads of a corpus that does not fit: an excerpt to compare samples with, and all words."""

import pytest

from tests.conftest import story
from toolkit.evaluation import in_memory
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.text import gathering
from toolkit.text.corpus import Document, Split, characters
from toolkit.text.neutral import training_counts


@pytest.fixture
def split() -> Split:
    """Thirty tales."""
    documents = tuple(Document(f"d{i:02}", story(i, 4)) for i in range(30))
    return Split(documents[:24], documents[24:26], documents[26:])


def test_samples_are_compared_with_an_excerpt_but_new_words_are_new_to_all_text(split, monkeypatch):
    whole = EvaluationData(split, "en")
    everything = whole.reference
    assert in_memory.in_memory(split) == split
    monkeypatch.setattr(gathering, "IN_MEMORY", 3_000)
    monkeypatch.setattr(in_memory, "READ", 2_000)
    shared = EvaluationData(split, "en")
    reference = shared.reference
    assert sum(map(len, reference.documents)) <= 2_000 < characters(split.train)
    assert reference.types == everything.types == frozenset(training_counts(split.train))
    assert reference.real_words == everything.real_words
    assert shared.counts == whole.counts
    assert reference.documents == tuple(dict(zip(names(split), texts(split), strict=True))[n] for n in reference.names)


def names(split: Split) -> list[str]:
    return [document.name for document in split.train]


def texts(split: Split) -> list[str]:
    return [document.text for document in split.train]
