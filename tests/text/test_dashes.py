"""Dashes between words are cut, whatever stands beside them; nothing else is, and any text comes back."""

import hashlib
import time
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.text.corpus import Document, Split
from toolkit.text.dashes import DASHES, has_dashes, parts
from toolkit.text.sources import read_corpus
from toolkit.text.tagging import ENTRY_FORMAT, Tagger
from toolkit.text.words import joined_text, segments
from toolkit.tokenizers.cut import SpacyWords

TRAIN = [
    Document("a", 'He said,--and left. "Stay!"--but no. The moon--grey.\n'),
    Document("b", 'The moon rose. He left.--The sea, he said,--and "Stay!"\n'),
]
DASHED = st.lists(st.sampled_from(["a", "B", "9", ".", ",", '"', "“", "'", "--", "---", "-", "—", " ", "\n", "n't"]))


def cut(text, language="en", cuts_dashes=True):
    tokens = list(Tagger(language=language, tags=False, cuts_dashes=cuts_dashes).tag_anew(text))
    return [text[token.start : token.end] for token in tokens]


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
def test_what_spacy_leaves_in_one_token_is_cut(language, text, expected, before):
    assert cut(text, language) == expected.split()
    assert cut(text, language, cuts_dashes=False) == before.split()


@pytest.mark.parametrize("text", ["--He", "he--", "--", "half-way", "(--)", "1.--", "it.—So", "http://a.org/b.--c"])
def test_everything_else_stays_as_spacy_cuts_it(text):
    assert cut(text) == cut(text, cuts_dashes=False)


def test_the_corpus_that_is_bundled_has_none(request):
    corpus = read_corpus(request.config.rootpath / "corpora" / "weird-tales")
    assert not any(has_dashes(document.text) for document in corpus.documents)


def test_the_time_for_dashes_that_follow_each_other_is_that_of_their_length():
    start = time.perf_counter()
    assert not has_dashes("a" + "--." * 20_000)
    assert has_dashes("--." * 10_000 + "a--b")
    assert time.perf_counter() - start < 1


@given(DASHED.map("".join))
def test_any_text_comes_back_and_only_dashes_make_a_difference(text):
    assert "".join(parts(text)) == text
    words = segments(Document("d", text), list(TAGGER.tag_anew(text)))
    assert joined_text([(segment.word.marks, segment.word.text) for segment in words]) == text
    if not has_dashes(text):
        assert list(TAGGER.tag_anew(text)) == list(PLAIN.tag_anew(text))
    for segment in words:
        before, *others = DASHES.split(segment.word.text)
        assert not others or not (any(map(str.isalnum, before)) and any(map(str.isalnum, others[-1])))


TAGGER, PLAIN = Tagger(tags=False, cuts_dashes=True), Tagger(tags=False)


def test_words_beside_a_cut_keep_their_tags_and_norms():
    """ "n't" has a norm that taggers read; it is the same before and after another token is cut."""
    text = "I don't know. He said,--and left. She won't."
    plain, dashed = (Tagger(cuts_dashes=cuts) for cuts in (False, True))
    norms = [{token.text: token.norm_ for token in tagger.cut(text)} for tagger in (plain, dashed)]
    assert norms[0]["n't"] == norms[1]["n't"] == "not"
    tags = {text[token.start : token.end]: token.pos for token in dashed.tag_anew(text)}
    assert (tags["said"], tags["--"], tags["left"]) == ("VERB", "PUNCT", "VERB")


def test_the_cache_keeps_both_ways_of_cutting():
    plain, dashed = Tagger(tags=False), Tagger(tags=False, cuts_dashes=True)
    for text in ("He left.", "He left,--and so on."):
        old = hashlib.sha256("\0".join((ENTRY_FORMAT, "blank:en", "", version("spacy"), text)).encode()).hexdigest()
        assert plain.key(text) == old
        assert (dashed.key(text) == old) == (not has_dashes(text))
    assert plain.tag(text) != dashed.tag(text)
    assert (plain.tag(text), dashed.tag(text)) == (list(plain.tag_anew(text)), list(dashed.tag_anew(text)))


def test_a_tokenizer_cuts_as_its_training_text_has_them_and_a_saved_one_as_it_did():
    fitted = SpacyWords("unk").fit(TRAIN)
    state = fitted.state()
    assert state["dashes"] is True
    assert "--" in state["kept"]
    document = Document("c", 'The sea,--and "No!"--he said; grey.--\n')
    old = {key: value for key, value in state.items() if key != "dashes"}
    for saved, dashes in ((state, True), (old, False)):
        restored = SpacyWords("unk").restore(saved)
        encoding = restored.encode(document)
        assert restored.decode(encoding.ids.tolist(), encoding.surfaces) == document.text
        assert ("sea,--and" in encoding.surfaces.values()) == (not dashes)
        assert restored.state() == saved
    plain = [Document(d.name, d.text.replace("--", " - ")) for d in TRAIN]
    assert "dashes" not in SpacyWords("unk").fit(plain).state()


def test_the_page_tags_words_beside_dashes_as_columns_of_words_do():
    """And as inspection does: "and" is no part of a token "said,--and", whatever that is tagged as."""
    test = Document("t", "He said,--and left.\n")
    split = Split(tuple(TRAIN), (Document("v", "He left.\n"),), (test,))
    names, (places,) = EvaluationData(split, "en", SampleSettings()).parts_of_speech
    assert names[places[test.text.index("and")]] == "CCONJ"
