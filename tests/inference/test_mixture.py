"""Mixtures: gates by hand and by differences, words read character by character, and a coder that gives texts back."""

import math
import re
from collections import defaultdict
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.events.checks import check_distribution
from toolkit.events.encoding import DOC
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.gate import CONTEXT_RATE, FIRST_SUM, RATE, Gate
from toolkit.inference.mixture import WEIGHING, Mixture
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.prefixes import Prefixes
from toolkit.inference.recall import Recall
from toolkit.inference.spelled_out import Alphabet, SpelledOut
from toolkit.inference.verification import decode, verify
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import ESCAPE, Characters
from toolkit.tokenizers.cut import Spaced, SpacyWords

TEXTS = (
    Document("a", "The harbour lay still under a quincunx; Ωλ he wrote. The quincunx lay still.\n\n"),
    Document("b", "  “He wrote quincunx — and 😀, the harbour's old lamp\tburned.” " + 60 * "oh"),
)
PLAIN_TEXTS = (  # what training never showed is no letter in them: a mixture takes it for a sign
    "The harbour lay still under a quincunx; he wrote. The quincunx lay  still.\n\n",
    "  “He wrote quincunx — and #, the harbour's old lamp burned.” ohohohoh",
)
WORDS = ["a", " a", " lay", " lamp", " lam", ".", "\n", "\U0010ffff", " \U0010ffff", " a\U0010ffff"]


def network(tokenizer, seed=0):
    settings = NetworkSettings(units=6)
    trained = tokenizer.vocabulary.reserve.trained
    return NeuralModel(tokenizer, RecurrentNetwork(settings, trained, one_hot=tokenizer.one_hot, seed=seed))


def counted(tokenizer, split):
    return NGramModel.fitted(
        tokenizer, [tokenizer.encode(d) for d in split.train], [tokenizer.encode(d) for d in split.valid]
    )


@pytest.fixture(scope="module")
def models(split):
    """Networks that know nothing and n-grams, of characters and of words."""
    characters = Characters().fit(split.train)
    spaced = Spaced().fit(split.train, split.valid)
    return [model for t in (characters, spaced) for model in (network(t), counted(t, split))]


@given(st.lists(st.sampled_from(WORDS), unique=True), st.data())
def test_all_that_begins_with_a_prefix_goes_on_or_ends(words, data):
    alphabet = {character: id_ for id_, character in enumerate(sorted({c for word in WORDS for c in word}))}
    prefixes = Prefixes(words, 3, alphabet)
    weights = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(words) + 3, max_size=len(words) + 3)), float)
    cumulated = prefixes.cumulated(weights)
    prefix = data.draw(st.sampled_from(["", " ", "a", " a", " l", " la", " lam", "x", " \U0010ffff"]))
    characters, probabilities, whole = prefixes.after(prefix, cumulated)
    mass = {word: weights[3 + number] for number, word in enumerate(words)}
    assert whole == mass.get(prefix, 0)
    assert dict(zip(characters.tolist(), probabilities, strict=True)) == {
        alphabet[c]: sum(mass[word] for word in words if word.startswith(prefix + c))
        for c in {word[len(prefix)] for word in words if word.startswith(prefix) and word != prefix}
    }


def test_a_gate_by_hand():
    """Two models, each with half of the first sum: P(0) / P(1) = (0.5 / 0.5)^w · (0.9 / 0.1)^w; then a step."""
    gate, w = Gate(2), FIRST_SUM / 2
    distributions = np.array([[0.5, 0.5], [0.9, 0.1]])
    odds = (0.9 / 0.1) ** w
    mixed = gate.mixed(distributions, [])
    np.testing.assert_allclose(mixed, [odds / (1 + odds), 1 / (1 + odds)])
    gate.learn(0)
    gradient = math.log(0.9) - mixed @ np.log([0.9, 0.1])
    moved = w + RATE * gradient / math.sqrt(1 + gradient**2)
    odds = (0.9 / 0.1) ** moved
    np.testing.assert_allclose(gate.mixed(distributions, [])[0], odds / (1 + odds))


