"""Characters and subwords: worked examples, the library and the bytes as oracles, given tokenizers refused or not."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers, processors

from toolkit.errors import InputError
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.results.inspection import Shortfall
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.subwords import BytePairs, Bytes, GivenTokenizer, SuperBytePairs, Unigram, token_bytes

OTHER = 1
CHARACTERS = "ab'st ,.9é’\n\t\x1c\x85\u00a0\u180e\u200b\u2028\u3000\ufeff\u0301日😀<>|x"
MARKS = "Ġthe <doc> <other> <|endoftext|> Ċ \ufffd \x00\x7f"
EMOJI = "👩🏽‍🚀 🇳🇱😀 \U0010ffff\ue000"


@pytest.fixture(scope="module")
def tales(corpus):
    """Tales, and much white space."""
    return [*corpus.documents[:6], Document("spaced", "a   b    \n\n\n\n c \n \n\t\td\n\n \n" * 9)]


@pytest.fixture(scope="module")
def bpe(tales):
    return BytePairs().fit(tales)


def test_characters():
    tokenizer = Characters().fit([Document("a", "ab ba"), Document("b", "b a!")])
    # <doc> 0, <escape> 1, then ' ' 2, '!' 3, 'a' 4, 'b' 5
    encoding = tokenizer.encode(Document("c", "a b!😀"))
    assert encoding.ids.tolist() == [4, 2, 5, 3, 1, 0]
    assert encoding.ends.tolist() == [1, 2, 3, 4, 5, 5]
    assert encoding.surfaces == {4: "😀"}
    # "a", " b" (with the single space before it) are neutral words, "!" is not
    assert encoding.parts.tolist() == [WORDS, WORDS, WORDS, SPACING, SPACING, DOCUMENT_ENDS]
    # '!' stands in one document only: c = 1 of n = 9 characters + 2 document ends
    reserve = tokenizer.vocabulary.reserve
    assert (reserve.surprises, reserve.events) == (1, 11)
    assert reserve.trained.tolist() == [True, False, True, True, True, True]
    assert tokenizer.vocabulary.ends_words.tolist() == [True, True, True, True, False, False]


def test_byte_pairs():
    """Words "abab", " ab" (3 times), "ab", "!": a-b is merged first (6 times), then Ġ-ab (3); ab-ab occurs but once."""
    documents = [Document("a", "abab ab ab"), Document("b", "ab ab!")]
    tokenizer = BytePairs().fit(documents)
    sized = BytePairs(vocabulary_size=900).fit(documents)
    # "ab", "Ġab" and "!" of 256 bytes and 2 pairs occur
    assert (sized.vocabulary.tokens, tokenizer.shortfall) == (tokenizer.vocabulary.tokens, None)
    assert sized.shortfall == Shortfall(target=900, seen=3, unseen=255)
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


def test_bytes():
    tokenizer = Bytes().fit([Document("a", "aéa"), Document("b", "a")])
    reserve = tokenizer.vocabulary.reserve
    # <doc>, then "a" (3 times), the two bytes of é and 253 others; é stands in one document only
    assert (len(tokenizer.vocabulary), tokenizer.vocabulary.spelled) == (257, {})
    assert (np.flatnonzero(reserve.trained).tolist(), reserve.surprises, reserve.events) == ([0, 1, 2, 3], 2, 7)
    encoding = tokenizer.encode(Document("c", "é😀a"))
    assert (len(encoding), encoding.ids[-2:].tolist(), encoding.surfaces) == (2 + 4 + 1 + 1, [1, DOC], {})
    assert encoding.ends.tolist() == [0, 1, 1, 1, 1, 2, 3, 3]
    assert reserve.spread(np.full(4, 1 / 4)).sum() == pytest.approx(1)


def test_a_second_stage_merges_across_spaces_within_a_line():
    """Within words ab and cd are merged; across them "ab cd" too, though "cd" and the line end stay apart."""
    documents = [Document("a", "ab cd\nab cd\nab cd\n")]
    within, across = (kind(vocabulary_size=262).fit(documents) for kind in (BytePairs, SuperBytePairs))
    assert set(within.vocabulary.tokens[2:]) == {"ab", "Ġcd", "Ċ"}
    assert set(across.vocabulary.tokens[2:]) == {"abĠcd", "Ċ"}


def test_pieces_of_a_unigram_model_are_the_likeliest(tales):
    tokenizer = Unigram(vocabulary_size=600).fit(tales)
    assert Unigram(vocabulary_size=600).fit(tales).state() == tokenizer.state()
    logs = dict(json.loads(tokenizer.state()["tokenizer"])["model"]["vocab"])
    assert 256 < len(logs) <= 600
    for word in ("keeper", "moonlight", "slowly", "astrolabe"):
        best = [0.0]  # of the word's beginnings
        for end in range(1, len(word) + 1):
            best.append(max(best[i] + logs[word[i:end]] for i in range(end) if word[i:end] in logs))
        encoding = tokenizer.encode(Document("word", word))
        names = [
            encoding.surfaces.get(i, tokenizer.vocabulary.tokens[id_]) for i, id_ in enumerate(encoding.ids[:-1])
        ]
        assert sum(map(logs.get, names)) == pytest.approx(best[-1])


@given(
    text=st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(CHARACTERS)), max_size=40)
)
@example(text=MARKS)
@example(text=EMOJI)
def test_tokens_are_the_librarys_and_end_with_their_characters(bpe, text):
    text = canonical(text)
    encoding = bpe.encode(Document("any", text))
    names = [encoding.surfaces.get(i, bpe.vocabulary.tokens[id_]) for i, id_ in enumerate(encoding.ids[:-1])]
    of_tokens = [token_bytes(name) for name in names]
    assert b"".join(of_tokens) == text.encode()
    assert Tokenizer.from_str(bpe.state()["tokenizer"]).encode(text).tokens == names
    # An event ends after the characters that are whole by then.
    whole = [len(text.encode()[:n].decode(errors="ignore")) for n in np.cumsum(list(map(len, of_tokens)))]
    assert encoding.ends.tolist() == [*whole, len(text)]
    assert set(encoding.surfaces) == set(np.flatnonzero(encoding.ids == OTHER).tolist())


@pytest.fixture(scope="module")
def single():
    """Tokens that are single bytes."""
    return BytePairs(vocabulary_size=256).fit([Document("a", "“é a.")])


def test_a_byte_ends_words_as_the_first_character_that_it_can_become(single):
    vocabulary = single.vocabulary
    ends = dict(zip(vocabulary.tokens[2:], vocabulary.ends_words[2:].tolist(), strict=True))
    inside = dict.fromkeys("Ģľ©", False)  # bytes that begin no character
    assert ends == inside | {"â": True, "Ã": False, "Ġ": True, "a": False, ".": True}


@given(st.lists(st.integers(2, 9)))
def test_the_text_of_some_ids_begins_the_text_of_more(single, ids):
    for n in range(len(ids)):
        assert single.decode(ids, {}).startswith(single.decode(ids[:n], {}))


def saved(library, folder):
    """The path of a library's tokenizer as a tokenizer.json."""
    library.save(str(folder / "tokenizer.json"))
    return str(folder / "tokenizer.json")


