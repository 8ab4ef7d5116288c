"""Text by models and about them: samples, the costs of noise, and the passages that the page shows."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData, noise_costs
from toolkit.evaluation.generating import SHOWN_TEMPERATURES, generated, matched_temperature
from toolkit.evaluation.metrics import passages
from toolkit.evaluation.metrics.counts import repetition
from toolkit.evaluation.passages import cuts, parts, readings, shown_text
from toolkit.inference.generation import generate
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import document_scores
from toolkit.results.bits import Passage
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.tokenizers.characters import Characters

LENGTH = 150  # of samples


@pytest.mark.parametrize(
    ("share", "goal", "expected"),
    [
        (lambda t: 0.05 * math.exp(-5 * (t - 0.8)), 0.05, (0.8, "matched")),
        (lambda t: 0.05 * math.exp(-10 * (t - 1.0)), 0.05, (1.0, "matched")),
        (lambda _: 0.01, 0.05, (0.9, "nearest")),
        (lambda t: 0.05 * math.exp(-5 * (t - 0.9)), 0.5, (0.5, "nearest")),
        (lambda t: 0.05 * math.exp(-5 * (t - 0.9)), 0.005, (1.2, "nearest")),
        (lambda _: 0.0, 0.0, (0.9, "matched")),
    ],
)
def test_the_temperature_is_where_samples_repeat_as_much_as_the_goal(share, goal, expected):
    temperature, choice = matched_temperature(share, goal)
    assert (temperature, choice) == (pytest.approx(expected[0], abs=0.011), expected[1])


def test_of_four_temperatures_the_nearest_is_chosen_whatever_chance_adds():
    trials, chance = {}, iter([0.0, 0.02, -0.03, 0.01])

    def share(temperature):
        trials[temperature] = max(0.0, 0.06 * math.exp(-5 * (temperature - 0.9)) + next(chance))
        return trials[temperature]

    temperature, choice = matched_temperature(share, 0.05)
    distance = min(abs(share - 0.05) for share in trials.values())
    assert (len(trials), choice) == (4, "matched" if distance <= 0.05 / 4 else "nearest")
    assert abs(trials[temperature] - 0.05) == distance


@pytest.fixture(scope="module", params=["char", "word:spell", "word:drop", "bpe"])
def model(request, brief_split):
    """An n-gram of characters, of words that are spelled or flagged, or of subwords."""
    tokenizer = parse_column(request.param, {}).make().fit(brief_split.train, brief_split.valid)
    parts = (brief_split.train, brief_split.valid)
    return NGramModel.fitted(tokenizer, *(list(map(tokenizer.encode, part)) for part in parts))


@pytest.mark.parametrize("model", ["char"], indirect=True)
def test_samples_continue_the_prompt_at_the_temperature_that_matches_the_author(model, brief_split):
    author = EvaluationData(brief_split, "en", SampleSettings(characters=LENGTH, count=2)).author
    samples = generated(model, ["The lamp", "A door"], 3, author)

    def texts(seeds, temperature):
        return generate(model.tokenizer, model.sample, "The lamp", seeds, LENGTH, temperature)

    def share(temperature):
        return repetition([filled.text for filled in texts([3000, 3001], temperature)], 2)

    assert (samples.temperature, samples.choice) == matched_temperature(share, author.repetition)
    assert samples.repetition == share(samples.temperature)
    passages_text = "\n\n".join(document.text for document in (*brief_split.train, *brief_split.valid))
    number = len(passages_text) // LENGTH
    assert samples.author_repetition == repetition(passages(passages_text, number, LENGTH), 2) > 0
    assert (samples.characters, samples.measured_characters) == (2 * LENGTH, LENGTH)
    seeds = [3000, 3001]
    for sample, seed, filled in zip(samples.samples, seeds, texts(seeds, samples.temperature), strict=True):
        assert (sample.prompt, sample.seed, sample.temperature) == ("The lamp", seed, samples.temperature)
        assert (sample.text, sample.fills) == (filled.text, filled.fills)
    variations = [(text.prompt, text.temperature, len(text.text)) for text in samples.variations]
    at_others = [("The lamp", temperature, LENGTH) for temperature in SHOWN_TEMPERATURES]
    assert variations == [*at_others, ("A door", samples.temperature, LENGTH)]
    short = replace(brief_split, test=[Document("a", brief_split.test[0].text[:70])])
    settings = SampleSettings(characters=60, count=2, temperature=0.77)
    samples = generated(model, ["The lamp"], 3, EvaluationData(short, "en", settings).author)
    assert (samples.choice, samples.temperature, samples.samples[0].temperature) == ("given", 0.77, 0.77)
    assert samples.measured_characters == 35


def test_the_prompt_is_the_beginning_of_the_first_held_out_document_unless_it_is_set(brief_split):
    default = EvaluationData(brief_split, "en", SampleSettings()).prompts[0]
    assert brief_split.test[0].text.startswith(default)
    assert 20 < len(default) <= 60
    assert EvaluationData(brief_split, "en", SampleSettings(prompt="")).prompts == [""]


def costs(split, texts, documents):
    """The costs of noisy texts for a model that pays 7 bits for a capital and 4 bits for another character."""
    tokenizer = Characters().fit(split.train)
    bits = np.array([7.0 if token.isupper() else 4.0 for token in tokenizer.vocabulary.tokens])

    def score(documents):
        encodings = map(tokenizer.encode, documents)
        return [document_scores(tokenizer, e, bits[e.ids], np.zeros(len(e.ids))) for e in encodings]

    return noise_costs(texts, tokenizer, score(documents), score)


def test_the_costs_of_noise_by_hand(split):
    """Lower case saves the bits of capitals, and errors of the same case cost nothing. A beginning has a clean one."""
    one, five, lower = costs(split, noisy_texts(split), split.test)
    capitals = [sum(map(str.isupper, document.text)) for document in split.test]
    bits = 4.0 * sum(len(document.text) for document in split.test) + 3 * sum(capitals)
    assert (one.bits, one.clean_bits, one.extra, one.changed > 0) == (bits, bits, 0, True)
    assert [one.name, five.name, lower.name] == ["1 % of letters", "5 % of letters", "lower case"]
    assert [share.bits for share in lower.documents] == [-3.0 * n for n in capitals]
    assert (lower.changed, lower.clean_bits) == (sum(capitals), bits)
    assert lower.extra == pytest.approx(-3 * sum(capitals) / lower.characters)
    document = Document("all", "a lamp and the tide " * 20 + "A LAMP AND THE TIDE " * 20)
    (noise,) = costs(split, [Noisy("none", (Document("all", document.text[:400]),), 1, 0)], [document])
    assert (noise.characters, noise.clean_bits, noise.extra) == (400, 1600, 0)
    assert [(share.characters, share.bits) for share in noise.documents] == [(20, 0.0)] * 20


def bits_of(texts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(2, 3, len(text)) for text in texts]


def documents(texts):
    return [Document(f"d{i}", text) for i, text in enumerate(texts)]


TEXTS = st.lists(st.text("ab '’.\n é漢", min_size=1, max_size=120), min_size=1, max_size=4)


@given(TEXTS, st.integers(0, 9), st.integers(1, 60))
def test_extremes_have_the_greatest_means_of_all_passages(texts, seed, length):
    ours, theirs = bits_of(texts, seed), bits_of(texts, seed + 1)
    places, spans = [cuts(text).tolist() for text in texts], []
    for number, text in enumerate(texts):
        for start in places[number][:-1]:
            end = max(place for place in places[number] if place <= start + length)
            if end > start and end - start >= min(len(text), length / 2):
                spans.append((number, start, end))
    (number, start, end, why), *later = parts(documents(texts), {"a": ours, "b": theirs}, length)
    assert (number, why, {start, end} <= set(places[0])) == (0, "middle", True)
    assert [why for *_, why in later] == (["ahead", "behind"] if spans else [])
    for (number, start, end, _), sign in zip(later, (1, -1), strict=False):
        assert start < end
        assert {start, end} <= set(places[number])
        differences = [sign * (b - a) for a, b in zip(ours, theirs, strict=True)]
        expected = max(differences[n][first:last].mean() for n, first, last in spans)
        assert differences[number][start:end].mean() == pytest.approx(expected)


def test_readings_add_up_to_the_bits_of_whole_and_of_cut_passages(model, brief_split):
    """Ids are shown in characters that a page can have: half a surrogate pair, which stands for "no space", is none."""
    test, tokenizer = brief_split.test, model.tokenizer
    scores = model.score([tokenizer.encode(document) for document in test])
    empty = {"bits": {}, "why": "middle", "best": "", "other": "", "starts": [0], "readings": {}}
    for start, end in ((0, None), (101, 222)):
        shown = [Passage(document=d.name, start=start, text=d.text[start:end], **empty) for d in test]
        read = readings(model, scores, [document.name for document in test], shown)
        for paid, passage, reading in zip(scores, shown, read, strict=True):
            assert sum(reading.widths) == len(passage.text)
            bits = paid.by_character()[0][start:end].sum()
            marks = sum(b for b, width in zip(reading.bits, reading.widths, strict=True) if not width)
            assert sum(reading.bits) == pytest.approx(bits, abs=(marks if end else 0) + 1e-6)
            inside = paid.network_bits + paid.outside_bits
            for i, (likeliest, shares) in enumerate(zip(reading.likeliest, reading.probabilities, strict=True)):
                if end is None and reading.ids[i] in likeliest:
                    share = shares[likeliest.index(reading.ids[i])]
                    assert 2.0 ** -inside[i] == pytest.approx(share, abs=1e-4)
                    assert reading.ranks[i] == 1 + sum(other > share for other in shares)
    names = [shown_text(tokenizer, id_) for id_ in range(len(tokenizer.vocabulary))]
    assert all(name and name.encode("utf-8") for name in names)
