"""Someone else's strategy that would do nothing, or whose classes are no list of names, fails with a sentence."""

import re

import pytest

from toolkit.errors import ContractError
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.rare_words.base import Symbol, Written
from toolkit.rare_words.checks import ENOUGH
from toolkit.text.corpus import Document
from toolkit.text.segmentation import JOINER
from toolkit.tokenizers import TOKENIZERS

MANY = tuple(Document(str(i), " ".join(f"w{i}x{j}" * (1 + j % 3) for j in range(ENOUGH)) + " end\n") for i in range(2))
FEW = tuple(Document(document.name, document.text[:60]) for document in MANY)


@pytest.fixture(autouse=True)
def _registry():
    with RARE_WORDS.restored():
        yield


def column(**members):
    """A tokenizer whose strategy has these members."""
    with RARE_WORDS.restored():
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), {"reads_context": False, **members}))
        return TOKENIZERS.make("whitespace", strategy="mine")


def by_length(self, word):  # noqa: ARG001
    return f"LEN{len(word.text)}"


def learns_names(self, rare, kept):  # noqa: ARG001
    self.table = {word.text: word.text[-1:] for word in rare}
    self.classes = sorted(set(self.table.values()))
    return self


def looks_up(self, word):
    return self.table.get(word.text, OTHER)


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ({"b", "a"}, "classes must be a list of texts in a fixed order, not the set {'a', 'b'}"),
        ("ADJ", "classes must be a list of texts in a fixed order, not the str 'ADJ'"),
        ("NOUN", "classes must be a list of texts in a fixed order, not the str 'NOUN'"),
        ([1, 2, 3], "classes must be names, not [1, 2, 3]"),
        (["a", ""], "classes must be names, not ['a', '']"),
        (["a", "b", "a"], "a class is listed twice: 'a'"),
        (["a", OTHER], "OTHER is the class for what is not listed, so it cannot be listed"),
    ],
)
def test_classes_that_are_no_list_of_names_fail_as_soon_as_they_are_learnt(classes, sentence):
    with pytest.raises(ContractError, match=f"^{re.escape(sentence)}$"):
        column(classes=classes, class_of=lambda self, word: "a").fit(FEW)  # noqa: ARG005


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (
            {"class_of": by_length},
            "class_of returned 'LEN10', 'LEN15', 'LEN5', 'LEN4', 'LEN8', … for rare words, and none of these is in "
            "classes, which is empty: every rare word would be OTHER, as with word:unk; list what class_of returns, "
            "in fit or in the class",
        ),
        (
            {"class_of": lambda self, word: word.pos, "classes": ("NOUN", "VERB")},  # noqa: ARG005
            "class_of returned '' for rare words, and none of these is in classes, which has 'NOUN', 'VERB': every "
            "rare word would be OTHER, as with word:unk; pos, tag and morph are empty unless needs_tags = True",
        ),
        (
            {"class_of": lambda self, word: None, "classes": ("NOUN",)},  # noqa: ARG005
            "class_of returned None for rare words, and none of these is in classes, which has 'NOUN': every rare "
            "word would be OTHER, as with word:unk; list what class_of returns, in fit or in the class",
        ),
    ],
)
def test_a_strategy_that_would_do_nothing_fails(members, sentence):
    with pytest.raises(ContractError, match=f"^{re.escape(sentence)}$"):
        column(**members).fit(MANY)


@pytest.mark.parametrize(
    "members",
    [
        {"class_of": lambda self, word: OTHER},  # noqa: ARG005
        {"class_of": by_length, "classes": ("LEN8",)},
        {"class_of": looks_up, "fit": learns_names},
    ],
)
def test_a_strategy_may_leave_words_to_other_and_all_of_them_if_it_says_so(members):
    column(**members).fit(MANY)


def in_upper_case(self, words):
    return [self.class_of(word).upper() for word in words]


def spelled_whole(self, characters):  # noqa: ARG001
    return [Symbol("spelled")]


def spelled_at_once(self, word_class, surface):  # noqa: ARG001
    yield Written(0, surface, len(surface.replace(JOINER, "")))


@pytest.mark.parametrize(
    "members",
    [
        {"class_of": lambda self, word: "noun", "classes": ("NOUN",), "classes_of": in_upper_case},  # noqa: ARG005
        {"class_of": by_length, "symbols": spelled_whole, "write": spelled_at_once},
        {"class_of": by_length, "symbols": spelled_whole},
        {"class_of": by_length, "write": spelled_at_once},
    ],
    ids=["classes_of", "both", "symbols", "write"],
)
def test_a_strategy_that_maps_names_to_listed_ones_or_writes_differently_does_something(members):
    column(**members).fit(MANY)


def test_of_few_rare_words_none_needs_a_listed_class():
    column(class_of=by_length, classes=("LEN99",)).fit(FEW)


def test_what_a_restored_strategy_lacks_is_said_to_be_missing_from_its_state():
    members = {"class_of": looks_up, "fit": learns_names}
    state = column(**members).fit(MANY).state()
    sentence = re.escape("no attribute 'table'; what fit learns and class_of needs must be in state() and restore()")
    with pytest.raises(AttributeError, match=f"{sentence}$"):
        column(**members).restore(state).encode(Document("new", "unseen\n"))


def test_what_a_strategy_lacks_that_has_learnt_here_is_its_own_mistake():
    with pytest.raises(AttributeError, match=r"no attribute 'table'$"):
        column(class_of=looks_up, classes=("a",)).fit(FEW)


def unlisted(self, words):  # noqa: ARG001
    return ["LONG"] * len(words)


def of_one_word(self, words):  # noqa: ARG001
    return ["NOUN"]


@pytest.mark.parametrize(
    ("classes_of", "sentence"),
    [
        (unlisted, "classes_of returned 'LONG', which is not in classes; return OTHER for what is not"),
        (of_one_word, "classes_of returned 1 classes for 100 words"),
    ],
)
def test_classes_of_that_returns_what_nobody_listed_or_too_little_is_told(classes_of, sentence):
    members = {"class_of": lambda self, word: "NOUN", "classes": ("NOUN",), "classes_of": classes_of}  # noqa: ARG005
    with pytest.raises(ContractError, match=f"^{re.escape(sentence)}$"):
        column(**members).fit(MANY).encode(Document("new", "unseen word\n"))
