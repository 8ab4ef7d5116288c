"""The living page's scripts compute what we do: texts cut, spelled and paid for in Node, with exact weights."""

import random

import pytest

from tests.report.living import ODD, in_node, needs_node, read, untrained
from toolkit.inference.page_bits import page_bits
from toolkit.inference.word_costs import word_costs
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.portable import UnportableError, guesses, tables
from toolkit.tokenizers.subwords import BytePairs

pytestmark = needs_node

MARKED = {"case": "mark"}
COLUMNS = [
    ("char", {}, {}),
    ("char@gru", {}, {}),
    ("bpe", {}, {"layers": 2}),
    ("word:unk", MARKED | {"rare_max_count": 6}, {"tied": False, "embedding": 7}),
    ("word:shape", {}, {"cell": "gru"}),
    ("word:unk", {}, {"cutoff": 40}),
    ("word:spell", {}, {}),
    ("word:drop", {}, {}),
    ("word:keep", {}, {}),
    ("whitespace:keep", {}, {}),
    ("whitespace:unk", MARKED, {}),
    ("word:shape", {"language": "es"}, {}),
]


@pytest.fixture(scope="module")
def made(split):
    """What ``untrained`` makes of the tales' split, each column once."""
    columns = {}

    def once(name, options=None, **network):
        key = repr((name, options or {}, network))
        if key not in columns:
            columns[key] = untrained(split, name, options, **network)
        return columns[key]

    return once


@pytest.mark.parametrize(("name", "options", "network"), COLUMNS)
def test_bits_of_texts_and_words_are_ours(made, split, tmp_path, name, options, network):
    column = made(name, options, **network)
    texts = [canonical(text) for text in ODD] + [document.text[:500] for document in split.test]
    encodings = [column.model.tokenizer.encode(Document("text", text)) for text in texts]
    for text, scores, here in zip(
        texts, column.model.score(encodings), read(column.packed(None), texts, tmp_path), strict=True
    ):
        assert here["ids"] == scores.encoding.ids[:-1].tolist(), text
        assert here["bits"] == pytest.approx(scores.bits[:-1].sum(), abs=1e-4 * len(text))
        assert here["end"] == pytest.approx(scores.bits[-1], abs=1e-3)
        words = [piece for piece in here["pieces"] if piece["word"]]
        ours = word_costs(text, scores)
        assert [piece["text"].strip() for piece in words] == [cost.word for cost in ours]
        assert [piece["bits"] for piece in words] == pytest.approx([cost.bits for cost in ours], abs=1e-3)
        assert sum(piece["bits"] for piece in here["pieces"]) < here["bits"] + here["end"] + 60  # what is moved stays


@pytest.mark.parametrize("name", ["word:pos", "word:tag"])
def test_classes_that_a_tagger_gives_are_guessed_as_we_say(made, split, tmp_path, name):
    column = made(name)
    tokenizer = column.model.tokenizer
    guess = guesses(tokenizer)
    rare = min(surface for surfaces in tokenizer.state()["fillings"].values() for surface in surfaces)
    assert len(guess(rare)) == 1
    assert len(guess("qwfpg")) == len(tokenizer.symbols)
    texts = [canonical(text) for text in ODD] + [document.text[:400] for document in split.test]
    encodings = [tokenizer.encode(Document("text", text)) for text in texts]
    here = [text["bits"] for text in read(column.packed(None), texts, tmp_path)]
    assert here == pytest.approx([page_bits(column.model, encoding, guess) for encoding in encodings], abs=1e-3)


@pytest.mark.parametrize("name", ["char", "word:unk", "bpe"])
def test_a_text_that_changes_costs_what_it_does_from_the_beginning(made, split, tmp_path, name):
    column = made(name)
    text = split.test[0].text[:200]
    edits = [text[:80], text[:120], text[:100] + " xyzzyx xyzzyx", text[:100] + " xyzzyx", "", text, "X" + text, text]
    call = """(async () => {
      const reader = new live.Reader(new live.Column(await live.unpacked(value.packed)));
      return value.texts.map((text) => {
        reader.take(text);
        while (!reader.done) reader.advance(performance.now() + 1);
        return [reader.bits, reader.end];
      });
    })()"""
    packed = column.packed(None)
    fresh = [[text["bits"], text["end"]] for text in read(packed, edits, tmp_path)]
    changed = in_node(call, {"packed": packed, "texts": edits}, tmp_path)
    assert [bits for pair in changed for bits in pair] == pytest.approx([bits for pair in fresh for bits in pair])


