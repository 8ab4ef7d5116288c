"""Sampling: seeds, temperature, top-k and top-p, prompts with what was never seen, filled placeholders."""

import unicodedata

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.errors import ContractError, InputError
from toolkit.events.encoding import DOC
from toolkit.inference import continuation, drawing, sampling
from toolkit.inference.continuation import NEAR, Continuation, generate
from toolkit.inference.drawing import ALL, Likeliest
from toolkit.inference.filling import spelled
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.sampling import BLOCK, draw, restricted
from toolkit.network.backend import tf
from toolkit.network.network import NEVER, RecurrentNetwork
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SpacyWords


def written(run, prompt, characters, source="seen", **options):
    """The texts alone."""
    found = generate(run.model, prompt, characters, sources=[source], **options)
    return [text[source].text for text in found]


def test_texts_have_the_length_and_depend_on_the_seed_alone(run):
    one, two = written(run, "The harbour", 150, seeds=[3, 4])
    assert len(one) == len(two) == 150
    assert one != two
    assert written(run, "The harbour", 150, seeds=[9, 3])[1] == one


@pytest.mark.parametrize("prompt", ["", "The ", "Ω zyzzyva ñ", "  ", "a\n\n"])
def test_any_prompt_works(run, prompt):
    (text,) = written(run, prompt, 40, seeds=[0])
    assert len(text) == 40


def test_a_continuation_goes_on_from_the_prompts_space(run):
    (spaced,) = written(run, "The keeper ", 40, seeds=[0], temperature=0.2)
    assert not spaced.startswith(" ")


def test_what_does_not_begin_with_the_prompts_space_is_drawn_again(run, monkeypatch):
    """Of three streams the first goes on at once, the second at the third attempt, the last never does."""
    tokenizer, asked = run.model.tokenizer, []
    before, joined, spaced = (tokenizer.encode(Document("x", f"The keeper{end}")).ids for end in ("", ", lay", " lay"))
    same = len(before) - 1

    def sample(model, prompt, seeds, *others):  # noqa: ARG001
        asked.append(seeds)
        fits = [True, len(asked) > 2, False]
        while True:
            yield np.stack([np.resize((spaced if fit else joined)[same:-1], 64) for fit in fits])

    monkeypatch.setattr(type(run.model), "sample", sample)
    texts = written(run, "The keeper ", 3, seeds=[3, 4, 5])
    if run.spec.column.tokenizer == "char":
        assert asked == [[3, 4, 5]]
        return
    assert texts == ["lay", "lay", ", l"]
    assert asked[0] == [3, 4, 5]
    assert len(asked) == len({seed for seeds in asked for seed in seeds}) / 3 == continuation.ATTEMPTS
    asked.clear()
    assert written(run, "The keeper", 3, seeds=[3, 4, 5]) == [" la", ", l", ", l"]
    assert asked == [[3, 4, 5]]


def test_no_token_without_training_is_drawn(run, split):
    if run.spec.column.tokenizer == "bpe":
        pytest.skip("bytes seen in training may make up a character that is not; the next test looks at ids")
    (text,) = written(run, "", 300, seeds=[1], temperature=3.0)
    assert set(text) <= set("".join(document.text for document in split.train))


def test_no_token_without_training_is_drawn_behind_bytes_either(run, monkeypatch):
    drawn = []
    right = type(run.model.tokenizer).decode
    monkeypatch.setattr(
        type(run.model.tokenizer), "decode", lambda self, ids, surfaces: drawn.extend(ids) or right(self, ids, surfaces)
    )
    generate(run.model, "", 300, seeds=[1], temperature=3.0)
    assert run.model.tokenizer.vocabulary.reserve.trained[drawn].all()


