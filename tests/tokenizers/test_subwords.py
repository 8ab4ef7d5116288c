"""Subwords: a worked example, the library and the bytes as oracles, awkward texts, given tokenizers refused or not."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers, processors

from toolkit.errors import InputError
from toolkit.events.distribution import Uniform, bits
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.subwords import BytePairs, GivenTokenizer, token_bytes

OTHER = 1
TRAIN = [Document("a", "abab ab ab"), Document("b", "ab ab!")]
AWKWARD = ["", "   ", "\n", "the  harbour   lay\t\tstill \n\n \r x\n", "x" * 10_000, "ab" * 5_000 + "é" * 3]
AWKWARD += ["e\u0301a\u0323\u0302 \u0301", "👩🏽‍🚀 🇳🇱😀", "שלום עולם, مرحبا", "日本語\u3000テキスト"]
AWKWARD += ["\u00a0\u2028\u200b\u202e\ufeff", "\ufffd \x00\x7f", "Ġthe <doc> <other> <|endoftext|> Ċ ▁the <0x41>"]
AWKWARD += ["\U0010ffff\ue000"]
CHARACTERS = "ab'st ,.9é’\n\t\r\x1c\x85\u00a0\u180e\u200b\u2028\u3000\ufeff\u0301日😀<>|x"
TEXTS = st.one_of(
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(CHARACTERS)), max_size=40),
    st.lists(st.sampled_from(["the", "don't", " ", "  ", "\n", "\n\n", ",", "<|", " 's", "\u00a0"])).map("".join),
)


@pytest.fixture(scope="module")
def tales(corpus):
    """Tales, and much white space."""
    return [*corpus.documents[:6], Document("spaced", "a   b    \n\n\n\n c \n \n\t\td\n\n \n" * 9)]


@pytest.fixture(scope="module")
def bpe(tales):
    return BytePairs().fit(tales)


def saved(library, tmp_path):
    """The path of a library's tokenizer as a tokenizer.json."""
    path = tmp_path / "tokenizer.json"
    library.save(str(path))
    return str(path)


def test_worked_example():
    """Words "abab", " ab" (3 times), "ab", "!": a-b is merged first (6 times), then Ġ-ab (3); ab-ab occurs but once."""
    tokenizer = BytePairs().fit(TRAIN)
    assert tokenizer.vocabulary.tokens == ("<doc>", "<other>", "ab", "Ġab", "!")  # 3 times, 3 times, once
    encoding = tokenizer.encode(Document("c", "abc ab!é"))
    assert encoding.ids.tolist() == [2, OTHER, 3, 4, OTHER, OTHER, DOC]  # ab c Ġab ! and the two bytes of é
    assert encoding.ends.tolist() == [2, 3, 6, 7, 7, 8, 8]
    assert encoding.parts.tolist() == [WORDS, WORDS, WORDS, SPACING, WORDS, WORDS, DOCUMENT_ENDS]
    assert encoding.surfaces == {1: "c", 4: "Ã", 5: "©"}
    reserve = tokenizer.vocabulary.reserve
    # ! stands in one document only: c = 1 of n = 7 tokens + 2 document ends
    assert (reserve.surprises, reserve.events) == (1, 9)
    assert reserve.trained.tolist() == [True, False, True, True, True]
    assert tokenizer.vocabulary.ends_words.tolist() == [True, True, False, True, True]


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text[:12]))
def test_awkward_texts_come_back(bpe, text):
    check_laws(bpe, text)


@given(text=TEXTS)
def test_any_text_comes_back(bpe, text):
    check_laws(bpe, canonical(text))


def check_laws(tokenizer, text):
    encoding = tokenizer.encode(Document("any", text))
    ids = encoding.ids.tolist()
    names = [encoding.surfaces.get(i, tokenizer.vocabulary.tokens[id_]) for i, id_ in enumerate(ids[:-1])]
    of_tokens = [token_bytes(name) for name in names]
    assert b"".join(of_tokens) == text.encode()
    library = Tokenizer.from_str(tokenizer.state()["tokenizer"])
    assert library.encode(text).tokens == names
    assert tokenizer.decode(ids, encoding.surfaces) == text
    if len(text) < 200:  # an event ends after the characters that are whole by then
        whole = [len(text.encode()[:n].decode(errors="ignore")) for n in np.cumsum(list(map(len, of_tokens)))]
        assert encoding.ends.tolist() == [*whole, len(text)]
    assert set(encoding.surfaces) == set(np.flatnonzero(encoding.ids == OTHER).tolist())