@pytest.mark.parametrize("name", ["char", "bpe", "word:unk", "word:spell", "word:keep", "whitespace:keep", "word:drop"])
def test_what_a_column_writes_is_the_text_of_the_ids_that_it_draws(made, tmp_path, name):
    column = made(name)
    call = """(async () => {
      const column = new live.Column(await live.unpacked(value.packed)), { tokenizer } = column, fillings = [];
      tokenizer.filling = () => { fillings.push("zyx"); return "zyx"; };
      const reader = new live.Reader(column);
      reader.take(value.prompt);
      reader.advance();
      const writer = new live.Writer(reader, 1.5), ids = [], { write } = writer;
      writer.write = (id) => { ids.push(id); return write(id); };
      let text = "";
      for (let n = 0; n < 300; n += 1) text += writer.next();
      return { ids, text };
    })()"""
    tokenizer = column.model.tokenizer
    prompt = "The harbour lay still, and the"
    drawn = in_node(call, {"packed": column.packed(None), "prompt": prompt}, tmp_path)
    assert len(set(drawn["ids"])) > 10
    trained = tokenizer.vocabulary.reserve.trained
    assert all(id_ > 0 and trained[id_] for id_ in drawn["ids"])
    encoding = tokenizer.encode(Document("prompt", prompt))
    ids = [*encoding.ids[:-1].tolist(), *drawn["ids"]]
    surfaces = dict(encoding.surfaces) | {
        place: "zyx" for place in range(len(encoding.ids) - 1, len(ids)) if ids[place] in tokenizer.vocabulary.spelled
    }
    ours = tokenizer.decode(ids, surfaces)
    written = prompt + drawn["text"]
    assert ours.lower().startswith(written.lower())  # a word that fills a placeholder may begin a sentence
    assert len(ours) < len(written) + 40  # the word that has not ended yet


@pytest.mark.parametrize("name", ["char", "bpe", "word:unk", "whitespace:keep"])
def test_a_prompts_white_space_at_the_end_is_cut_as_ours(made, tmp_path, name):
    column = made(name)
    texts = ["The harbour ", "The  ", " ", "", "a\n ", "a\n", "a\n\n", "a \n\n  ", "a \n ", "é\u2003", "\u00e9 \u00a0"]
    call = """(async () => {
      const column = new live.Column(await live.unpacked(value.packed)), reader = new live.Reader(column);
      return value.texts.map((text) => {
        reader.take(text, column.tokenizer.prompt(text));
        reader.advance();
        return [reader.text, reader.events.map(({ chosen }) => chosen)];
      });
    })()"""
    here = in_node(call, {"packed": column.packed(None), "texts": texts}, tmp_path)
    tokenizer = column.model.tokenizer
    for text, (shown, ids) in zip(texts, here, strict=True):
        ours = tokenizer.prompt(text)
        assert (shown, ids) == (text[: ours.offsets[-1]], ours.ids[:-1].tolist()), repr(text)


def test_byte_pairs_without_letters_cut_a_prompt_as_a_text(tmp_path):
    numbers = [Document(str(n), " ".join(map(str, range(n, n + 60)))) for n in range(10, 40, 10)]
    tokenizer = BytePairs().fit(numbers)
    call = "new live.BytePairs(value).prompt('12 34 ').map(({ id }) => id)"
    assert in_node(call, tables(tokenizer), tmp_path) == tokenizer.prompt("12 34 ").ids[:-1].tolist()


def test_equal_pairs_merge_from_the_left(tmp_path):
    tokenizer = BytePairs().fit([Document("a", "aa aa aaa aaaaa bb"), Document("b", "aa bb aaaa")])
    texts = ["aaa", "aaaaa", "baaab bbb", "aaaaaaa"]
    call = "value.texts.map((text) => new live.BytePairs(value).events(text).map(({ id }) => id))"
    here = in_node(call, {"tokenizer": tables(tokenizer)["tokenizer"], "texts": texts}, tmp_path)
    assert here == [tokenizer.encode(Document("text", text)).ids[:-1].tolist() for text in texts]
    assert len(here[0]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl"])
def test_spacys_tokens_are_those_of_the_page(tmp_path, language):
    import spacy

    from toolkit.text.javascript import tokenizer_rules

    tokenizer = spacy.blank(language).tokenizer
    rng = random.Random(language)
    rules = list(tokenizer.rules)
    pieces = [
        "the", "Don't", "can't", "e.g.", "U.S.A.", "10km", "$5", "(so)", "--", "...", "…", "“", "”", "’s", "'", '"',
        "-", "a-b", "http://x.org/a", "me@x.org", "3.14", ",", ".", "!", "?", ";", "l'eau", "aujourd'hui", "z.B.",
        "Ü", "é", "😀", ":)", "<3", "km²", "°C.", "A.", "no.", "x=y", "/", "1,000", "12/3", "\n", "\n\n",
        "  ", "\t", "\u00a0",
    ]  # fmt: skip
    texts = ["".join(rng.choice([*pieces, rng.choice(rules), " ", " "]) for _ in range(14)) for _ in range(150)]
    call = """(() => {
      const tokenizer = new live.SpacyTokenizer(value.rules);
      return value.texts.map((text) => tokenizer.tokens(text).map((token) => [token.text, token.start]));
    })()"""
    here = in_node(call, {"rules": tokenizer_rules(tokenizer), "texts": texts}, tmp_path)
    for text, tokens in zip(texts, here, strict=True):
        assert tokens == [[token.text, utf16_length(text[: token.idx])] for token in tokenizer(text)], text


def test_a_column_that_the_page_cannot_compute_says_why(split):
    with pytest.raises(UnportableError, match="told from the next word too"):
        untrained(split, "word:cluster")
    with pytest.raises(UnportableError, match="vocabulary is closed"):
        tables(closed())


def utf16_length(text):
    """Where JavaScript counts the end of a text."""
    return len(text.encode("utf-16-le")) // 2


def closed():
    """A fitted tokenizer whose vocabulary is closed."""
    from toolkit.tokenizers.whitespace import Whitespace

    text = [Document("a", " moon light moon \n moon light moon light \n"), Document("b", " moon light \n")]
    return Whitespace("keep", strategy_options={"closed": True}).fit(text)
