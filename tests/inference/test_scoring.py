"""Scores against uniform models, their own sums, and words worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.encoding import Events
from toolkit.inference.scores import DocumentScores, bits_by_word, ledger, word_costs
from toolkit.results.bits import PARTS
from toolkit.text.neutral import word_spans


def test_every_event_is_paid_once_and_parts_sum_to_the_total(run, split):
    encodings = [run.model.tokenizer.encode(document) for document in split.test]
    scores = run.model.score(encodings)
    for encoding, document in zip(encodings, scores, strict=True):
        assert document.network_bits.shape == encoding.ids.shape
        assert (document.network_bits > 0).all()
        assert (document.spelling_bits > 0).sum() == len(encoding.surfaces)
        assert document.parts().sum() == pytest.approx(document.total)
    characters = sum(len(text.text) for text in split.test)
    total = ledger(scores, characters)
    assert total.total * characters == pytest.approx(sum(d.total for d in scores))
    assert total.total == pytest.approx(sum(getattr(total, part) for part in PARTS))


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), min_size=1, max_size=40))
def test_bits_are_charged_to_characters_and_none_are_lost(events: list[tuple[int, float]]) -> None:
    """The bits of an event without characters wait for the next character that an event covers."""
    expected, waiting = list[float](), 0.0
    for width, paid in events:
        if width:
            expected += [paid / width + waiting, *[paid / width] * (width - 1)]
        waiting = 0.0 if width else waiting + paid
    places = np.cumsum([0, *(width for width, _ in events)])
    characters, end = scores_of_events([b for _, b in events], [0.0] * len(events), places).by_character()
    np.testing.assert_allclose(characters, expected, atol=1e-9)
    assert end == pytest.approx(waiting)


def scores_of_events(bits, ending, offsets):
    """The scores of a document with these bits, and −log2 of the probability that no word goes on, of each event."""
    n = len(bits)
    nothing, none = np.zeros(n), np.zeros(n, np.int8)
    encoding = Events.of(none, offsets[1:], none, {})
    return DocumentScores(np.array(bits, float), nothing, nothing, np.array(ending, float), encoding)


def test_a_uniform_model_over_characters():
    """V characters, w of them of words: n + 1 times log2 V after a space, and at the start what says that it ended."""
    text, V, w = "moon low, tide", 32, 26
    n = len(text) + 1
    uniform = scores_of_events([math.log2(V)] * n, [math.log2(V / (V - w))] * n, [*range(n), n - 1])
    ended = math.log2(V / (V - w))
    costs = {cost.word: cost.bits for cost in word_costs(text, uniform)}
    assert costs["moon"] == pytest.approx(4 * math.log2(V) + ended)
    assert costs["low"] == pytest.approx(4 * math.log2(V))
    assert costs["tide"] == pytest.approx(5 * math.log2(V))
    per_character, end = bits_by_word(text, uniform)
    assert per_character[8] == pytest.approx(math.log2(V))  # the comma gives to one word and gets from the other
    assert end == pytest.approx(math.log2(V) - ended)
    assert per_character.sum() + end == pytest.approx(n * math.log2(V), abs=1e-9)


def test_two_models_of_one_distribution_charge_each_word_alike():
    """Words "a" and "ab", equally likely; after each a document ends with probability 1/8.

    After "a" a model of characters writes "b", or decides that the word is over, where a model of words has decided.
    """
    words = ["a", "ab", "ab", "a", "a"]
    text = " ".join(words)
    one_word = -math.log2(0.5 * 7 / 8)
    ends = [0, *(end for _, end, _ in word_spans(text)), len(text)]
    by_words = scores_of_events([1.0, *[one_word] * 4, 3.0], [0.0] * 6, ends)
    bits, ending = [], []
    for i, character in enumerate([*text, ""]):
        before = text[i - 1 : i]
        ends = 0.5 if before == "a" else 0.0 if before == " " or not before else 1.0
        ending.append(-math.log2(ends) if ends else 50.0)  # after a space only letters come
        chosen = {"b": 1 - ends, " ": ends * 7 / 8, "": ends / 8, "a": 1.0}[character]
        bits.append(-math.log2(chosen))
    by_characters = scores_of_events(bits, ending, [*range(len(text) + 1), len(text)])
    assert by_characters.total == pytest.approx(by_words.total)
    costs = [[cost.bits for cost in word_costs(text, scores)] for scores in (by_characters, by_words)]
    assert costs[0] == pytest.approx([1.0, *[one_word] * 4])
    assert costs[1] == pytest.approx([1.0, *[one_word] * 4])


@pytest.mark.parametrize(
    ("text", "paid", "ending", "offsets", "expected", "expected_end"),
    [
        # no event ends where the word ends
        ("ab cd", [3.0, 4.0, 6.0], [1.0, 1.0, 1.0], [0, 3, 5, 5], [1.0, 1.0, 1.0, 2.0, 3.0], 5.0),
        # no word can have gone on after a quotation mark, however unlikely a space is there
        ('"ab"', [1.0, 2.0, 2.0, 1.0], [0.0, 9.0, 0.5, 0.0], [0, 1, 3, 4, 4], [1.0, 1.0, 1.5, 1.5], 1.0),
        # nor before the first word, where a space begins the document
        (" ab", [1.0, 2.0, 2.0, 1.0], [9.0, 0.0, 0.0, 0.5], [0, 1, 2, 3, 3], [1.0, 2.0, 2.5], 0.5),
    ],
)
def test_a_word_that_cannot_have_gone_on_gives_nothing_back(text, paid, ending, offsets, expected, expected_end):
    per_character, end = bits_by_word(text, scores_of_events(paid, ending, offsets))
    assert (per_character.tolist(), end) == (expected, expected_end)
