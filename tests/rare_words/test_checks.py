"""Classes of a strategy that are no list of names fail with a sentence."""

import pytest

from tests.helpers.registries import restored
from toolkit.errors import ContractError
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS

DOCUMENTS = [Document("a", "one two three\n")]


@pytest.mark.parametrize("classes", [{"b", "a"}, "ADJ", [1, 2, 3], ["a", "b", "a"], ["a", OTHER]])
def test_classes_that_are_no_list_of_names_fail_as_soon_as_they_are_learnt(classes):
    members = {"reads_context": False, "classes": classes, "class_of": lambda self, word: "a"}  # noqa: ARG005
    with restored(RARE_WORDS):
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), members))
        with pytest.raises(ContractError, match="classes must be a list of different names"):
            TOKENIZERS.make("whitespace", strategy="mine").fit(DOCUMENTS)
