"""Subwords: a worked example, the library and the bytes as oracles, hostile texts, given tokenizers refused or not."""

import json
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from toolkit.tokenizers.byte_level import TextTokens
from toolkit.tokenizers.pieces import Tokens

from toolkit.errors import InputError
from toolkit.events.distribution import Uniform, bits
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.text.corpus import Document, canonical
from toolkit.text.excerpt import excerpt
from toolkit.text.neutral import word_spans
from toolkit.tokenizers import subwords
from toolkit.tokenizers.library_tokens import token_bytes
from toolkit.tokenizers.subwords import BytePairs, GivenTokenizer

OTHER = 1
TRAIN = [Document("a", "abab ab ab"), Document("b", "ab ab!")]
AWKWARD = [
    "",
    " ",
    "   ",
    "\n",
    " the harbour",
    "the harbour ",
    "the  harbour   lay\t\tstill \n\n \r x\n",
    "x" * 10_000,
    "ab" * 5_000 + "é" * 3,
    "e\u0301a\u0323\u0302 \u0301",
    "👩🏽‍🚀 🇳🇱😀",
    "שלום עולם, مرحبا",
    "日本語\u3000テキスト",
    "\u00a0\u2028\u200b\u202e\ufeff",
    "\ufffd \x00\x7f",
    "Ġthe <doc> <other> <|endoftext|> Ċ ▁the <0x41>",
    "\U0010ffff\ue000",
]


@pytest.fixture(scope="module")
def tales(corpus):
    return corpus.documents[:6]


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


def test_equal_counts_are_ordered_by_the_librarys_id():
    tokenizer = BytePairs(vocabulary_size=256).fit([Document("a", "ba b a c")])
    assert tokenizer.vocabulary.tokens == ("<doc>", "<other>", "Ġ", "a", "b", "c")  # 3, 2, 2, 1; "a" comes before "b"


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text[:12]))
def test_awkward_texts_come_back(bpe, text):
    check_laws(bpe, text)


@given(text=st.text(max_size=60))
def test_any_text_comes_back(bpe, text):
    check_laws(bpe, canonical(text))


def check_laws(tokenizer, text):
    encoding = tokenizer.encode(Document("any", text))
    names = [
        encoding.surfaces.get(i, tokenizer.vocabulary.tokens[id_]) for i, id_ in enumerate(encoding.ids.tolist()[:-1])
    ]
    # the bytes, read off the names of the tokens, are the text's
    pieces = [token_bytes(name) for name in names]
    assert b"".join(pieces) == text.encode()
    # the library itself reads the same
    library = Tokenizer.from_str(tokenizer.state()["tokenizer"])
    assert library.encode(text).tokens == names
    assert library.decode([library.token_to_id(name) for name in names]) == text
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == text
    # an event ends after the characters that are whole by then
    read = np.cumsum([0, *map(len, pieces)])
    whole = [len(text.encode()[:n].decode(errors="ignore")) for n in read] if len(text) < 200 else encoding.starts
    assert [0, *encoding.ends.tolist()] == [*whole, len(text)]
    assert (encoding.widths >= 0).all()
    assert encoding.ids[-1] == DOC
    assert set(encoding.surfaces) == set(np.flatnonzero(encoding.ids == OTHER).tolist())
    # parts by the last character of the token that completes one
    in_word = {place for start, end, _ in word_spans(text) for place in range(start, end)}
    ends = encoding.ends.tolist()
    for i, part in enumerate(encoding.parts.tolist()[:-1]):
        last = next(end for start, end in zip(encoding.starts[i:], ends[i:], strict=False) if end > start) - 1
        assert part == (WORDS if last in in_word else SPACING)
    assert encoding.parts[-1] == DOCUMENT_ENDS


def test_unseen_tokens_read_what_they_wrote(bpe):
    speller = bpe.speller
    encoding = bpe.encode(Document("c", "Ωñ😀"))
    assert len(encoding.surfaces) > 4
    for surface in encoding.surfaces.values():
        ((distribution, number),) = speller.start().events("other", surface)
        assert speller.start().read("other", lambda _, number=number: number) == surface
    library = Tokenizer.from_str(bpe.state()["tokenizer"])
    assert distribution == Uniform(library.get_vocab_size() - (len(bpe.vocabulary) - 2))


