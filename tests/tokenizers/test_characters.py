"""Characters: a worked example, the escape, the reserve by leaving documents out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surprises import surprises
from toolkit.errors import InputError
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import ESCAPE, FIRST, Characters

TRAIN = [Document("a", "ab ba"), Document("b", "b a!")]


def test_worked_example():
    encoding = Characters().fit(TRAIN).encode(Document("c", "a b!"))
    # <doc> 0, <escape> 1, then ' ' 2, '!' 3, 'a' 4, 'b' 5
    assert encoding.ids.tolist() == [4, 2, 5, 3, 0]
    assert encoding.ends.tolist() == [1, 2, 3, 4, 4]
    # "a", " b" (with the single space before it) are neutral words, "!" is not
    assert encoding.parts.tolist() == [WORDS, WORDS, WORDS, SPACING, DOCUMENT_ENDS]


def test_reserve_counts_the_characters_of_one_document_only():
    reserve = Characters().fit(TRAIN).vocabulary.reserve
    # '!' stands in one document only: c = 1 of n = 9 characters + 2 document ends
    assert (reserve.surprises, reserve.events) == (1, 11)
    assert reserve.trained.tolist() == [True, False, True, True, True, True]


def test_unseen_characters_are_escaped_and_come_back():
    tokenizer = Characters().fit(TRAIN)
    text = "añ😀b\u0301"
    encoding = tokenizer.encode(Document("c", text))
    assert encoding.surfaces == {1: "ñ", 2: "😀", 4: "\u0301"}
    assert (encoding.ids == ESCAPE).sum() == 3
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == text


@given(st.lists(st.text(st.sampled_from("ab é日😀"), max_size=9), min_size=2, max_size=4), st.text(max_size=9))
def test_what_is_counted_at_once_is_what_is_counted_one_by_one(texts, text):
    tokenizer = Characters().fit([Document("x", of_document) for of_document in texts])
    alphabet = sorted(set("".join(texts)))
    length = len("".join(texts))
    assert tokenizer.state() == {
        "alphabet": "".join(alphabet), "surprises": surprises(texts), "events": length + len(texts)
    }  # fmt: skip
    encoding = tokenizer.encode(Document("y", text))
    expected = [FIRST + alphabet.index(character) if character in alphabet else ESCAPE for character in text]
    assert encoding.ids.tolist() == [*expected, DOC]
    assert encoding.ends.tolist() == [*range(1, len(text) + 1), len(text)]
    assert encoding.surfaces == {i: text[i] for i, id_ in enumerate(expected) if id_ == ESCAPE}


def test_code_points_read_what_they_wrote():
    speller = Characters().fit(TRAIN).speller
    ((distribution, number),) = speller.start().events("escape", "ñ")
    assert distribution.outcomes == 1_112_064 - 4
    assert speller.read("escape", lambda _: number) == "ñ"


def test_vocabulary_comes_from_training_text_only():
    one = Characters().fit(TRAIN, [Document("v", "xyz")]).state()
    assert one == Characters().fit(TRAIN).state()
    assert "x" not in one["alphabet"]


def test_restored_tokenizer_is_the_same():
    tokenizer = Characters().fit(TRAIN)
    restored = Characters().restore(tokenizer.state())
    assert restored.state() == tokenizer.state()
    assert restored.vocabulary == tokenizer.vocabulary
    np.testing.assert_array_equal(restored.vocabulary.reserve.trained, tokenizer.vocabulary.reserve.trained)


def test_an_escape_cannot_be_filled():
    with pytest.raises(InputError, match="cannot be filled"):
        Characters().fit(TRAIN).fill("escape", np.random.default_rng(0))


def test_a_lone_training_document_does_not_make_everything_a_surprise():
    text = "\n\n".join("the harbour lay still " * 5 for _ in range(40)) + "!"
    reserve = Characters().fit([Document("all", text)]).vocabulary.reserve
    assert (reserve.surprises, reserve.events) == (1, len(text) + 1)  # the one "!" is in one block only
