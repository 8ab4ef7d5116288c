"""The contracts hold for all of ours, and fail for each fault that can be planted in a plug-in."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from tokenizers import Tokenizer as LibraryTokenizer

from toolkit.contracts import TRAINING, ContractError, check_document, check_rare_words, check_tokenizer
from toolkit.events.encoding import DOCUMENT_ENDS, Encoding
from toolkit.events.vocabulary import Reserve
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.spelling.speller import WordSpeller, WordSpelling
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.subwords import BytePairs, GivenTokenizer
from toolkit.tokenizers.words import Words

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_our_strategies_keep_their_contract(strategy):
    check_rare_words(strategy)


@pytest.mark.parametrize("name", ["char", "bpe", "word", "spaced", "whitespace"])
def test_our_tokenizers_keep_their_contract(name):
    check_tokenizer(lambda: TOKENIZERS.make(name))


@pytest.mark.parametrize(
    "options", [{"case": "mark"}, {"rare_max_documents": 1}, {"rare_max_count": 3, "case": "mark"}]
)
def test_words_keep_it_with_other_options(options):
    check_tokenizer(lambda: Words("spell", **options), examples=10)
    check_tokenizer(lambda: Words("unk", **options), examples=10)


def test_a_given_tokenizer_keeps_it(tmp_path):
    LibraryTokenizer.from_str(BytePairs().library_json(TRAINING)).save(str(tmp_path / "given.json"))
    check_tokenizer(lambda: GivenTokenizer(path=str(tmp_path / "given.json")))


@pytest.fixture
def registry():
    """The registry, emptied again after a test."""
    with RARE_WORDS.restored():
        yield RARE_WORDS


class Lengths(RareWords):
    """A sound strategy to plant faults in."""

    classes = ("SHORT", "LONG")

    def class_of(self, word):
        return self.classes[len(word.text) > 6]


def test_a_sound_strategy_passes(registry):
    registry.add("lengths")(Lengths)
    check_rare_words("lengths")


class Forgetful(Lengths):
    """Learns its classes, and says nothing of them in its state."""

    def fit(self, rare, kept):  # noqa: ARG002
        self.classes = tuple(sorted({word.text[0] for word in rare}))
        return self

    def class_of(self, word):
        return word.text[0]

    def state(self):
        return {"classes": []}


class Counting(Lengths):
    """A word's class depends on how many were asked for before."""

    asked = 0

    def class_of(self, word):  # noqa: ARG002
        self.asked += 1
        return self.classes[self.asked % 2]


class Hiding(Lengths):
    """Leaves the surface's last character out of what is spelled."""

    def write(self, word_class, surface):
        for written in super().write(word_class, surface):
            yield written._replace(surface=surface[:-1] or surface)


class LosesThreshold(Lengths):
    """Learns a threshold that only ``class_of`` needs, and does not save it."""

    def fit(self, rare, kept):  # noqa: ARG002
        self.limit = float(np.mean([len(word.text) for word in rare]))
        return self

    def class_of(self, word):
        return self.classes[len(word.text) > self.limit]


class InTheClass(Lengths):
    """Keeps what it learns in the class itself: another process has nothing of it."""

    known = frozenset()

    def fit(self, rare, kept):  # noqa: ARG002
        type(self).known = frozenset(word.text for word in rare)
        return self

    def class_of(self, word):
        return self.classes[word.text in self.known]


class CoversNothing(Lengths):
    """Says that a rare word covers no character, so that its neighbour pays for it."""

    def write(self, word_class, surface):
        for written in super().write(word_class, surface):
            yield written._replace(covered=0)


class Ends(Lengths):
    """Books rare words as document ends."""

    def symbols(self, characters):
        return [replace(symbol, part=DOCUMENT_ENDS) for symbol in super().symbols(characters)]


class KeepsItsCache(WordSpeller):
    """Goes on from document to document."""

    def start(self):
        if not hasattr(self, "one"):
            self.one = super().start()
        return self.one


