"""What a word costs: the same wherever a model decides that it has ended."""

import math

import numpy as np
import pytest
from toolkit.inference.adapting import Adapting
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.word_costs import bits_by_word, word_costs

from toolkit.config import NetworkSettings
from toolkit.events.encoding import Events
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import DocumentScores
from toolkit.network.network import RecurrentNetwork
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document
from toolkit.text.neutral import word_spans

TEXT = "The harbour lay still; “quincunx” Ωλ wrote: don't—the moon's\n\n low 14th.  Nobody "
SPECS = (
    "char",
    "bpe",
    "whitespace:keep",
    "spaced:unk",
    "word:spell",
    "word:drop",
    "word:unk",
    "word:shape",
    "word:keep",
)


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

    After "a" a model of characters writes "b", or decides that the word is over: its raw bits for the next word have
    that decision in them. A model of words takes it with the word.
    """
    words = ["a", "ab", "ab", "a", "a"]
    text = " ".join(words)
    one_word = -math.log2(0.5 * 7 / 8)
    by_words = scores_of_events(
        [1.0, *[one_word] * 4, 3.0], [0.0] * 6, [0, *(end for _, end, _ in word_spans(text)), len(text)]
    )
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
    raw, _ = by_characters.by_character()
    assert raw[:1].sum() == 0.0  # the old cut: the first word is free, and the second pays for its end
    assert raw[1:4].sum() == pytest.approx(one_word + 1)


def test_where_no_word_can_go_on_nothing_is_moved():
    scores = scores_of_events([3.0, 4.0, 5.0, 6.0], [0.0] * 4, [0, 2, 3, 6, 6])
    assert bits_by_word("ab, cd", scores)[0].tolist() == scores.by_character()[0].tolist()


def test_nothing_is_moved_where_no_event_ends():
    """An event that runs over the end of a word cannot say that the word has ended."""
    scores = scores_of_events([3.0, 4.0, 6.0], [1.0, 1.0, 1.0], [0, 3, 5, 5])
    per_character, end = bits_by_word("ab cd", scores)
    assert per_character.tolist() == [1.0, 1.0, 1.0, 2.0, 3.0]
    assert end == 5.0


def test_a_word_without_a_space_gives_nothing_back():
    """After a quotation mark no word can have gone on, however unlikely a space is there."""
    scores = scores_of_events([1.0, 2.0, 2.0, 1.0], [0.0, 9.0, 0.5, 0.0], [0, 1, 3, 4, 4])
    (cost,) = word_costs('"ab"', scores)
    assert cost.bits == 2.0 + 0.5


def test_before_the_first_word_of_a_document_nothing_is_moved():
    """Nor where a space begins the document, however unlikely that was: no word can have gone on before it."""
    scores = scores_of_events([1.0, 2.0, 2.0, 1.0], [9.0, 0.0, 0.0, 0.5], [0, 1, 2, 3, 3])
    (cost,) = word_costs(" ab", scores)
    assert cost.bits == 1.0 + 2.0 + 2.0 + 0.5
    assert bits_by_word(" ab", scores)[1] == 1.0 - 0.5


@pytest.fixture(scope="module", params=SPECS)
def models(request, split):
    """A network that knows nothing and n-grams, of one tokenizer, their mean, and one that learns as it reads."""
    tokenizer = parse_column(request.param, {}).make().fit(split.train, split.valid)
    trained = tokenizer.vocabulary.reserve.trained
    network = NeuralModel(
        tokenizer, RecurrentNetwork(NetworkSettings(units=6), trained, one_hot=tokenizer.one_hot, seed=1)
    )
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    counted = NGramModel.fitted(tokenizer, training, valid)
    return {"network": network, "n-grams": counted, "mean": Ensemble([network, counted]), "on": Adapting(counted, 0.1)}


@pytest.mark.parametrize("name", ["network", "n-grams", "mean", "on"])
def test_that_a_word_has_ended_is_read_from_the_distribution(models, name):
    """Scoring measures it in batches; the stepper, event by event, says the same."""
    model = models[name]
    vocabulary, encoding = model.tokenizer.vocabulary, model.tokenizer.encode(Document("d", TEXT))
    (scores,) = model.score([encoding])
    stepper, expected = model.start(), []
    for id_ in encoding.ids.tolist():
        expected.append(stepper.distribution()[vocabulary.ends_words].sum())
        stepper.feed(id_)
    np.testing.assert_allclose(2.0**-scores.ending_bits, expected, rtol=1e-4)
    assert (scores.ending_bits >= -1e-12).all()


@pytest.mark.parametrize("name", ["network", "n-grams"])
def test_words_and_the_rest_sum_to_the_total(models, name):
    model = models[name]
    for text in (TEXT, "", " ", "a", "a b", " a"):
        (scores,) = model.score([model.tokenizer.encode(Document("d", text))])
        per_character, end = bits_by_word(text, scores)
        assert per_character.sum() + end == pytest.approx(scores.total, abs=1e-9)
        assert len(per_character) == len(text)


def ending_tokens(spec, split):
    """The tokens that go on with a word, of a fitted tokenizer."""
    vocabulary = parse_column(spec, {}).make().fit(split.train, split.valid).vocabulary
    return {vocabulary.tokens[i] for i in np.flatnonzero(~vocabulary.ends_words)}, set(vocabulary.tokens)


def test_characters_of_words_go_on(split):
    going, tokens = ending_tokens("char", split)
    assert going == {token for token in tokens if len(token) == 1 and (token.isalnum() or token == "_")}


def test_byte_pairs_that_begin_with_a_letter_go_on(split):
    going, _ = ending_tokens("bpe", split)
    assert {"s", "e"} <= going
    assert not {token for token in going if token.startswith(("Ġ", "Ċ", ",", "<"))}


def test_only_words_that_are_joined_to_a_word_go_on(split):
    going, _ = ending_tokens("word:unk", split)
    assert "<joined left>" in going
    assert not going & {"<doc>", "<UNK>", ",", ".", "the", "<spaced>", "<joined right>"}
    assert ending_tokens("whitespace:keep", split)[0] == set()  # between two of its words is always a space
