"""Sampling: seeds, temperature, top-k and top-p, prompts with unseen characters, and filled placeholders."""

from functools import partial

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from toolkit.config import COLDEST, HOTTEST, NetworkSettings
from toolkit.errors import InputError
from toolkit.events.encoding import DOC
from toolkit.inference import generation, neural
from toolkit.inference.generation import Likeliest
from toolkit.inference.neural import NeuralModel, draw
from toolkit.inference.ngram import NGramModel
from toolkit.network.backend import tf
from toolkit.network.network import Network
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER, case_at, cased
from toolkit.tokenizers.characters import Characters

one_run = pytest.mark.parametrize("run", ["word-unk"], indirect=True)


def generate(model, prompt, length, seeds, temperature=1.0, **options):
    return generation.generate(model.tokenizer, model.sample, prompt, seeds, length, temperature, **options)


def written(run, *arguments, **options):
    """The texts alone."""
    return [filled.text for filled in generate(run.model, *arguments, **options)]


@pytest.mark.parametrize(
    ("run", "prompt"), [("char", ""), ("bpe", "a\n\n"), ("word-pos", "Ω zyzzyva ñ"), ("word-unk", "The harbour ")],
    indirect=["run"],
)  # fmt: skip
def test_texts_have_the_length_and_depend_on_the_seed_alone(run, prompt):
    one, two = written(run, prompt, 150, seeds=[3, 4])
    assert len(one) == len(two) == 150
    assert one != two
    assert written(run, prompt, 150, seeds=[9, 3])[1] == one


@pytest.mark.parametrize("run", ["char", "word-pos"], indirect=True)
def test_texts_are_reported_while_they_grow(run):
    texts = []
    whole = run.model.generate("The lamp", 900, seed=4, number=2, temperature=0.7, report=texts.append)
    assert texts[-1] == whole == run.model.generate("The lamp", 900, seed=4, number=2, temperature=0.7)
    lengths = [len(first) for first, _ in texts]
    assert lengths == sorted(lengths)
    assert lengths[0] < 900


def test_tokens_without_training_marks_and_placeholders_are_absent_from_texts(run, split):
    seen = set("".join(document.text for document in split.train))
    for source in ("seen", "spelled"):
        for text in written(run, "", 300, seeds=range(2), source=source, temperature=2.0):
            text.encode("utf-8")  # a mark would be a lone surrogate
            assert "<" not in text
            joins_bytes = run.spec.column.tokenizer == "bpe"
            assert joins_bytes or source == "spelled" or set(text) <= seen


def test_draws_come_from_the_softmax():
    """Numbers on a grid: no more than the two ends of each cell miss a probability."""
    probabilities, count = np.random.default_rng(5).dirichlet(np.full(384, 0.3)), 40_000
    probabilities[[0, 7, 383]] = 0
    probabilities /= probabilities.sum()
    logits = tf.constant(np.log(np.maximum(probabilities, 1e-300))[None], tf.float32)
    grid = (tf.range(count, dtype=tf.float64) + 0.5) / count
    drawn = np.bincount(draw(tf.repeat(logits, count, 0), grid), minlength=384)
    assert np.abs(drawn - count * probabilities).max() <= 2
    assert drawn[[0, 7, 383]].tolist() == [0, 0, 0]


def fed(tokenizer, text):
    """The ids before a continuation of the text: the beginning of a document, then the text's."""
    return np.array([DOC, *tokenizer.encode(Document("p", text)).ids[:-1]], np.int32)


@pytest.mark.parametrize(
    ("temperature", "settings", "one_hot"),
    [
        (1.0, {}, True),
        (0.5, {"layers": 2}, False),
        (1.0, {"cell": "gru", "layers": 2}, True),
        (1.0, {"cell": "transformer", "initial_range": 0.5, "memory": 8}, False),
    ],
)
def test_a_network_draws_from_its_own_distribution(temperature, settings, one_hot):
    """Over three calls of the graph, beside a network that takes single steps, with the same numbers in [0, 1)."""
    tokenizer = Characters().fit([Document("a", "the harbour lay still, and the keeper slept.")])
    trained = tokenizer.vocabulary.reserve.trained
    network = Network(NetworkSettings(units=16, **settings), trained, one_hot=one_hot, seed=3)
    network.assign({name: 4 * array for name, array in network.arrays().items()})  # so that history matters
    model, prompt, seed = NeuralModel(tokenizer, network), fed(tokenizer, "the keeper slept, " * 8), 7
    chunks = model.sample(prompt, [seed], temperature)
    drawn = np.concatenate([next(chunks)[0] for _ in range(3)])
    stepper = model.start()
    for id_ in prompt[1:].tolist():
        stepper.feed(id_)
    allowed = trained & (np.arange(len(trained)) != DOC)
    uniform = partial(tf.random.stateless_uniform, (neural.CHUNK,), dtype=tf.float64)
    chunk_starts = range(0, 3 * neural.CHUNK, neural.CHUNK)
    numbers = np.concatenate([uniform([seed, start]) for start in chunk_starts])
    nearest = []  # number in the interval of each drawn id
    for number, id_ in zip(numbers, drawn.tolist(), strict=True):
        weights = np.where(allowed, stepper.distribution(), 0.0) ** (1 / temperature)
        ends = np.cumsum(weights / weights.sum())
        assert weights[id_] > 0
        nearest.append(np.clip(number, ends[id_ - 1], ends[id_]))
        stepper.feed(id_)
    assert_same_sums(nearest, numbers, 64, 4 / temperature, "stepper")  # 0 seen
    assert len(set(drawn.tolist())) > 5


