"""Advice follows from the numbers: other numbers give other advice, or none."""

from typing import get_args

import pytest

from toolkit.inspection.inspection import advice
from toolkit.results.inspection import Advice, AdviceKind


@pytest.fixture
def values(inspection):
    """The values of the advice on the inspection after a change of its fields, by kind."""
    return lambda **changes: {a.kind: a.value for a in advice(inspection.model_copy(update=changes))}


def changed(record, **changes):
    return record.model_copy(update=changes)


def test_an_adapting_compressor_is_no_floor(inspection, values):
    """In a log PPMd learns each day's date, which a network cannot know without --adapt."""
    best = min(column.ngram.total for column in inspection.columns)
    for bits, adapting in ((0.5, 0.5), (best, None)):
        kinds = values(baselines=[changed(inspection.baselines[0], bits_per_character=bits)])
        assert (kinds["floor"], kinds.get("adapting_compressor")) == (best, adapting)


@pytest.mark.parametrize(
    ("documents", "columns", "needed"), [(5, 2, 6), (6, 2, None), (2, 3, 3), (3, 3, None), (2, 1, None)]
)
def test_too_few_held_out_documents(inspection, values, documents, columns, needed):
    """The smallest p of two columns is 0.0625 in 5 documents; that of three is 0.17 in 2 and 0.028 in 3."""
    text = inspection.text | {"test": changed(inspection.text["test"], documents=documents)}
    few = values(text=text, columns=inspection.columns[:columns]).get("few_documents")
    assert few == (needed and {"documents": documents, "needed": needed})


def test_shares_of_rare_words(inspection, values):
    word = inspection.columns[1]
    facts = changed(word.coverage, replaced_token_share_train=0.1, replaced_token_share_test=0.2)
    columns = [changed(word, coverage=facts)]
    kinds = values(columns=columns)
    assert (kinds["spelled_words"], kinds["rarity_mismatch"]) == ({"word:pos@ngram": 0.2}, {"word:pos@ngram": 2})
    refused = [  # by compare, for a text that is one document, or without effect
        {"settings": {"columns": {"word:pos@ngram": {"rare_max_documents": 1}}}},
        {"text": inspection.text | {"train": changed(inspection.text["train"], documents=1)}},
        {"unit": "block"},
    ]
    assert not any("rarity_mismatch" in values(columns=columns, **change) for change in refused)


def test_unseen_words(inspection, values):
    shares = {"good_turing": 0.1, "leave_one_out": 0.16}
    coverage = changed(inspection.coverage, unseen_token_share=0.2, **shares)
    assert values(coverage=coverage)["document_vocabulary"] == shares | {"unseen": 0.2}
    assert "document_vocabulary" not in values(coverage=changed(coverage, leave_one_out=0.14))


def test_networks(inspection, values):
    char, word, _ = inspection.columns
    slow = changed(char, training=changed(char.training, seconds=601.0), embedding_parameters=char.parameters)
    kinds = values(columns=[slow, changed(word, embedding_parameters=0)])
    assert kinds["long_training"] == {"char@ngram": 601.0}
    assert kinds["large_vocabulary"] == {"char@ngram": slow.vocabulary_share}


@pytest.mark.parametrize("kind", get_args(AdviceKind))
def test_each_kind_has_words(kind):
    numbers = {"good_turing": 0.1, "leave_one_out": 0.2, "unseen": 0.3, "documents": 3, "needed": 6}
    value = 1.5 if kind in ("floor", "adapting_compressor") else numbers
    assert Advice(kind=kind, columns=["char"], value=value).sentence
