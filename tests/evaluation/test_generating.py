import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import SampleSettings, parse_settings
from toolkit.evaluation.author import Judge
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.generating import TEMPERATURES, Writer, generated, matched
from toolkit.inference.continuation import generate
from toolkit.results.generated import AtTemperature
from toolkit.text.corpus import Document

pytestmark = pytest.mark.slow


def points(rates):
    """A sweep that repeats these shares of word pairs."""
    pairs = zip(TEMPERATURES, rates, strict=True)
    return [AtTemperature(temperature=t, repetition=r, bits=2.0, samples=[]) for t, r in pairs]


def test_the_temperature_is_where_the_line_between_two_points_crosses_the_goal():
    falling = points([0.20, 0.15, 0.10, 0.08, 0.04, 0.02, 0.01, 0.0])
    assert matched(falling, 0.06) == (0.85, True)
    assert matched(falling, 0.10) == (0.7, True)
    assert matched(falling, 0.005) == (1.15, True)


def test_what_cannot_be_matched_gets_the_nearest_end():
    falling = points([0.20, 0.15, 0.10, 0.08, 0.04, 0.02, 0.01, 0.005])
    assert matched(falling, 0.3) == (0.5, False)
    assert matched(falling, 0.001) == (1.2, False)


def test_chance_is_smoothed_before_the_line_is_crossed():
    """At 0.8 and 0.9 the falling curve has the mean, 0.035, of 0.03 and 0.04; 0.04 is a tenth of the way to 0.085."""
    assert matched(points([0.15, 0.1, 0.085, 0.03, 0.04, 0.02, 0.01, 0.0]), 0.04) == (0.79, True)


def test_texts_too_short_to_repeat_anything_are_matched_anywhere():
    assert matched(points([0.0] * 8), 0.0) == (0.85, True)


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8), st.floats(0, 1))
def test_a_temperature_is_always_one_of_the_sweep(rates, goal):
    temperature, reached = matched(points(rates), goal)
    assert 0.5 <= temperature <= 1.2
    assert reached or temperature in (0.5, 1.2)


def test_the_judge_finds_the_authors_text_likelier_than_its_letters_mixed(split):
    judge = Judge(split.test, split.valid)
    text = split.train[0].text
    assert judge.bits([text]) < judge.bits([text[::-1]]) - 0.5
    assert judge.bits(["ñandú Ω"]) > judge.bits(["the lamp"])
    half = len(text) // 2
    assert judge.bits([text[:half], text[half:]]) == pytest.approx(judge.bits([text]), rel=0.05)
    assert judge.bits([""]) == 0.0


@pytest.fixture(scope="module")
def shared(split):
    """What cells share, for the short tales."""
    return EvaluationData(split, "en")


def of(run, shared, split, **settings):
    """What a run writes, measured."""
    training = [run.model.tokenizer.encode(document) for document in split.train]
    author = shared.author(SampleSettings(characters=200, count=2, **settings))
    return generated(Writer(run.model, "The lamp", 3, author), training)


@pytest.fixture(scope="module")
def own(run, shared, split):
    """What each run writes at the temperature that suits it, measured."""
    return of(run, shared, split)


def test_every_lane_has_the_same_length_and_measures(own):
    assert own.matched
    assert own.temperature == own.sweep.matched == own.samples[0].temperature
    lanes = [own.author, own.another, own.counted]
    assert {lane.characters for lane in lanes} == {own.characters} == {400}
    assert own.measured_characters == 200
    for lane in lanes:
        assert list(own.measures) == list(lane.measures)
        assert len(lane.novelty) == len(own.novelty) == 10
    assert own.author.measures["distinct_2"].value == own.measures["distinct_2"].author
    assert [at.temperature for at in own.sweep.points] == list(TEMPERATURES)
    assert 0.5 <= own.counted.temperature <= 1.2