class CacheAcross(Lengths):
    """Its speller remembers other documents."""

    def fitted_speller(self, data):
        return KeepsItsCache.from_dict(super().fitted_speller(data).to_dict() | {"concentration": 30.0})

    def restored_speller(self, state):
        return KeepsItsCache.from_dict(state)


class Doubled(Lengths):
    """Lists a class twice."""

    classes = ("SHORT", "LONG", "LONG")


class ListsOther(Lengths):
    """Lists the class of what is not listed."""

    classes = ("SHORT", OTHER)


class LooksAside(Lengths):
    """Says that text and tags are enough, and looks at the word before."""

    reads_context = False

    def class_of(self, word):
        return "LONG" if len(word.left) > 3 else "SHORT"


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (LooksAside, "reads_context is false, but a class depends on it"),
        (Forgetful, "state cannot be restored"),
        (Counting, "depends on the words asked for|fit twice|each time"),
        (Hiding, "comes back as"),
        (LosesThreshold, "restored tokenizer cannot encode: AttributeError"),
        (InTheClass, "encodes differently once another was fitted"),
        (CoversNothing, "do not decode to what they cover"),
        (Ends, "must be the only event of its part"),
        (CacheAcross, "cannot know as much|scoring says"),
        (Doubled, "^faulty: a class is listed twice"),
        (ListsOther, "^faulty: OTHER is the class for what is not listed"),
    ],
)
def test_a_fault_in_a_strategy_is_caught(registry, strategy, message):
    registry.add("faulty")(strategy)
    with pytest.raises(ContractError, match=message):
        check_rare_words("faulty")


def test_a_state_that_cannot_be_restored_later_is_not_taken_for_a_failure_to_encode():
    restored = []

    class RestoredTwice(Characters):
        def restore(self, state):
            restored.append(state)
            if len(restored) > 2:
                raise KeyError("tokens")
            return super().restore(state)

    with pytest.raises(ContractError, match=r"^the state cannot be restored: KeyError: 'tokens'$"):
        check_tokenizer(RestoredTwice)
    assert len(restored) == 3


class Uneven(Characters):
    """Its offsets leave the text's first character out."""

    def encode(self, document):
        encoding = super().encode(document)
        offsets = np.maximum(encoding.offsets, 1) if len(document.text) > 1 else encoding.offsets
        return Encoding(encoding.ids, offsets, encoding.parts, encoding.surfaces)


