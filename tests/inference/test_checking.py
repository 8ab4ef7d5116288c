"""The checks of every held-out document, each met by a planted fault; without one, all our columns pass."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.inference.conftest import Planted
from toolkit.errors import ContractError
from toolkit.events.encoding import SPELLING, WORDS, Events
from toolkit.inference.scores import document_scores
from toolkit.inference.verification import check_sample, check_scores, read_written
from toolkit.runs.folder import saved_state
from toolkit.runs.isolated import call, read_state
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SpacyWords

one_run = pytest.mark.parametrize("run", ["word-pos"], indirect=True)


@pytest.fixture
def scored(run, split):
    """The arguments of ``check_scores``: a run's own scores, read back by what the run saved."""
    tokenizer = run.model.tokenizer
    scores = run.model.score([tokenizer.encode(document) for document in split.test])
    return tokenizer, split.test, scores, partial(call, run.spec, read_state, saved_state(run.folder))


def test_our_columns_pass(run, split, scored):
    check_scores(*scored)
    check_sample(run.model, split.test, scored[2], seed=0)


def bits_changed(scores):
    """Arrays of bits of a document's events that nobody has to pay."""
    for part in ("network_bits", "spelling_bits", "ending_bits"):
        for bits in (-1.0, np.nan, np.inf):
            wrong = getattr(scores, part).copy()
            wrong[2] = bits
            yield "event 2 ", {part: wrong}
    yield "", {"spelling_bits": 0.9 * scores.spelling_bits}
    yield "", {"outside_bits": 0.9 * scores.outside_bits if scores.outside_bits.any() else 0.1}


@one_run
def test_bits_that_are_no_number_or_too_low_are_found(scored):
    tokenizer, test, (first, *others), reader = scored
    for event, changes in bits_changed(first):
        changes = {name: bits + np.zeros(len(first.bits)) for name, bits in changes.items()}
        with pytest.raises(ContractError, match=rf"^{test[0].name}: {event}"):
            check_scores(tokenizer, test, [replace(first, **changes), *others], reader)


@one_run
def test_stepping_that_pays_other_bits_than_scoring_is_found(run, split, scored):
    for fault in (
        lambda scores: {"network_bits": scores.network_bits / 2},
        lambda scores: {"network_bits": scores.network_bits * 0.9995},  # only together beyond rounding
        lambda scores: {"ending_bits": np.zeros_like(scores.ending_bits)},  # bits would move between words
        lambda scores: {"ending_bits": np.full_like(scores.ending_bits, 7.0)},
    ):
        wrong = [replace(document, **fault(document)) for document in scored[2]]
        with pytest.raises(ContractError):
            check_sample(run.model, split.test, wrong, seed=0)
    model = Planted(run.model, lambda distribution: 1.01 * distribution)  # probabilities sum to more than one
    with pytest.raises(ContractError, match=r"1\.01"):
        check_sample(model, split.test, scored[2], seed=0)


TEXT = "He saw the lighthouse-keeper's (old) lamp; nobody—said Ωλ—saw zyzzyvas, and 'quincunx' \n\tfell. "
TALE = Document("tale", TEXT * 8)
HALF = Document("half", "keeper §\x83v " * 4)  # until "v" is read there may be a space after "§"


def placed(tokenizer, change=lambda encoding: {}, document=TALE):  # noqa: ARG005
    """Check where the events of a text stand, with its encoding changed."""
    encoding = changed(tokenizer.encode(document), change)
    scores = document_scores(tokenizer, encoding, *np.zeros((2, len(encoding))))
    check_scores(tokenizer, [document], [scores], partial(read_written, tokenizer), places=60)


def changed(encoding, change):
    """Return the events with the columns that ``change`` gives."""
    columns = {"ids": encoding.ids, "ends": encoding.ends, "parts": encoding.parts} | change(encoding)
    return Events.of(**columns, surfaces=encoding.surfaces)


LAMP = Document("a", "He saw the old lamp. The lamp saw him.\n" * 4)
TRAINING = [LAMP, Document("b", "He saw (the) light—and 'it'.\n")]


@pytest.mark.parametrize("strategy", ["unk", "spell", "drop"])
def test_events_of_our_own_stand_where_they_say(strategy):
    tokenizer = SpacyWords(strategy).fit(TRAINING, TRAINING)
    placed(tokenizer)
    placed(tokenizer, document=HALF)
    with pytest.raises(ContractError):
        placed(tokenizer, late)


def late(encoding):
    """Each event covers what stood two places before it."""
    return {"ends": [0, 0, *encoding.ends[:-4], *encoding.ends[-2:]]}


@pytest.mark.parametrize("called", [WORDS, SPELLING])
def test_what_stands_or_ends_words_elsewhere_is_refused_whatever_it_is_called(called):
    tokenizer = Characters().fit(TRAINING)
    encoding = tokenizer.encode(TALE)
    parts = {"parts": np.append(np.full(len(encoding) - 1, called, np.int8), encoding.parts[-1:])}
    every = replace(tokenizer.vocabulary, ending=np.ones(len(tokenizer.vocabulary), bool))
    tokenizer.vocabulary = every
    with pytest.raises(ContractError):
        placed(tokenizer, lambda _: parts)
    tokenizer.vocabulary = replace(every, ending=None)
    placed(tokenizer, lambda _: parts)
    with pytest.raises(ContractError):
        placed(tokenizer, lambda encoding: late(encoding) | parts)