def test_a_gates_context_by_hand():
    """Two steps in a context: its weights count there only, and learn at their own rate."""
    gate, distributions = Gate(2), np.array([[0.5, 0.5], [0.9, 0.1]])
    common = here = np.zeros(2)
    squares = np.zeros(2)
    for _ in range(2):
        odds = (0.9 / 0.1) ** (FIRST_SUM / 2 + common[1] + here[1])
        mixed = gate.mixed(distributions, ["here"])
        np.testing.assert_allclose(mixed, [odds / (1 + odds), 1 / (1 + odds)])
        gate.learn(0)
        gradient = np.array([0.0, math.log(0.9) - mixed @ np.log([0.9, 0.1])])
        squares = squares + gradient**2
        common = common + RATE * gradient / np.sqrt(1 + squares)
        here = here + CONTEXT_RATE * gradient / np.sqrt(1 + squares)
    odds = (0.9 / 0.1) ** (FIRST_SUM / 2 + common[1])
    np.testing.assert_allclose(gate.mixed(distributions, ["elsewhere"])[0], odds / (1 + odds))


def test_a_gate_goes_down_the_gradient_of_the_bits():
    rng = np.random.default_rng(0)
    distributions = rng.dirichlet(np.ones(5), 3)
    gate = Gate(3)
    mixed = gate.mixed(distributions, ["here"])
    gradient = np.log(distributions[:, 2]) - np.log(distributions) @ mixed
    for model in range(3):
        moved = Gate(3)
        moved._weights[None][model] += 1e-6
        difference = (np.log(moved.mixed(distributions, ["here"])[2]) - np.log(mixed[2])) / 1e-6
        assert difference == pytest.approx(gradient[model], abs=1e-5)


def test_a_gate_learns_whom_to_believe_and_where():
    rng = np.random.default_rng(0)
    gate = Gate(2)
    for number in range(600):
        good, here = int(rng.integers(4)), number % 2
        knows, guesses = np.full(4, 0.1), np.full(4, 0.25)
        knows[good] = 0.7
        gate.mixed(np.array([knows, guesses] if here else [guesses, knows]), [here])
        gate.learn(good)
    for here in (0, 1):
        distributions = np.array([[0.7, 0.1, 0.1, 0.1], [0.25] * 4])[:: 1 if here else -1]
        assert gate.mixed(distributions, [here])[0] > 0.7
    assert gate.mixed(np.array([[0.0, 1.0], [0.0, 1.0]]), [])[0] > 0  # a model may be wrong


def test_contexts_alone_tell_two_models_apart_that_are_as_good_on_the_whole():
    """Where one is right, the other is as sure of what is wrong: no weight that always counts could tell."""
    rng = np.random.default_rng(0)
    gate = Gate(2)
    for number in range(4000):
        right, wrong = rng.permutation(4)[:2]
        good, bad = np.full((2, 4), 0.1)
        good[right] = bad[wrong] = 0.7
        gate.mixed(np.array([good, bad][:: 1 if number % 2 else -1]), [number % 2])
        gate.learn(int(right))
    sure = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]])
    assert gate.mixed(sure, [1])[0] > 2 * gate.mixed(sure, [1])[1]
    assert gate.mixed(sure, [0])[1] > 2 * gate.mixed(sure, [0])[0]
    assert gate.mixed(sure, [])[0] == pytest.approx(gate.mixed(sure, [])[1], rel=0.2)


