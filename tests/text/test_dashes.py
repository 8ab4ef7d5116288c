"""Dashes between words are cut, whatever stands beside them; nothing else is, and any text comes back."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.text.corpus import Document, Split
from toolkit.text.dashes import DASHES, has_dashes, parts
from toolkit.text.tagging import Tagger
from toolkit.text.words import joined_text, unmarked, words_of
from toolkit.tokenizers.cut import SpacyWords

TRAIN = [
    Document("a", 'He said,--and left. "Stay!"--but no. The moon--grey.\n'),
    Document("b", 'The moon rose. He left.--The sea, he said,--and "Stay!"\n'),
]
DASHED = st.lists(st.sampled_from(["a", "B", "9", ".", ",", '"', "“", "'", "--", "---", "-", "—", " ", "\n", "n't"]))
TAGGER, PLAIN = Tagger(tags=False, cuts_dashes=True), Tagger(tags=False)


def cut(text, tagger):
    tokens = tagger.tag_anew(text).at
    return [text[start:end] for start, end in zip(tokens["start"], tokens["end"], strict=True)]


@pytest.mark.parametrize(
    ("language", "text", "expected", "before"),
    [
        ("fi", "hakee.--Ventovieraatkin", "hakee . -- Ventovieraatkin", "hakee.--Ventovieraatkin"),
        ("en", "said,--and", "said , -- and", "said,--and"),
        ("en", 'no!"--"But', 'no ! " -- " But', 'no!"--"But'),
        ("en", "didn't,--I", "did n't , -- I", "didn't,--I"),  # both sides as they are cut alone
        ("en", "moon--grey", "moon -- grey", "moon -- grey"),  # spaCy's own cut
        ("en", "so.----And", "so . ---- And", "so.----And"),
    ],
)
def test_dashes_that_spacy_leaves_in_one_token_are_cut(language, text, expected, before):
    assert cut(text, Tagger(language=language, tags=False, cuts_dashes=True)) == expected.split()
    assert cut(text, Tagger(language=language, tags=False)) == before.split()


@pytest.mark.parametrize("text", ["--He", "he--", "--", "half-way", "(--)", "1.--", "it.—So", "http://a.org/b.--c"])
def test_everything_else_stays_as_spacy_cuts_it(text):
    assert cut(text, TAGGER) == cut(text, PLAIN)


def test_the_time_for_dashes_that_follow_each_other_is_that_of_their_length():
    start = time.perf_counter()
    assert not has_dashes("a" + "--." * 20_000)
    assert has_dashes("--." * 10_000 + "a--b")
    assert time.perf_counter() - start < 1


@given(DASHED.map("".join))
def test_any_text_comes_back_and_only_dashes_make_a_difference(text):
    assert "".join(parts(text)) == text
    words = words_of(Document("d", text), TAGGER.tag_anew(text))
    assert joined_text(list(map(unmarked, words.surfaces(np.arange(len(words)))))) == text
    assert has_dashes(text) or cut(text, TAGGER) == cut(text, PLAIN)
    for word in words.texts:
        before, *others = DASHES.split(word)
        assert not others or not (any(map(str.isalnum, before)) and any(map(str.isalnum, others[-1])))


def test_words_beside_a_cut_keep_their_norms():
    """ "n't" has a norm that taggers read; it is the same before and after another token is cut."""
    text = "I don't know. He said,--and left. She won't."
    for tagger in (PLAIN, TAGGER):
        assert {token.text: token.norm_ for token in tagger.cut(text)}["n't"] == "not"


def test_the_cache_keeps_both_ways_of_cutting():
    text = "He left,--and so on."
    for _ in range(2):
        assert len(TAGGER.tag(text)) > len(PLAIN.tag(text))


def test_a_tokenizer_cuts_as_its_training_text_has_them_and_a_saved_one_as_it_did():
    fitted = SpacyWords("unk").fit(TRAIN)
    state = fitted.state()
    assert state["dashes"] is True
    assert "--" in state["kept"]
    document = Document("c", 'The sea,--and "No!"--he said; grey.--\n')
    for saved, dashes in ((state, True), ({key: value for key, value in state.items() if key != "dashes"}, False)):
        restored = SpacyWords("unk").restore(saved)
        encoding = restored.encode(document)
        assert restored.decode(encoding.ids.tolist(), encoding.surfaces) == document.text
        assert ("sea,--and" in encoding.surfaces.values()) == (not dashes)
        assert restored.state() == saved
    plain = [Document(d.name, d.text.replace("--", " - ")) for d in TRAIN]
    assert "dashes" not in fitted.fit(plain).state()


def test_parts_of_speech_are_those_of_words_beside_dashes():
    test = Document("t", "He said,--and left.\n")
    split = Split(tuple(TRAIN), (Document("v", "He left.\n"),), (test,))
    names, (places,) = EvaluationData(split, "en", SampleSettings()).parts_of_speech
    assert names[places[test.text.index("and")]] == "CCONJ"