def test_all_tokens_of_the_library_share_one(bpe):
    """Σ P = 1 over <doc>, the tokens seen, and each unseen one by way of <other>."""
    probabilities = bpe.vocabulary.reserve.distribution(
        np.random.default_rng(0).normal(size=len(bpe.vocabulary)).astype(np.float32)
    )
    vocabulary = Tokenizer.from_str(bpe.state()["tokenizer"]).get_vocab()
    unseen = vocabulary.keys() - set(bpe.vocabulary.tokens[2:])
    spelled = sum(2.0 ** -bits(*event) for token in unseen for event in bpe.speller.start().events("other", token))
    assert probabilities[0] + probabilities[2:].sum() + probabilities[OTHER] * spelled == pytest.approx(1, abs=1e-9)
    assert len(vocabulary) == len(bpe.vocabulary) - 2 + len(unseen)


def test_fitting_twice_gives_the_same_and_valid_changes_nothing(bpe, tales):
    state = json.dumps(bpe.state())
    assert json.dumps(BytePairs().fit(tales).state()) == state
    assert json.dumps(BytePairs().fit(tales, [Document("v", "Ωñ zyzzyva")]).state()) == state


def assert_the_same(a, b, texts):
    assert a.state() == b.state()
    assert a.vocabulary == b.vocabulary
    assert a.vocabulary.reserve.trained.tolist() == b.vocabulary.reserve.trained.tolist()
    for text in texts:
        one, two = a.encode(Document("x", text)), b.encode(Document("x", text))
        assert (one.ids.tolist(), one.ends.tolist(), one.parts.tolist(), one.surfaces) == (
            two.ids.tolist(), two.ends.tolist(), two.parts.tolist(), two.surfaces
        )  # fmt: skip


def test_restored_tokenizer_is_the_same(bpe, tales):
    assert_the_same(bpe, BytePairs().restore(json.loads(json.dumps(bpe.state()))), [*AWKWARD, tales[0].text])


def test_the_size_is_what_was_asked_for(tales):
    vocabulary = json.loads(BytePairs(vocabulary_size=300).fit(tales).state()["tokenizer"])["model"]["vocab"]
    assert len(vocabulary) == 300
    assert len({token_bytes(token) for token in vocabulary if len(token_bytes(token)) == 1}) == 256


def learnt_at_this_size(texts, size):
    """What the library learns if it is asked for this size alone."""
    library = Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, show_progress=False, special_tokens=[], initial_alphabet=alphabet
    )
    library.train_from_iterator(texts, trainer)
    return library.to_str()


@pytest.mark.parametrize("size", [256, 257, 300, 512, 1024, 50_000])
def test_merges_cut_to_a_size_are_those_learnt_at_that_size(tales, size):
    state = BytePairs(vocabulary_size=size).fit(tales).state()
    assert state["tokenizer"] == learnt_at_this_size([tale.text for tale in tales], size)


def test_of_a_long_text_merges_are_learnt_on_evenly_spaced_documents_and_ids_on_all(monkeypatch):
    documents = [Document(letter, f"{letter * 2} {letter * 2}") for letter in "abcdef"]  # five characters each
    monkeypatch.setattr(subwords, "excerpt", partial(excerpt, most=10))
    tokenizer = BytePairs().fit(documents)
    merged = {token for token in tokenizer.vocabulary.tokens[2:] if len(token) > 1}
    assert merged == {"bb", "ee"}
    assert {"a", "c", "d", "f"} <= set(tokenizer.vocabulary.tokens)


@pytest.mark.parametrize("size", [255, 0, -1, 1_000_001, 300.0, "300", True])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(InputError, match="whole number from 256"):
        BytePairs(vocabulary_size=size)


