from dataclasses import replace
from types import SimpleNamespace

import pytest

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.generating import TEMPERATURES, Writer, generated, match_temperature
from toolkit.evaluation.metrics import in_memory
from toolkit.evaluation.metrics.novelty import marks
from toolkit.inference.generation import generate
from toolkit.results.generated import AtTemperature, Generated
from toolkit.text.corpus import Document

FALLING = [0.20, 0.15, 0.10, 0.08, 0.04, 0.02, 0.01, 0.005]


@pytest.mark.parametrize(
    ("repetitions", "goal", "expected"),
    [
        (FALLING, 0.06, (0.85, True)),  # half of the way from 0.08 to 0.04
        (FALLING, 0.3, (0.5, False)),
        (FALLING, 0.001, (1.2, False)),
        # at 0.8 and 0.9 the falling curve has the mean, 0.035; 0.04 is a tenth of the way to 0.085
        ([0.15, 0.1, 0.085, 0.03, 0.04, 0.02, 0.01, 0.0], 0.04, (0.79, True)),
        ([0.0] * 8, 0.0, (0.85, True)),
    ],
)
def test_the_temperature_is_where_the_falling_curve_crosses_the_goal(repetitions, goal, expected):
    pairs = zip(TEMPERATURES, repetitions, strict=True)
    points = [AtTemperature(temperature=t, repetition=share, samples=[]) for t, share in pairs]
    assert match_temperature(points, goal) == expected


def test_of_a_long_corpus_an_excerpt_of_training_documents_is_read(split):
    long = replace(split, train=[SimpleNamespace(characters=1_000_000, number=i) for i in range(1000)])
    excerpt = in_memory(long).train
    assert 1 <= len(excerpt) <= 4
    assert in_memory(split).train == split.train


@pytest.fixture(scope="module")
def shared(split) -> EvaluationData:
    """The data that cells share."""
    return EvaluationData(split, "en", SampleSettings(characters=200, count=2))


def write(run, shared: EvaluationData) -> Generated:
    """The measured samples of a run."""
    training = [run.model.tokenizer.encode(document) for document in shared.split.train]
    return generated(Writer(run.model, "The lamp", 3, shared.author), training)


@pytest.fixture(scope="module")
def samples(run, shared) -> Generated:
    """The samples of each run at the temperature that matches the author."""
    return write(run, shared)


def test_the_prompt_is_the_beginning_of_the_first_held_out_document_unless_it_is_set(split, shared):
    assert (shared.prompt[:20], len(shared.prompt) <= 60) == (split.test[0].text[:20], True)
    assert EvaluationData(split, "en", SampleSettings(prompt="")).prompt == ""


@pytest.mark.slow
def test_every_lane_has_the_same_length_and_measures(samples):
    assert samples.matched
    assert samples.temperature == samples.sweep.matched == samples.samples[0].temperature
    assert (samples.characters, samples.measured_characters) == (400, 200)
    for lane in samples.author, samples.another, samples.counted:
        assert (lane.characters, list(lane.measures)) == (400, list(samples.measures))
    assert all(samples.author.measures[name].value == value.author for name, value in samples.measures.items())
    assert [point.temperature for point in samples.sweep.points] == list(TEMPERATURES)


@pytest.mark.slow
def test_samples_are_the_continuations_of_their_seeds_with_their_marks(run, shared, samples):
    for first_seed, temperature, texts in [
        (3000, samples.temperature, samples.samples),
        *((3500, point.temperature, point.samples) for point in samples.sweep.points),
    ]:
        seeds = [first_seed, first_seed + 1]
        assert [sample.seed for sample in texts] == seeds
        options = {"temperature": temperature, "sources": ("seen", "spelled")}
        expected = generate(run.model, "The lamp", 200, seeds=seeds, **options)
        for sample, filled in zip(texts, expected, strict=True):
            assert (sample.prompt, sample.temperature) == ("The lamp", temperature)
            assert (sample.text, sample.fills) == (filled["seen"].text, filled["seen"].fills)
            assert (sample.spelled or sample).text == filled["spelled"].text
            assert sample.marks == marks(sample.text, shared.author.reference)


@pytest.mark.slow
def test_texts_that_are_returned_change_no_number_and_are_cut_to_what_a_report_shows(run, shared):
    author = EvaluationData(shared.split, "en", SampleSettings(characters=700, count=2)).author
    writer = Writer(run.model, "The lamp", 3, author)
    points_with, points_without = writer.sweep(2).points, writer.sweep().points
    assert [point.model_copy(update={"samples": []}) for point in points_with] == points_without
    texts = [text for point in points_with for sample in point.samples for text in (sample, sample.spelled) if text]
    assert {len(text.text) for text in texts} == {500}
    assert all(fill.end <= 500 for text in texts for fill in text.fills)
    for sample in writer.samples(0.8):
        assert len(sample.text) == 700
        assert sample.marks == [mark for mark in marks(sample.text, shared.author.reference) if mark.start < 500]


@pytest.mark.slow
def test_a_set_temperature_replaces_the_matched_one_and_lanes_are_as_short_as_the_held_out_text(run, split):
    settings = SampleSettings(characters=200, count=2, temperature=0.77)
    short = replace(split, test=[Document("a", split.test[0].text[:150])])
    samples = write(run, EvaluationData(short, "en", settings))
    assert not samples.matched
    assert samples.temperature == samples.samples[0].temperature == 0.77
    assert samples.measured_characters == 75
    assert samples.author.characters == samples.counted.characters == samples.another.characters == 150