class Skipping(Characters):
    """Hides a character: it leaves no event behind."""

    def encode(self, document):
        encoding = super().encode(document)
        keep = np.ones(len(encoding.ids), bool)
        keep[: len(keep) // 2 : 7] = False
        offsets = np.concatenate([[0], encoding.offsets[1:][keep]])
        surfaces = dict(zip(np.cumsum(keep)[list(encoding.surfaces)] - 1, encoding.surfaces.values(), strict=True))
        return Encoding(encoding.ids[keep], offsets, encoding.parts[keep], surfaces)


class Unsaved(Characters):
    """Saves less than it learnt: the decoder has another alphabet's escape."""

    def state(self):
        return super().state() | {"surprises": 0}


class Stash(Characters):
    """Keeps the text in its class; the code is one event."""

    def encode(self, document):
        Stash.text = document.text
        size = len(document.text)
        return Encoding(np.zeros(1, np.int32), np.array([0, size]), np.array([DOCUMENT_ENDS], np.int8), {})

    def decode(self, ids, surfaces):  # noqa: ARG002
        return Stash.text if len(ids) else ""


class KnowsValidation(Words):
    """Keeps the words of validation documents."""

    def fit(self, documents, valid=()):
        return super().fit([*documents, *valid])


class HalfReserve(Reserve):
    """What scoring adds up is half of what coding pays."""

    def bits(self, log_softmax, targets):
        return super().bits(log_softmax, targets) / 2


class HalfBits(Characters):
    """Has that reserve."""

    def _set(self, *learnt):
        super()._set(*learnt)
        right = self.vocabulary.reserve
        wrong = HalfReserve(right.trained, right.surprises, right.events)
        self.vocabulary = replace(self.vocabulary, reserve=wrong)
        return self


class GuessesCapitals(Characters):
    """Folds the letter after a full stop, and guesses it back."""

    def encode(self, document):
        folded = re.sub(r"\. [A-Z]", lambda match: match[0].lower(), document.text)
        return super().encode(Document(document.name, folded))

    def decode(self, ids, surfaces):
        return re.sub(r"\. [a-z]", lambda match: match[0].upper(), super().decode(ids, surfaces))


class Learning(Characters):
    """Goes on learning while it encodes."""

    def encode(self, document):
        encoding = super().encode(document)
        reserve = self.vocabulary.reserve
        self.vocabulary = replace(self.vocabulary, reserve=replace(reserve, surprises=reserve.surprises + 1))
        return encoding


class Peeking(Words):
    """Weighs its speller by the document that it encodes, which the decoder does not have."""

    def encode(self, document):
        encoding = super().encode(document)
        self.speller.lexicon_share = 0.5 / (1 + len(encoding.surfaces))
        return encoding


class Hasty(Words):
    """Leaves out the last letter of a word that is not spelled to its end."""

    def decode(self, ids, surfaces):
        names = self.vocabulary.tokens
        half = len(ids) and names[ids[-1]].startswith("<letter")
        return super().decode(ids[:-1] if half else ids, surfaces)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Uneven, "offsets do not cover"),
        (Skipping, "comes back as|surfaces must be"),
        (Unsaved, "another state|another vocabulary or reserve"),
        (lambda: Peeking("unk"), "cannot know as much|state"),
        (Stash, "nothing left for <doc>|comes back as"),
        (lambda: KnowsValidation("unk"), "a word of the validation text"),
        (HalfBits, "scoring says"),
        (GuessesCapitals, "comes back as"),
        (Learning, "another vocabulary or reserve"),
        (lambda: Hasty("spell"), "events do not decode to what they cover"),
    ],
)
def test_a_fault_in_a_tokenizer_is_caught(make, message):
    with pytest.raises(ContractError, match=message):
        check_tokenizer(make)


def test_a_word_that_is_half_spelled_may_or_may_not_have_its_space():
    """Until "v" is read, U+0083 is no word, and so the mark of "§" does not say yet that no space follows."""
    tokenizer = Words("spell").fit(TRAINING)
    state = json.dumps(tokenizer.state())
    document = Document("d", "keeper §\x83v")
    encoding = tokenizer.encode(document)
    (half,) = (n for n, end in enumerate(encoding.offsets) if end == len("keeper §\x83"))
    assert tokenizer.decode(encoding.ids[:half].tolist(), encoding.surfaces) == "keeper § \x83"
    check_document(tokenizer, lambda: Words("spell").restore(json.loads(state)), document.text)


def test_a_probability_that_does_not_sum_to_one_is_caught(monkeypatch):
    plain = WordSpelling._mixture
    monkeypatch.setattr(WordSpelling, "_mixture", lambda *state: plain(*state) * 1.01)
    with pytest.raises(ContractError, match=r"sum to 1\.01"):
        check_tokenizer(lambda: Words("unk"))


def test_an_outside_probability_that_is_not_taken_from_the_others_is_caught(monkeypatch):
    plain = Reserve.distribution

    def twice(self: Reserve, logits: np.ndarray) -> np.ndarray:
        probabilities = plain(self, logits)
        outside: Mapping[int, float] = self.outside or MappingProxyType({})
        probabilities[list(outside)] *= 2
        return probabilities

    monkeypatch.setattr(Reserve, "distribution", twice)
    with pytest.raises(ContractError, match="sum to"):
        check_rare_words("drop")


@pytest.mark.parametrize(
    "make", [Characters, lambda: BytePairs(vocabulary_size=300), lambda: Words("unk")], ids=["char", "bpe", "word"]
)
def test_one_training_document_is_enough_to_check_with(make):
    check_tokenizer(
        make, [Document("a", "The moon rose over the old quay. The moon set, and nobody saw it set.\n" * 3)]
    )
