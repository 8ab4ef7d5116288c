"""Events as a coder codes them, and the checks that a tokenizer's events have to pass."""

import math
from dataclasses import replace

import numpy as np
import pytest

from toolkit.errors import ContractError
from toolkit.events.coding import (
    check_distribution,
    check_encoding,
    check_vocabulary,
    decode_document,
    document_events,
    spelling_bits,
)
from toolkit.events.distribution import SMALLEST, Fine, Uniform, bits
from toolkit.events.encoding import DOC, Events, Reserve
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters

TRAINING = [Document("a", "the moon"), Document("b", "the quay")]
KNOWN = set("the moonquay")
TEXT = "the Ωmega"
UNSEEN = 1_112_064 - len(KNOWN)


@pytest.fixture(scope="module")
def tokenizer():
    return Characters().fit(TRAINING)


class Flat:
    """A stepper that expects every token alike, and keeps what it was fed."""

    def __init__(self, tokens):
        self.tokens, self.fed = tokens, []

    def distribution(self):
        return np.full(self.tokens, 1 / self.tokens)

    def feed(self, id_):
        self.fed.append(id_)


def test_a_decoder_reads_the_outcomes_that_a_coder_writes(tokenizer):
    encoding = tokenizer.encode(Document("c", TEXT))
    written = Flat(len(tokenizer.vocabulary))
    outcomes = [outcome for _, _, outcome in document_events(tokenizer, encoding, written)]
    read = Flat(len(tokenizer.vocabulary))
    remaining = iter(outcomes)
    assert decode_document(read, tokenizer, lambda _: next(remaining)) == TEXT
    assert list(remaining) == []
    assert read.fed == written.fed == encoding.ids.tolist()
    assert written.fed[-1] == DOC


def test_a_character_that_training_lacks_costs_a_uniform_choice_behind_its_escape(tokenizer):
    encoding = tokenizer.encode(Document("c", TEXT))
    paid = spelling_bits(tokenizer, encoding)
    unseen = [character not in KNOWN for character in TEXT]
    expected = [math.log2(UNSEEN) * is_unseen for is_unseen in unseen]
    assert paid.tolist() == pytest.approx([*expected, 0.0])
    assert len(encoding.surfaces) == sum(unseen) == 2  # Ω and g


def test_bits_are_the_logarithm_of_the_probability():
    assert bits(Uniform(8), 3) == 3.0
    assert bits(np.array([0.25, 0.75]), 0) == 2.0


@pytest.mark.parametrize(
    ("distribution", "outcome"),
    [
        (np.array([0.5, 0.51]), 0),
        (np.array([0.5, np.nan]), 0),
        (np.array([1.0, 0.0]), 0),
        (np.array([1 - SMALLEST / 2, SMALLEST / 2]), 0),
        (np.array([0.5, 0.5]), 2),
        (np.array([0.5, 0.5]), -1),
        (Uniform(8), 8),
        (np.array([1.0, 0.0]).view(Fine), 0),
    ],
)
def test_a_distribution_that_no_coder_can_use_is_rejected(distribution, outcome):
    with pytest.raises(ContractError, match=r"^tale: "):
        check_distribution(distribution, outcome, "tale")


def test_distributions_that_a_coder_can_use_pass():
    check_distribution(np.array([1 - SMALLEST, SMALLEST]), 1, "tale")
    check_distribution(np.array([1 - 1e-12, 1e-12]).view(Fine), 1, "tale")  # in several choices
    check_distribution(Uniform(8), 7, "tale")


@pytest.mark.parametrize(
    "changed",
    [
        {"ids": [99, 4, DOC]},
        {"ids": [-1, 4, DOC]},
        {"ids": [DOC, 4, DOC]},
        {"ids": [3, 4, 5]},
        {"ends": [1, 1, 1]},
        {"ends": [2, 1, 2]},
        {"ends": [1, 1, 2]},
        {"surfaces": {0: "t"}},
    ],
)
def test_events_that_do_not_describe_a_text_are_rejected(tokenizer, changed):
    columns = {"ids": [3, 4, DOC], "ends": [1, 2, 2], "parts": [0, 0, 4], "surfaces": {}}
    check_encoding(tokenizer.vocabulary, Events.of(**columns), 2, "tale")
    with pytest.raises(ContractError, match=r"^tale: "):
        check_encoding(tokenizer.vocabulary, Events.of(**columns | changed), 2, "tale")


@pytest.mark.parametrize(("surprises", "events"), [(-1, 10), (11, 10)])
def test_a_reserve_has_no_more_surprises_than_events(tokenizer, surprises, events):
    reserve = Reserve(tokenizer.vocabulary.reserve.trained, surprises, events)
    check_vocabulary(tokenizer.vocabulary)
    with pytest.raises(ContractError):
        check_vocabulary(replace(tokenizer.vocabulary, reserve=reserve))