class PlainGate:
    """A gate once more, in dictionaries and plain loops; each model adds the context of how sure it is."""

    def __init__(self, models):
        self.weights = defaultdict(lambda: [0.0] * models, {None: [1.1 / models] * models})
        self.squares = defaultdict(lambda: [0.0] * models)

    def mixed(self, models, contexts):
        """The mixture, by outcome, of models whose probabilities (by outcome) need not sum to one."""
        models = [{x: p / sum(model.values()) for x, p in model.items()} for model in models]
        sure = [("sure", k, min(int(-2 * math.log2(max(model.values()))), 5)) for k, model in enumerate(models)]
        self.contexts = [None, *contexts, *sure]
        self.logs = [{x: math.log(max(p, 1e-9)) for x, p in model.items()} for model in models]
        weights = [sum(self.weights[context][k] for context in self.contexts) for k in range(len(models))]
        powers = {x: math.exp(sum(w * log[x] for w, log in zip(weights, self.logs, strict=True))) for x in models[0]}
        whole = sum(powers.values())
        self.last = {x: power / whole for x, power in powers.items()}
        return self.last

    def learn(self, outcome):
        for k, log in enumerate(self.logs):
            slope = log[outcome] - sum(p * log[x] for x, p in self.last.items())
            slope = max(-5.0, min(5.0, slope))
            for context in self.contexts:
                self.squares[context][k] += slope**2
                rate = 0.1 if context is None else 0.005
                self.weights[context][k] += rate * slope / math.sqrt(1 + self.squares[context][k])


class PlainMixture:
    """A mixture once more: of what a token goes on with, or that it ends, and of what stands behind its end."""

    def __init__(self, letters, words, characters):
        self.letters, self.words, self.characters = letters, words, characters
        self.within, self.behind = PlainGate(len(letters) + len(words)), PlainGate(len(letters))

    def distribution(self, begun):
        """That of the next id, where so much of a token has been read and may go on."""
        ids = range(len(self.characters))
        self.on = [i for i in ids if not begun or (i != DOC and GOES_ON.fullmatch(begun + self.characters[i]))]
        off = [i for i in ids if i not in self.on]
        of_letters, masses = [one.distribution() for one in self.letters], [one.masses() for one in self.words]
        ends = [sum(p[i] for i in off) for p in of_letters] + [m[-1] for m in masses]
        parts = [{i: p[i] for i in self.on} | ({END: at_end} if begun else {}) for p, at_end in
                 zip([*of_letters, *masses], ends, strict=True)]  # fmt: skip
        spelled = [("spelled", n, min(int(6 * one.spelled_share), 5)) for n, one in enumerate(self.words)]
        inside = self.within.mixed(parts, [("begun", begun == " ", min(len(begun), 6)), *spelled])
        outside = self.behind.mixed([{i: p[i] for i in off} for p in of_letters], []) if begun else {}
        mixed = [inside[i] if i in self.on else inside[END] * outside[i] for i in ids]
        return np.array(mixed) * (1 - len(mixed) * 2.0**-23) + 2.0**-23

    def feed(self, id_):
        self.within.learn(id_ if id_ in self.on else END)
        if id_ not in self.on:
            self.behind.learn(id_)
        for one in self.letters:
            one.feed(id_)

    def token(self):
        for one in self.words:
            one.token()


END, GOES_ON = "the end of the token", re.compile(r" ?\w+| ?[^\w\s]|\s")


@pytest.mark.parametrize("rate", [0.0, pytest.param(0.3, marks=pytest.mark.slow)])
def test_every_distribution_is_that_of_its_parts_mixed_once_more(models, rate):
    """In plain loops, token by token as the tokenizer cuts the text; a sign ends at once, a word when another begins.

    The numbers are those of the documentation, not the program's.
    """
    characters, spaced = (models[number].tokenizer for number in (0, 2))
    alphabet = Alphabet.of(characters.vocabulary.tokens)
    reading = [model.learner(rate) if rate or model.counts else model.start() for model in models]
    words = [SpelledOut(one, spaced, alphabet) for one in reading[2:]]
    plain = PlainMixture(reading[:2], [Recall(words[0], models[2].outlook()), words[1]], alphabet.characters)
    stepper = Mixture(models, rate).start()

    def step(id_, begun):
        np.testing.assert_allclose(stepper.distribution(), plain.distribution(begun), rtol=1e-9)
        stepper.feed(id_)
        plain.feed(id_)

    for text in PLAIN_TEXTS:
        document = Document("d", text)
        ids = iter(characters.encode(document).ids.tolist())
        before = ""  # the last token, where it may go on
        for token in spaced.cut(document).texts:
            for length in range(len(token)):
                id_ = next(ids)
                step(id_, token[:length] or before)
                if length == 0 and before:
                    plain.token()
                for one in plain.words:
                    one.feed(alphabet.characters[id_])
            before = token if token == " " or token[-1].isalnum() else ""
            if not before:
                plain.token()
        step(next(ids), before)
        if before:
            plain.token()
        for one in plain.words:
            one.document()