def test_a_given_temperature_is_taken_and_the_sweep_is_shown_all_the_same(run, shared, split):
    own = of(run, shared, split, temperature=0.77)
    assert (own.matched, own.temperature, own.samples[0].temperature) == (False, 0.77, 0.77)
    assert own.counted.temperature == 0.77
    assert len(own.sweep.points) == 8


def test_what_chooses_the_temperature_is_not_what_is_shown(run, shared, split, monkeypatch):
    from toolkit.evaluation import generating

    drawn = []
    right = generating.generate

    def noted(model, *rest, seeds, **options):
        drawn.append(set(seeds))
        return right(model, *rest, seeds=seeds, **options)

    each = generating.generate_each

    def each_noted(model, prompt, lengths, temperature):
        drawn.append({seed for seed, _ in lengths})
        return each(model, prompt, lengths, temperature)

    monkeypatch.setattr(generating, "generate", noted)
    monkeypatch.setattr(generating, "generate_each", each_noted)
    of(run, shared, split)
    shown = {3000, 3001}
    assert drawn.count(shown) == 2  # the model's and the n-gram's samples
    assert all(not seeds & shown for seeds in drawn if seeds != shown)


def test_the_first_texts_of_each_temperature_are_kept_filled_both_ways(run, own):
    for at in own.sweep.points:
        texts = generate(run.model, "The lamp", 200, seeds=[3500, 3501], temperature=at.temperature,
                         sources=("seen", "spelled"))  # fmt: skip
        assert [sample.seed for sample in at.samples] == [3500, 3501]
        for sample, filled in zip(at.samples, texts, strict=True):
            assert (sample.prompt, sample.temperature) == ("The lamp", at.temperature)
            assert (sample.text, sample.fills) == (filled["seen"].text, filled["seen"].fills)
            assert (sample.spelled.text if sample.spelled else sample.text) == filled["spelled"].text
    assert [at.samples for at in own.counted.sweep.points] == [[]] * 8


def test_what_is_kept_of_a_temperature_changes_no_number(run, shared):
    author = shared.author(SampleSettings(characters=200, count=2))
    with_texts, without = (Writer(run.model, "The lamp", 3, author).swept(kept).points for kept in (2, 0))
    assert [at.model_copy(update={"samples": []}) for at in with_texts] == without


def test_long_texts_are_kept_and_marked_as_far_as_a_report_shows_them(run, shared, split, monkeypatch):
    from toolkit.evaluation import generating

    monkeypatch.setattr(generating, "SHOWN", 50)
    own = of(run, shared, split)
    swept = [sample for at in own.sweep.points for sample in at.samples]
    assert {len(sample.text) for sample in swept} == {50}
    assert {len(sample.text) for sample in own.samples} == {200}
    texts = [text for sample in (*swept, *own.samples) for text in (sample, sample.spelled) if text]
    assert all(fill.end <= len(text.text) for text in texts for fill in text.fills)
    marks = [mark for text in texts for mark in text.marks]
    assert marks
    assert all(mark.start < 50 for mark in marks)


def test_samples_are_marked(own, shared):
    author = shared.author(SampleSettings(characters=200, count=2))
    for sample in own.samples:
        assert sample.marks == author.marks(sample.text)
        assert sample.spelled is None or sample.spelled.marks == author.marks(sample.spelled.text)


def test_lanes_of_a_held_out_text_shorter_than_the_samples_are_all_as_short(run, split):
    from dataclasses import replace

    short = replace(split, test=[Document("a", split.test[0].text[:150])])
    own = of(run, EvaluationData(short, "en"), short)
    assert own.measured_characters == 75
    assert own.author.characters == own.counted.characters == own.another.characters == 150


def test_by_default_no_temperature_is_given():
    assert SampleSettings().temperature is None
    assert parse_settings({"samples": {"temperature": 0.8}}, parse_settings({}, base())).samples.temperature == 0.8


def base():
    """The default settings."""
    from toolkit.config import CompareSettings

    return CompareSettings()