def test_where_nothing_may_be_drawn_nothing_is_generated(split):
    """Where words are dropped and all of them are rare."""
    tokenizer = SpacyWords("drop", rare_max_count=10**6).fit(split.train, split.valid)
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    trained = tokenizer.vocabulary.reserve.trained
    network = RecurrentNetwork(NetworkSettings(units=6), trained, one_hot=tokenizer.one_hot, seed=0)
    for model in (NGramModel.fitted(tokenizer, training, valid), NeuralModel(tokenizer, network)):
        with pytest.raises(ContractError, match="training showed no token that may be drawn"):
            generate(model, "", 20, seeds=[0])


def test_a_spelled_character_is_assigned():
    characters = Characters().fit([Document("a", "ab")])
    fill = spelled(characters, np.random.default_rng(0), characters.prompt(""))
    (name,) = characters.vocabulary.spelled.values()
    drawn = {fill(name) for _ in range(100)}
    assert len(drawn) > 90
    assert {unicodedata.category(character) for character in drawn}.isdisjoint({"Cn", "Co"})


def test_a_character_for_private_use_that_training_has_is_still_spelled():
    icons = [Document(name, "the icon \ue000 " + rest) for name, rest in (("a", "\ue001"), ("b", "\ue002"))]
    words = SpacyWords("unk").fit(icons)
    fill = spelled(words, np.random.default_rng(0), words.prompt(""))
    assert any("\ue001" in fill("UNK") for _ in range(50))


@pytest.mark.parametrize("source", ["seen", "spelled"])
def test_no_mark_or_placeholder_is_left_in_the_text(run, source):
    for text in written(run, "", 300, seeds=range(3), source=source):
        text.encode("utf-8")  # a joiner would be a lone surrogate
        assert "<" not in text


@pytest.mark.parametrize("size", [BLOCK, 3 * BLOCK])
def test_draws_come_from_the_softmax(size):
    probabilities = np.random.default_rng(5).dirichlet(np.full(size, 0.3))
    probabilities[[0, 7, size - 1]] = 0
    probabilities /= probabilities.sum()
    logits = tf.constant(np.log(np.maximum(probabilities, 1e-300))[None], tf.float32)
    n = 20_000
    evenly = tf.constant((np.arange(n) + 0.5) / n)
    drawn = np.bincount(draw(tf.repeat(logits, n, 0), evenly), minlength=size)
    assert np.abs(drawn - n * probabilities).max() <= 2.5  # evenly spaced numbers: no more than the two ends of each
    assert drawn[[0, 7, size - 1]].tolist() == [0, 0, 0]