def test_event_by_event_the_prompt_is_read_and_no_end_is_drawn():
    """By counts with near certainty: behind "b" comes the end of the document, then the space."""
    tokenizer, texts = Characters(), [Document(str(number), "ab ab") for number in range(20)]
    encodings = [tokenizer.fit(texts).encode(document) for document in texts]
    model, names = NGramModel.fitted(tokenizer, encodings, encodings), tokenizer.vocabulary.tokens
    for prompt, following in (("a", "b a"), ("ab", " ab"), ("ab ", "ab")):
        (ids,) = next(model.sample(fed(tokenizer, prompt), [0], 0.05))
        assert "".join(names[id_] for id_ in ids[: len(following)]) == following
    drawn = next(model.sample(fed(tokenizer, ""), range(40), 1.0))
    assert drawn.shape == (40, generation.CHUNK)
    assert (drawn != DOC).all()


@one_run
@pytest.mark.parametrize("likeliest", [Likeliest(top_k=1), Likeliest(top_p=1e-6)])
def test_the_likeliest_id_alone_is_drawn(run, likeliest):
    prompt, allowed = fed(run.model.tokenizer, "The"), run.model.tokenizer.vocabulary.reserve.trained.copy()
    rows, stepper, allowed[DOC] = next(run.model.sample(prompt, [1, 2], 3.0, likeliest)), run.model.start(), False
    for id_ in [*prompt[1:].tolist(), *rows[0].tolist()[:-1]]:
        stepper.feed(id_)
    assert rows[0].tolist() == rows[1].tolist()
    assert rows[0][-1] == np.argmax(np.where(allowed, stepper.distribution(), 0))


@one_run
def test_values_out_of_range_are_rejected(run):
    likeliest = [Likeliest(*wrong) for wrong in ((0,), (2.5,), (None, 0.0), (None, 1.5))]
    for wrong in (
        *({"temperature": temperature} for temperature in (0.0, float("nan"))),
        *({"likeliest": few} for few in likeliest),
    ):
        with pytest.raises(InputError):
            written(run, "", 10, seeds=[0], **wrong)
    assert all(written(run, "", 10, seeds=[0], temperature=end) for end in (COLDEST, HOTTEST))


@pytest.mark.parametrize(
    ("run", "prompt"),
    [("char", ""), ("word-pos", ""), ("word-unk", "The quincunx99 and "), ("word-pos", "a\n\n")],
    indirect=["run"],
)
def test_fills_stand_at_their_places_and_other_text_is_the_same_from_both_sources(run, prompt):
    sources = ("seen", "spelled")
    (seen,), (new,) = (generate(run.model, prompt, 400, seeds=[5], source=source) for source in sources)
    state = run.model.tokenizer.state()
    for fill in seen.fills[:-1]:  # the last may be cut
        case = case_at(prompt + seen.text[: fill.start], seen.text[fill.end :])
        words = {cased(surface.replace(JOINER, ""), case) for surface in state["fillings"][fill.name]}
        assert seen.text[fill.start : fill.end] in words
    for text in (seen, new):
        ends = [0, *(fill.end for fill in text.fills)]
        assert all(end <= fill.start < fill.end <= 400 for end, fill in zip(ends, text.fills, strict=False))
    classes = [[fill.name for fill in text.fills] for text in (seen, new)]
    assert all(a == b for a, b in zip(*classes, strict=False))
    kept = [between(text) for text in (seen, new)]
    assert all(a.split() == b.split() for a, b in list(zip(*kept, strict=False))[:-1])
    assert bool(seen.fills) == (len(run.model.tokenizer.vocabulary.spelled) > 1)  # char has its escape


def between(text):
    """What stands before, between and after the fills."""
    places = [0, *(place for fill in text.fills for place in (fill.start, fill.end)), len(text.text)]
    return [text.text[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]