def test_a_token_read_character_by_character_has_its_probability(models):
    alphabet, model = Alphabet.of(models[0].tokenizer.vocabulary.tokens), models[3]
    tokenizer, word = model.tokenizer, model.tokenizer.kept_words[0]
    spelled_out = SpelledOut(model.start(), tokenizer, alphabet)
    ids = {character: id_ for id_, character in enumerate(alphabet.characters)}
    for text in (word, " quincux"):
        distribution = model.start().distribution()
        begun = SpelledOut(model.start(), tokenizer, alphabet)
        for character in text:
            masses = begun.masses()
            before = masses[ids[character]]
            begun.feed(character)
            joiner = begun._of_class * begun._spelled()[2]  # which no token has: its probability is lost
            assert begun.masses().sum() + joiner == pytest.approx(before, rel=1e-6)
        spelling = tokenizer.speller.start()
        bits = sum(-math.log2(p[o]) for p, o in spelling.events("UNK", text) if not hasattr(p, "outcomes"))
        expected = distribution[tokenizer.placeholder] * 2**-bits
        if text == word:
            expected += distribution[tokenizer.first_word]
        assert begun.masses()[-1] == pytest.approx(expected, rel=1e-6)
    assert spelled_out.masses()[DOC] == distribution[DOC]


@pytest.mark.parametrize("number", [2, 3])
def test_tokens_of_documents_have_the_probabilities_that_their_model_gives_them(models, number, monkeypatch):
    """What it has read, what it has spelled and where a document ends are those of the model of words."""
    alphabet, model = Alphabet.of(models[0].tokenizer.vocabulary.tokens), models[number]
    tokenizer = model.tokenizer
    monkeypatch.setattr(tokenizer, "speller", tokenizer.speller.tuned(concentration=5.0))  # with a cache
    ids = {word: id_ for id_, word in enumerate(tokenizer.kept_words, tokenizer.first_word)}
    spelled_out, stepper = SpelledOut(model.start(), tokenizer, alphabet), model.start()
    for text in ("The quincux, the harbour; quincux quincux.", "He wrote; quincux", "The quincux"):
        spelling = tokenizer.speller.start()
        for token in tokenizer.cut(Document("d", text)).texts:
            distribution, id_ = stepper.distribution(), ids.get(token, tokenizer.placeholder)
            spelled = distribution[tokenizer.placeholder]
            for character, (p, outcome) in zip([*token, ""], spelling.events("UNK", token), strict=True):
                begun = float(spelled_out.masses().sum())
                # above 1 where the speller goes on to a joiner, which is in no token: that probability is lost
                assert spelled_out.spelled_share == pytest.approx(min(spelled / begun, 1.0), rel=1e-9)
                spelled *= p[outcome]
                if character:
                    spelled_out.feed(character)
            expected = spelled + (distribution[id_] if token in ids else 0)
            assert spelled_out.masses()[-1] == pytest.approx(expected, rel=1e-9)
            spelled_out.token()
            stepper.feed(id_)
            if id_ == tokenizer.placeholder:
                spelling.observe("UNK", token)
        assert spelled_out.masses()[DOC] == stepper.distribution()[DOC]
        spelled_out.document()
        stepper.feed(DOC)


@pytest.mark.parametrize("rate", [0.0, 0.3])
def test_it_is_verified(models, rate):
    mixture = Mixture(models, rate)
    bits = [scores.total for scores in mixture.score([mixture.tokenizer.encode(document) for document in TEXTS])]
    result = verify(mixture, partial(decode, Mixture(models, rate)), TEXTS, bits, lambda *_: None)
    assert result.wrong is None
    assert result.coded_bits == pytest.approx(sum(bits), rel=1e-12)


