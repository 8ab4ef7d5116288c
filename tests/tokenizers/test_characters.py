"""Characters: a worked example, the escape, the reserve by leaving documents out."""

from hypothesis import given
from hypothesis import strategies as st

from tests.surprises import surprises
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import ESCAPE, FIRST, Characters

TRAIN = [Document("a", "ab ba"), Document("b", "b a!")]


def test_worked_example():
    tokenizer = Characters().fit(TRAIN)
    # <doc> 0, <escape> 1, then ' ' 2, '!' 3, 'a' 4, 'b' 5
    encoding = tokenizer.encode(Document("c", "a b!"))
    assert encoding.ids.tolist() == [4, 2, 5, 3, 0]
    assert encoding.ends.tolist() == [1, 2, 3, 4, 4]
    # "a", " b" (with the single space before it) are neutral words, "!" is not
    assert encoding.parts.tolist() == [WORDS, WORDS, WORDS, SPACING, DOCUMENT_ENDS]
    # '!' stands in one document only: c = 1 of n = 9 characters + 2 document ends
    reserve = tokenizer.vocabulary.reserve
    assert (reserve.surprises, reserve.events) == (1, 11)
    assert reserve.trained.tolist() == [True, False, True, True, True, True]
    assert tokenizer.vocabulary.ends_words.tolist() == [True, True, True, True, False, False]


@given(
    st.lists(st.text(st.sampled_from("ab é日😀"), max_size=9), min_size=2, max_size=4),
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.just("\u0301")), max_size=9),
)
def test_it_equals_counting_one_by_one_and_any_text_comes_back(texts, text):
    tokenizer = Characters().fit([Document("x", of_document) for of_document in texts], [Document("v", "xyz")])
    alphabet = sorted(set("".join(texts)))
    events = len("".join(texts)) + len(texts)
    assert tokenizer.state() == {"alphabet": "".join(alphabet), "surprises": surprises(texts), "events": events}
    encoding = tokenizer.encode(Document("y", text))
    expected = [FIRST + alphabet.index(character) if character in alphabet else ESCAPE for character in text]
    assert encoding.ids.tolist() == [*expected, DOC]
    assert encoding.ends.tolist() == [*range(1, len(text) + 1), len(text)]
    assert encoding.surfaces == {i: text[i] for i, id_ in enumerate(expected) if id_ == ESCAPE}
    restored = Characters().restore(tokenizer.state())
    assert (restored.state(), restored.vocabulary) == (tokenizer.state(), tokenizer.vocabulary)
    assert restored.decode(encoding.ids.tolist(), encoding.surfaces) == text