@given(data=st.data())
def test_the_text_of_some_ids_begins_the_text_of_more(bpe, data):
    drawn = st.lists(st.integers(2, len(bpe.vocabulary) - 1), max_size=40)
    bytes_only = [id_ for id_, name in enumerate(bpe.vocabulary.tokens) if id_ > 1 and len(token_bytes(name)) == 1]
    ids = data.draw(st.one_of(drawn, st.lists(st.sampled_from(bytes_only), max_size=40)))
    for n in range(len(ids)):
        assert bpe.decode(ids, {}).startswith(bpe.decode(ids[:n], {}))


@pytest.mark.parametrize(
    ("text", "covered"),
    [("The harbour ", 11), ("The  ", 4), (" ", 0), ("", 0), ("a\n ", 2), ("a\n", 2), ("a\n\n", 3), ("a \n\n  ", 5)],
)
def test_a_prompts_last_space_is_left_to_the_next_token(bpe, text, covered):
    """As in training: what comes before a word is cut as the prompt is, the word's token has the last space."""
    encoding = bpe.prompt(text)
    assert encoding.ends[-1] == covered
    goes_on = bpe.encode(Document("x", text + "lay")).ids.tolist()
    assert goes_on[: len(encoding.ids) - 1] == encoding.ids.tolist()[:-1]


def test_other_cannot_be_filled(bpe):
    with pytest.raises(InputError, match="cannot be filled"):
        bpe.fill("other", np.random.default_rng(0))


def test_a_lone_training_document_does_not_make_everything_a_surprise():
    text = "the harbour lay still " * 300 + "Q"
    reserve = BytePairs().fit([Document("all", text)]).vocabulary.reserve
    assert reserve.surprises < 10  # the one Q, and what stands at the beginning
    assert reserve.events > 1000


# given tokenizers


def test_a_given_byte_level_tokenizer_equals_bpe(bpe, tmp_path, tales):
    path = tmp_path / "tokenizer.json"
    path.write_text(bpe.state()["tokenizer"], "utf-8")
    tokenizer = GivenTokenizer(path=str(path)).fit(tales)
    path.unlink()  # a run needs the file no more
    assert_the_same(tokenizer, bpe, [*AWKWARD, tales[0].text])
    assert_the_same(GivenTokenizer(path=str(path)).restore(tokenizer.state()), bpe, AWKWARD)
    assert_the_same(GivenTokenizer().restore(tokenizer.state()), bpe, AWKWARD)


def test_what_a_given_tokenizer_adds_or_cuts_off_is_left_out(bpe, tmp_path, tales):
    library = Tokenizer.from_str(bpe.state()["tokenizer"])
    library.add_special_tokens(["<s>"])
    library.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", library.token_to_id("<s>"))]
    )
    library.enable_truncation(3)
    library.enable_padding(length=1000)
    tokenizer = GivenTokenizer(path=saved(library, tmp_path)).fit(tales)
    assert tokenizer.encode(tales[0]).ids.tolist() == bpe.encode(tales[0]).ids.tolist()
    encoding = tokenizer.encode(Document("x", "a <s> b"))  # its name in the text is an unseen token like others
    assert "<s>" in encoding.surfaces.values()
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == "a <s> b"


def test_a_lossy_tokenizer_is_refused_with_the_first_difference(bpe, tmp_path):
    library = Tokenizer.from_str(bpe.state()["tokenizer"])
    library.normalizer = normalizers.Lowercase()
    tokenizer = GivenTokenizer(path=saved(library, tmp_path))
    with pytest.raises(
        InputError, match=r"lossless on the document 'c': at character 4 the text has 'MOON', but 'moon'"
    ):
        tokenizer.fit([Document("b", "the moon"), Document("c", "the MOON")])
    with pytest.raises(InputError, match="'v': at character 0 the text has 'X', but 'x' came back"):
        tokenizer.fit([Document("b", "the moon")], [Document("v", "X")])
    tokenizer.fit([Document("b", "the moon")])
    with pytest.raises(InputError, match="'later': at character 1 the text has 'É t"):
        tokenizer.encode(Document("later", "xÉ t"))
    with pytest.raises(InputError, match="'prompt'"):
        tokenizer.prompt("The")