def test_every_distribution_is_one_and_what_is_unseen_is_paid_for(models):
    mixture = Mixture(models)
    stepper = mixture.start()
    for document in TEXTS:
        ids = mixture.tokenizer.encode(document).ids.tolist()
        assert ESCAPE in ids
        for id_ in ids:
            check_distribution(stepper.distribution(), id_, document.name)
            stepper.feed(id_)


def test_what_follows_changes_no_probability(models):
    mixture = Mixture(models)

    def bits(text):
        ids = mixture.tokenizer.encode(Document("d", text)).ids.tolist()
        stepper, paid = mixture.start(), []
        for id_ in ids:
            paid.append(-math.log2(stepper.distribution()[id_]))
            stepper.feed(id_)
        return paid

    text = TEXTS[0].text
    for end in (1, 4, 11, 40):
        assert bits(text[:end])[:-1] == bits(text)[:end]
    assert bits("The harbour's")[:11] == bits("The harbour, lay")[:11]


@pytest.mark.slow
def test_a_mixture_of_one_that_knows_and_others_that_do_not_comes_near_it(models, split):
    characters, ngram = models[0].tokenizer, models[1]
    encodings = [characters.encode(document) for document in [*split.valid, *split.test]]
    alone = sum(scores.total for scores in Mixture([ngram]).score(encodings))
    mixed = sum(scores.total for scores in Mixture([models[0], ngram, models[2]]).score(encodings))
    every = sum(scores.total for scores in Mixture(models).score(encodings))
    assert mixed < alone * 1.05
    assert every < mixed


def test_the_mean_of_what_counts_goes_on_counting(models):
    ngram = models[1]
    encodings = [ngram.tokenizer.encode(Document("d", "quincunx " * 20))]
    (one,), (two,) = (Mixture([model]).score(encodings) for model in (ngram, Ensemble([ngram, ngram])))
    assert two.total == pytest.approx(one.total, rel=1e-9)


def test_scores_say_where_words_end(models):
    mixture = Mixture(models)
    (scores,) = mixture.score([mixture.tokenizer.encode(TEXTS[0])])
    assert (scores.ending_bits >= 0).all()
    assert np.isfinite(scores.ending_bits).all()
    ends = [character != " " and after == " " for character, after in pairwise(TEXTS[0].text)]
    assert scores.ending_bits[1 : len(ends) + 1][ends].mean() < scores.ending_bits.mean()


def test_each_document_begins_anew_for_networks_that_stand_still(models):
    mixture = Mixture([models[0], models[2]])
    stepper = mixture.start()
    fresh = mixture.start()._of_words[0].masses()
    for document in TEXTS:
        for id_ in mixture.tokenizer.encode(document).ids.tolist():
            stepper.feed(id_)
        np.testing.assert_array_equal(stepper._of_words[0].masses(), fresh)


def test_how_it_weighs_is_a_part_of_what_it_is():
    assert WEIGHING.encode() in Mixture.sign


def test_it_writes(models):
    first, second = Mixture(models).generate("The ", 60, number=2)
    assert len(first) == len(second) == 60
    assert first != second
    assert Mixture(models).generate("The ", 60) == [first]


def test_what_cannot_be_mixed_is_refused(models, split):
    with pytest.raises(InputError, match="at least one of char"):
        Mixture(models[2:])
    with pytest.raises(InputError, match="at least one of char"):
        Mixture([models[0], counted(SpacyWords("unk").fit(split.train), split)])
    with pytest.raises(InputError, match="one placeholder"):
        Mixture([models[0], counted(Spaced("shape").fit(split.train, split.valid), split)])
    with pytest.raises(InputError, match="rate of --adapt is -1"):
        Mixture(models, -1)
    with pytest.raises(InputError, match="different alphabets"):
        Mixture([models[0], counted(Characters().fit(split.train[:1]), split)])


@pytest.mark.parametrize(("rate", "other"), [(0.0, 0.3), (0.3, 0.0)])
def test_what_it_coded_comes_back_at_the_rate_that_its_data_name(models, monkeypatch, rate, other):
    monkeypatch.setattr(Mixture, "fingerprint", lambda _: bytes(8))
    text = "The harbour lay still. "
    assert Mixture(models, other).decompress(Mixture(models, rate).compress(text)) == text