@pytest.mark.parametrize("size", [BLOCK, 2 * BLOCK])
@pytest.mark.parametrize("place", [0, 1, BLOCK - 1])
def test_the_least_and_greatest_number_draw_what_has_probability(size, place):
    logits = np.full((3, size), -np.inf, np.float32)
    logits[:, [place, size // 2 + place // 2]] = [[5.0, 5.0], [5.0, -60.0], [-60.0, 5.0]]
    for uniform in (0.0, 1 - np.finfo(np.float64).eps):
        drawn = draw(tf.constant(logits), tf.fill(3, tf.constant(uniform, tf.float64)))
        assert np.isfinite(logits[np.arange(3), drawn]).all()


def test_streams_do_not_depend_on_how_they_are_parted(run):
    alone = [written(run, "The", 60, seeds=[seed])[0] for seed in range(5)]
    assert written(run, "The", 60, seeds=range(5)) == alone


@pytest.mark.parametrize(("cell", "one_hot", "layers"), [("lstm", True, 2), ("lstm", False, 1), ("gru", False, 2)])
@pytest.mark.parametrize("length", [1, 2, 9])
def test_a_prompt_is_read_as_documents_are(cell, one_hot, layers, length):
    """Also of a length for which no graph was made; in every stream."""
    settings = NetworkSettings(cell=cell, units=6, layers=layers)
    network = RecurrentNetwork(settings, np.ones(7, bool), one_hot=one_hot, seed=0)
    sampling.read_prompt(network, np.array([0, 1, 2, 3], np.int32), 2)
    prompt = np.array([0, 3, 1, 4, 1, 5, 6, 2, 6][:length], np.int32)
    state = sampling.read_prompt(network, prompt, 3)
    ids = np.repeat(prompt[:-1, None], 3, axis=1)
    expected = network.forward().window(tf.constant(ids), network.initial(3))[1] if length > 1 else network.initial(3)
    for found, right in zip(tf.nest.flatten(state), tf.nest.flatten(expected), strict=True):
        np.testing.assert_allclose(found, right, atol=1e-6)


def fed(tokenizer, text):
    """The ids before a continuation of the text: the beginning of a document, then the text's."""
    return np.array([DOC, *tokenizer.encode(Document("p", text)).ids[:-1]], np.int32)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_what_a_network_draws_goes_on_from_what_it_drew_before(temperature):
    """Over three calls of the graph, beside a network that takes single steps, with the same numbers in [0, 1)."""
    tokenizer = Characters().fit([Document("a", "the harbour lay still, and the keeper slept.")])
    trained = tokenizer.vocabulary.reserve.trained
    network = RecurrentNetwork(NetworkSettings(units=16), trained, one_hot=True, seed=3)
    network.assign({name: 4 * array for name, array in network.arrays().items()})  # so that it matters what was fed
    model, prompt, seed = NeuralModel(tokenizer, network), fed(tokenizer, "the keep"), 7
    chunks = sampling.sample(network, prompt, [seed], temperature, ALL)
    found = np.concatenate([next(chunks)[0] for _ in range(3)])
    stepper = model.start()
    for id_ in prompt[1:].tolist():
        stepper.feed(id_)
    may_be_drawn = trained & (np.arange(len(trained)) != DOC)
    expected = []
    for start in range(0, 3 * sampling.CHUNK, sampling.CHUNK):
        for number in tf.random.stateless_uniform((sampling.CHUNK,), [seed, start], dtype=tf.float64).numpy():
            weights = np.where(may_be_drawn, stepper.distribution(), 0.0) ** (1 / temperature)
            expected.append(int(np.searchsorted(np.cumsum(weights), number * weights.sum(), "right")))
            stepper.feed(expected[-1])
    assert found.tolist() == expected
    assert len(set(expected)) > 5


def test_event_by_event_the_prompt_is_read_and_no_end_is_drawn():
    """By counts, which say with near certainty what comes next: behind "b" the end of the document, then the space."""
    tokenizer = Characters()
    texts = [Document(str(number), "ab ab") for number in range(20)]
    tokenizer.fit(texts)
    encodings = [tokenizer.encode(document) for document in texts]
    model = NGramModel.fitted(tokenizer, encodings, encodings)
    names = tokenizer.vocabulary.tokens
    for prompt, next_ones in (("a", "b a"), ("ab", " ab"), ("ab ", "ab")):
        (ids,) = next(drawing.draw(model, fed(tokenizer, prompt), [0], 0.05, ALL))
        assert "".join(names[id_] for id_ in ids[: len(next_ones)]) == next_ones
    drawn = next(drawing.draw(model, fed(tokenizer, ""), range(40), 1.0, ALL))
    assert drawn.shape == (40, drawing.CHUNK)
    assert (drawn != DOC).all()


def test_a_large_vocabulary_is_drawn_like_a_small_one(monkeypatch):
    network = RecurrentNetwork(NetworkSettings(units=8, embedding=8), np.ones(300, np.bool_), one_hot=False, seed=2)
    ids = []
    for small in (10_000, 100):
        monkeypatch.setattr(sampling, "SMALL", small)
        network.graphs.clear()
        sample, layer = sampling.graph(network, 1, ALL), sampling.output(network, 1.0, 1)
        found, _ = sample(np.zeros(1, np.int32), network.initial(1), np.array([4]), np.int32(0), layer)
        ids.append(found.numpy())
    np.testing.assert_array_equal(*ids)
    assert 0 < ids[0].min() <= ids[0].max() < 300


def test_top_k_and_top_p_leave_the_likeliest():
    logits = tf.concat([[[NEVER]], tf.math.log([[0.5, 0.25, 0.15]]), [[-np.inf]]], 1)  # <doc>, three ids, padding
    assert (restricted(logits, Likeliest(2)).numpy() > -1e8).tolist() == [[False, True, True, False, False]]
    # of 0.9: 0.556, 0.278, 0.167: the first two reach 0.8
    assert (restricted(logits, Likeliest(top_p=0.8)).numpy() > -1e8).tolist() == [[False, True, True, False, False]]
    assert (restricted(logits, Likeliest(top_p=0.5)).numpy() > -1e8).tolist() == [[False, True, False, False, False]]
    assert (restricted(logits, Likeliest(top_p=1.0)).numpy() > -1e8).tolist() == [[False, True, True, True, False]]


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": wrong} for wrong in (0.0, float("nan"))]
    + [{"likeliest": Likeliest(*wrong)} for wrong in ((0,), (2.5,), (None, 0.0), (None, 1.5))],
)
def test_values_out_of_range_are_refused(run, wrong):
    with pytest.raises(InputError, match="give a"):
        written(run, "", 10, seeds=[0], **wrong)


@pytest.mark.parametrize("prompt", ["", "The quincunx99 and ", "a\n\n"])
def test_fills_stand_where_they_say_and_what_is_between_them_is_the_same_in_both_texts(run, prompt):
    (texts,) = generate(run.model, prompt, 400, seeds=[5], sources=["seen", "spelled"])
    seen, new = texts["seen"], texts["spelled"]
    state = run.model.tokenizer.state()
    for fill in seen.fills[:-1]:  # the last may be cut
        words = {surface.replace(JOINER, "").lower() for surface in state["fillings"][fill.name]}
        assert seen.text[fill.start : fill.end].lower() in words  # in the case that its place asks for
    for text in (seen, new):
        ends = [0, *(fill.end for fill in text.fills)]
        assert all(end <= fill.start < fill.end <= 400 for end, fill in zip(ends, text.fills, strict=False))
    classes = [[fill.name for fill in text.fills] for text in (seen, new)]
    assert all(a == b for a, b in zip(*classes, strict=False))
    kept = [between(text) for text in (seen, new)]
    assert all(a.split() == b.split() for a, b in list(zip(*kept, strict=False))[:-1])
    assert bool(seen.fills) == (
        len(run.model.tokenizer.vocabulary.spelled) > 1
    )  # char has its escape, which is not drawn


def between(text):
    """What stands before, between and after the fills."""
    places = [0, *(place for fill in text.fills for place in (fill.start, fill.end)), len(text.text)]
    return [text.text[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]


def test_the_sources_do_not_depend_on_each_other(run):
    both, alone = (
        generate(run.model, "The ", 200, seeds=[2], sources=sources)[0]
        for sources in (["seen", "spelled"], ["spelled"])
    )
    assert both["spelled"] == alone["spelled"]


def test_the_spans_of_a_text_written_by_hand():
    """ "an eel, a lobster!": the rare words are "eel" and "lobster!"'s first; ids are those of the encoding itself."""
    tokenizer = SpacyWords("unk").fit(
        [Document("a", "an oar, an oar, a quay, a"), Document("b", "an oar, a bell! a oar !")]
    )
    ids = tokenizer.encode(Document("c", "an eel, a lobster, an oar")).ids[:-1].tolist()

    def written(characters):
        text = Continuation(tokenizer, "", tokenizer.prompt(""), "seen", 0, characters)
        text.extend(ids)
        return text.complete(), text.filled()

    whole, filled = written(1000)
    assert not whole
    words = [filled.text[fill.start : fill.end] for fill in filled.fills]
    assert len(words) == 2
    assert set(words) <= {"quay", "bell"}
    assert filled.text == f"an {words[0]}, a {words[1]}, an oar"
    whole, cut = written(filled.fills[1].start + 2)
    assert whole
    assert [(fill.start, fill.end) for fill in cut.fills] == [
        (filled.fills[0].start, filled.fills[0].end), (filled.fills[1].start, filled.fills[1].start + 2)
    ]  # fmt: skip


@pytest.mark.parametrize("strategy", ["unk", "drop", "spell"])
def test_the_places_of_fills_are_found_without_decoding_the_text_again_for_each(strategy, monkeypatch):
    tokenizer = SpacyWords(strategy).fit(
        [Document("a", "an oar, 'an' oar, a (quay)-a"), Document("b", 'an oar, a "bell!"')]
    )
    drawable = np.flatnonzero(tokenizer.vocabulary.reserve.trained)[1:]
    text = Continuation(tokenizer, "an ", tokenizer.prompt("an "), "seen", 0, 10_000)
    text.extend(np.random.default_rng(0).choice(drawable, 1500).tolist())
    text.complete()
    right, read = SpacyWords.decode, []
    places = list(range(3, 1500, 7))
    expected = [len(right(tokenizer, text._ids[:n], text._surfaces)) for n in places]
    monkeypatch.setattr(
        SpacyWords, "decode", lambda self, ids, surfaces: read.append(len(ids)) or right(self, ids, surfaces)
    )
    assert list(text._lengths(places)) == expected
    read.clear()
    filled = text.filled()
    assert bool(filled.fills) == (strategy == "unk")
    rare = {word.replace(JOINER, "").lower() for words in tokenizer.state()["fillings"].values() for word in words}
    assert {filled.text[fill.start : fill.end].lower() for fill in filled.fills} <= rare
    assert sum(read) < 2 * 1500 + 4 * NEAR * len(filled.fills)


def test_what_a_document_has_spelled_is_likelier_to_be_spelled_again():
    """The speller of a document that spelled one word a hundred times draws it more often than a fresh one does."""
    words = [
        "astrolabe",
        "marginalia",
        "palimpsest",
        "orrery",
        "sextant",
        "basilisk",
        "cormorant",
        "lazaret",
        "quincunx",
    ]
    documents = [Document(word, f"the the of {word} of the the") for word in words]
    tokenizer = SpacyWords("unk").fit(documents)
    again = tokenizer.prompt(" ".join(["zyx"] * 100))
    draws = {}
    for name, prompt in (("fresh", tokenizer.prompt("")), ("again", again)):
        fill = spelled(tokenizer, np.random.default_rng(1), prompt)
        draws[name] = sum(fill("UNK").replace(JOINER, "") == "zyx" for _ in range(40))
    assert draws["fresh"] == 0
    assert draws["again"] > 10
    rng = np.random.default_rng(2)
    fill = spelled(tokenizer, rng, tokenizer.prompt(""))
    in_one_document = {fill("UNK") for _ in range(60)}
    in_many = {spelled(tokenizer, rng, tokenizer.prompt(""))("UNK") for _ in range(60)}
    assert len(in_one_document) < 0.8 * len(in_many)  # what it has drawn itself comes again, too


def test_a_long_text_is_not_read_again_after_each_chunk(run, monkeypatch):
    right, read = type(run.model.tokenizer).decode, []
    monkeypatch.setattr(
        type(run.model.tokenizer),
        "decode",
        lambda self, ids, surfaces: read.append(len(ids)) or right(self, ids, surfaces),
    )
    monkeypatch.setattr(Continuation, "filled", lambda self: self.text[:4000])
    (found,) = generate(run.model, "The ", 4000, seeds=[1])
    assert len(found["seen"]) == 4000
    assert sum(read) < 6 * read[-1]