def test_a_unigram_tokenizer_with_metaspaces_is_lossless(tmp_path, tales):
    library = Tokenizer(models.Unigram())
    library.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    library.decoder = decoders.Metaspace(prepend_scheme="never")
    trainer = trainers.UnigramTrainer(vocab_size=120, show_progress=False, special_tokens=["<unk>"], unk_token="<unk>")
    library.train_from_iterator([document.text for document in tales], trainer)
    tokenizer = GivenTokenizer(path=saved(library, tmp_path)).fit(tales)
    text = "The  moon lay\n\nstill <unk> "
    encoding = tokenizer.encode(Document("x", text))
    names = [encoding.surfaces.get(i, tokenizer.vocabulary.tokens[id_]) for i, id_ in enumerate(encoding.ids[:-1])]
    pieces = [text[a:b] for a, b in zip(encoding.starts, encoding.ends, strict=True)]
    assert [name.replace("▁", " ") for name in names] == pieces[:-1]
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == text
    with pytest.raises(InputError, match="has '▁', but ' ' came back"):
        tokenizer.encode(Document("y", "the▁"))


def byte_fallback_library():
    """Tokens as in Llama 2: ▁ for a space, pieces of words, bytes for what is none."""
    pieces = ["▁", "a", "b", "▁a", "ab"]
    names = [*(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    vocabulary = {name: id_ for id_, name in enumerate(names)}
    library = Tokenizer(models.BPE(vocabulary, [("▁", "a"), ("a", "b")], byte_fallback=True))
    library.normalizer = normalizers.Replace(" ", "▁")
    library.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return library


def test_bytes_of_a_shared_character_are_zero_width_but_the_last(tmp_path):
    tokenizer = GivenTokenizer(path=saved(byte_fallback_library(), tmp_path)).fit([Document("x", "ab a b")])
    text = "ab é a😀"
    encoding = tokenizer.encode(Document("y", text))
    # ab ▁ <0xC3> <0xA9> ▁a <0xF0> <0x9F> <0x98> <0x80> <doc>
    assert encoding.ends.tolist() == [2, 3, 3, 4, 6, 6, 6, 6, 7, 7]
    assert encoding.parts.tolist() == [WORDS] * 5 + [SPACING] * 4 + [DOCUMENT_ENDS]
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == text


def test_gaps_go_to_the_next_token_and_the_last_one_to_the_last(tmp_path):
    """Spans (2, 4), (6, 7) of a text of 9 characters: a tokenizer that drops what its decoder puts back."""
    library = Tokenizer(models.WordLevel({"ab": 0, "c": 1}, unk_token="[UNK]"))
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    library.decoder = decoders.Sequence(
        [decoders.Fuse(), decoders.Replace("ab", "  ab  "), decoders.Replace(Regex("c$"), "c  ")]
    )
    tokenizer = GivenTokenizer(path=saved(library, tmp_path)).fit([Document("x", "  ab  c  ")])
    encoding = tokenizer.encode(Document("x", "  ab  c  "))
    assert encoding.ends.tolist() == [4, 9, 9]
    assert encoding.parts.tolist() == [WORDS, SPACING, DOCUMENT_ENDS]


@pytest.mark.parametrize(
    ("spans", "ends"),
    [
        ([(0, 2), (2, 5)], [2, 5]),
        ([(0, 2), (3, 4)], [2, 5]),  # gaps
        ([(0, 2), (0, 0), (2, 5)], [2, 2, 5]),  # an empty span
        ([(0, 1), (1, 2), (1, 2), (2, 5)], [1, 1, 2, 5]),  # a shared character
        ([(0, 3), (1, 2), (2, 5)], [1, 2, 5]),  # spans that fall back
        ([], []),
    ],
)
def test_any_spans_become_gapless_and_rising(spans, ends):
    meaning = TextTokens(Tokenizer(models.BPE()))
    assert meaning.ends(Tokens(np.array([]), spans), "12345").tolist() == ends