def test_a_given_byte_level_tokenizer_equals_bpe(bpe, tmp_path, tales):
    path = tmp_path / "tokenizer.json"
    path.write_text(bpe.state()["tokenizer"], "utf-8")
    tokenizer = GivenTokenizer(path=str(path)).fit(tales)
    path.unlink()  # a run needs the file no more
    names = json.loads(bpe.state()["tokenizer"])["model"]["vocab"]
    seen = len(bpe.state()["seen"])
    assert tokenizer.shortfall == Shortfall(target=len(names), seen=seen, unseen=len(names) - seen)
    for same in (
        tokenizer,
        GivenTokenizer().restore(tokenizer.state()),
        BytePairs().fit(tales, [Document("v", "Ω")]),
    ):
        assert (same.state(), same.vocabulary) == (bpe.state(), bpe.vocabulary)
        one, two = (either.encode(Document("x", MARKS)) for either in (same, bpe))
        assert (one.array.tolist(), one.surfaces) == (two.array.tolist(), two.surfaces)


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
    lossy = Document("lossy", "the MOON")
    for train, valid in (([plain, lossy], []), ([plain], [lossy])):
        with pytest.raises(InputError, match="'lossy'"):
            tokenizer.fit(train, valid)
    tokenizer.fit([plain])
    for refused in (tokenizer.encode, lambda document: tokenizer.check_texts([plain], [document])):
        with pytest.raises(InputError, match="'lossy'"):
            refused(lossy)


@pytest.mark.parametrize("change", ["", {"decoder": None}, {"model": {"dropout": 0.1}}])
def test_a_file_without_byte_level_tokens_or_with_random_merges_is_refused(tmp_path, change, bpe):
    path, content = tmp_path / "given.json", json.loads(bpe.state()["tokenizer"])
    for name, value in dict(change).items():
        content[name] = content[name] | value if value else None
    path.write_text(json.dumps(content) if change else "", "utf-8")
    for tokenizer in (GivenTokenizer(path=str(path)), GivenTokenizer()):
        with pytest.raises(InputError):
            tokenizer.check()
