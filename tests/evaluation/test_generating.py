from dataclasses import replace
from types import SimpleNamespace

import pytest

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.generating import generated, match_temperature
from toolkit.evaluation.metrics import in_memory
from toolkit.inference.generation import generate
from toolkit.results.generated import Generated
from toolkit.text.corpus import Document

FALLING = [0.20, 0.15, 0.10, 0.08, 0.04, 0.02, 0.01, 0.005]


@pytest.mark.parametrize(
    ("repetitions", "goal", "expected"),
    [
        (FALLING, 0.06, (0.85, "matched")),  # half of the way from 0.08 to 0.04
        (FALLING, 0.3, (0.5, "nearest")),
        (FALLING, 0.001, (1.2, "nearest")),
        # at 0.8 and 0.9 the falling curve has the mean, 0.035; 0.04 is a tenth of the way to 0.085
        ([0.15, 0.1, 0.085, 0.03, 0.04, 0.02, 0.01, 0.0], 0.04, (0.79, "matched")),
        ([0.0] * 8, 0.0, (0.85, "matched")),
    ],
)
def test_the_temperature_is_where_the_falling_curve_crosses_the_goal(repetitions, goal, expected):
    assert match_temperature(repetitions, goal) == expected


def test_of_a_long_corpus_an_excerpt_of_training_documents_is_read(split):
    long = replace(split, train=[SimpleNamespace(characters=1_000_000, number=i) for i in range(1000)])
    excerpt = in_memory(long).train
    assert 1 <= len(excerpt) <= 4
    assert in_memory(split).train == split.train


@pytest.fixture(scope="module")
def shared(split) -> EvaluationData:
    """The data that cells share."""
    return EvaluationData(split, "en", SampleSettings(characters=200, count=2))


@pytest.fixture(scope="module")
def samples(run, shared) -> Generated:
    """The samples of each run at the temperature that matches the author."""
    return generated(run.model, "The lamp", 3, shared.author)


def test_the_prompt_is_the_beginning_of_the_first_held_out_document_unless_it_is_set(split, shared):
    assert (shared.prompt[:20], len(shared.prompt) <= 60) == (split.test[0].text[:20], True)
    assert EvaluationData(split, "en", SampleSettings(prompt="")).prompt == ""


@pytest.mark.slow
def test_samples_are_the_continuations_of_their_seeds(run, samples):
    seeds, temperature = [3000, 3001], samples.temperature
    assert (samples.choice in ("matched", "nearest"), samples.measured_characters) == (True, 200)
    assert samples.characters == 400
    expected = generate(run.model.tokenizer, run.model.sample, "The lamp", seeds, 200, temperature)
    for sample, seed, filled in zip(samples.samples, seeds, expected, strict=True):
        assert (sample.prompt, sample.seed, sample.temperature) == ("The lamp", seed, temperature)
        assert (sample.text, sample.fills) == (filled.text, filled.fills)


@pytest.mark.slow
def test_a_set_temperature_replaces_the_matched_one_and_less_is_measured_of_a_short_held_out_text(run, split):
    settings = SampleSettings(characters=200, count=2, temperature=0.77)
    short = replace(split, test=[Document("a", split.test[0].text[:150])])
    samples = generated(run.model, "The lamp", 3, EvaluationData(short, "en", settings).author)
    assert samples.choice == "given"
    assert samples.temperature == samples.samples[0].temperature == 0.77
    assert samples.measured_characters == 75