def test_all_tokens_of_the_library_share_one(bpe):
    """Σ P = 1 over <doc>, the tokens seen, and each unseen one by way of <other>."""
    logits = np.random.default_rng(0).normal(size=len(bpe.vocabulary)).astype(np.float32)
    probabilities, speller = bpe.vocabulary.reserve.distribution(logits), bpe.speller.start()
    vocabulary = Tokenizer.from_str(bpe.state()["tokenizer"]).get_vocab()
    unseen = vocabulary.keys() - set(bpe.vocabulary.tokens[2:])
    events = {token: list(speller.events("other", token)) for token in unseen}
    spelled = sum(2.0 ** -bits(*event) for (event,) in events.values())
    total = probabilities[0] + probabilities[2:].sum() + probabilities[OTHER] * spelled
    assert total == pytest.approx(1, abs=1e-9)
    for token, ((distribution, number),) in events.items():
        assert distribution == Uniform(len(unseen))
        assert speller.read("other", lambda _, number=number: number) == token


def assert_equal(a, b, texts):
    assert (a.state(), a.vocabulary) == (b.state(), b.vocabulary)
    for text in texts:
        one, two = a.encode(Document("x", text)), b.encode(Document("x", text))
        assert (one.array.tolist(), one.surfaces) == (two.array.tolist(), two.surfaces)


def test_fitting_again_and_restoring_give_the_same_and_valid_changes_nothing(bpe, tales):
    state = json.loads(json.dumps(bpe.state()))
    assert BytePairs().fit(tales, [Document("v", "Ωñ zyzzyva")]).state() == state
    assert_equal(bpe, BytePairs().restore(state), [*AWKWARD, tales[0].text])


@pytest.mark.parametrize("size", [255, 1_000_001, 300.5, "300", True])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(InputError):
        BytePairs(vocabulary_size=size)


@given(data=st.data())
def test_the_text_of_some_ids_begins_the_text_of_more(bpe, data):
    bytes_only = [
        id_ for id_, name in enumerate(bpe.vocabulary.tokens) if id_ > 1 and len(token_bytes(name)) == 1
    ]
    ids = data.draw(st.lists(st.one_of(st.integers(2, len(bpe.vocabulary) - 1), st.sampled_from(bytes_only))))
    for n in range(len(ids)):
        assert bpe.decode(ids, {}).startswith(bpe.decode(ids[:n], {}))


@pytest.mark.parametrize(
    ("text", "covered"), [("The harbour ", 11), (" ", 0), ("", 0), ("a\n ", 3), ("a\n\n", 3)]
)
def test_a_prompts_last_space_is_left_to_the_next_token(bpe, text, covered):
    assert bpe.prompt(text).ends[-1] == covered


# Given tokenizers.


def test_a_given_byte_level_tokenizer_equals_bpe(bpe, tmp_path, tales):
    path = tmp_path / "tokenizer.json"
    path.write_text(bpe.state()["tokenizer"], "utf-8")
    tokenizer = GivenTokenizer(path=str(path)).fit(tales)
    path.unlink()  # a run needs the file no more
    assert_equal(tokenizer, bpe, [*AWKWARD, tales[0].text])
    assert_equal(GivenTokenizer().restore(tokenizer.state()), bpe, AWKWARD)


def test_nothing_is_added_or_cut_off(bpe, tmp_path, tales):
    library = Tokenizer.from_str(bpe.state()["tokenizer"])
    library.add_special_tokens(["<s>"])
    special = [("<s>", library.token_to_id("<s>"))]
    library.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=special)
    library.enable_truncation(3)
    library.enable_padding(length=1000)
    tokenizer = GivenTokenizer(path=saved(library, tmp_path)).fit(tales)
    assert tokenizer.encode(tales[0]).ids.tolist() == bpe.encode(tales[0]).ids.tolist()
    encoding = tokenizer.encode(Document("x", "a <s> b"))  # its name in the text is an unseen token
    assert "<s>" in encoding.surfaces.values()
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == "a <s> b"


def test_a_lossy_tokenizer_is_refused_with_the_document(bpe, tmp_path):
    library = Tokenizer.from_str(bpe.state()["tokenizer"])
    library.normalizer = normalizers.Lowercase()
    tokenizer, plain = GivenTokenizer(path=saved(library, tmp_path)), Document("b", "the moon")
    for train, valid in (([plain, Document("lossy", "the MOON")], []), ([plain], [Document("lossy", "X")])):
        with pytest.raises(InputError, match="'lossy'"):
            tokenizer.fit(train, valid)
    tokenizer.fit([plain])
    state = tokenizer.state()
    for refused in (tokenizer.encode, lambda document: tokenizer.check_texts([plain], [document])):
        with pytest.raises(InputError, match="'lossy'"):
            refused(Document("lossy", "xÉ t"))
    assert tokenizer.state() == state


@pytest.mark.parametrize("content", ["", "{}", "[1]", "decoder"])
def test_a_file_that_is_no_byte_level_tokenizer_is_refused(tmp_path, content, bpe):
    path = tmp_path / "given.json"
    parts = json.loads(bpe.state()["tokenizer"])
    if content == "decoder":
        content = json.dumps(parts | {"decoder": None})
    path.write_text(content, "utf-8")
    for tokenizer in (GivenTokenizer(path=str(path)), GivenTokenizer()):
        with pytest.raises(InputError):
            tokenizer.check()
