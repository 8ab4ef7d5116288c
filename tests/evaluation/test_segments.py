import numpy as np
import pytest

import toolkit
from tests.conftest import story
from toolkit.evaluation.segments import PIECES, correlation, inflation, segmented
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.verdict import p_in_words
from toolkit.results.units import SEGMENTS, joined
from toolkit.text import gathering
from toolkit.text.corpus import Split

LENGTHS = np.full(PIECES, 1000.0)


def series(rng: np.random.Generator, rho: float, number: int = 1) -> np.ndarray:
    """Stationary AR(1) series (number, pieces) with variance 1."""
    steps = rng.normal(size=(number, PIECES))
    for i in range(1, PIECES):
        steps[:, i] = rho * steps[:, i - 1] + np.sqrt(1 - rho**2) * steps[:, i]
    return steps


def test_nothing_is_lost_in_joining() -> None:
    pieces = np.random.default_rng(0).random((3, PIECES))
    assert joined(pieces).shape == (3, SEGMENTS)
    assert joined(pieces).sum(axis=1) == pytest.approx(pieces.sum(axis=1))
    assert joined(np.ones(4)).tolist() == [1, 1, 1, 1]  # fewer pieces than segments


@pytest.mark.parametrize("rho", [0.0, 0.45])
def test_the_correlation_is_given_back(rho: float) -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(300):  # a series of each of nine columns
        of_columns = [1000 * (2 + 0.03 * series(rng, rho)) for _ in range(9)]
        found.append(correlation(of_columns, LENGTHS))
    assert np.mean(found) == pytest.approx(rho, abs=0.05)


@pytest.mark.parametrize(
    ("signs", "rho"), [("++--++--", 0.5), ("++++----", 0.9), ("+-+-+-+-", 0.0)], ids=["some", "most", "none"]
)
def test_the_correlation_by_hand(signs: str, rho: float) -> None:
    """Products of neighbours add up to 1, 5 and −7 of 8: ρ − (1 + 4ρ)/8 = 1/8 if ρ is ½; the others are beyond."""
    e = np.array([[1.0 if sign == "+" else -1.0 for sign in signs]])
    for lengths in (np.full(8, 1000.0), 1000.0 * np.arange(1, 9)):
        assert correlation([(2 + e / 100) * lengths, (2 - e / 100) * lengths], lengths) == pytest.approx(rho, abs=1e-9)


def test_what_all_columns_share_in_a_piece_is_no_correlation_between_their_differences() -> None:
    rng = np.random.default_rng(5)
    of_columns = [1000 * (2 + 0.03 * series(rng, 0.3)) for _ in range(3)]
    rising = 1000 * np.linspace(0, 1, PIECES)
    shared = [bits + rising for bits in of_columns]
    assert 0.1 < correlation(of_columns, LENGTHS) < 0.8
    assert correlation(shared, LENGTHS) == pytest.approx(correlation(of_columns, LENGTHS))


@pytest.mark.parametrize("number", [2, 4, SEGMENTS])
def test_pieces_that_are_not_joined_are_compared_as_they_are(number: int) -> None:
    rising = Columns([np.arange(number) + np.full((1, number), 2000.0 + k * k) for k in range(2)], LENGTHS[:number])
    segments = segmented(rising)
    assert segments.inflation == 1
    assert segments.characters.tolist() == rising.characters.tolist()


def test_columns_that_do_not_differ_have_no_correlation() -> None:
    assert correlation([np.full((1, PIECES), 2000.0)] * 2, LENGTHS) == 0


@pytest.mark.parametrize("rho", [0.2, 0.45, 0.7])
def test_the_inflation_is_what_independent_segments_leave_out(rho: float) -> None:
    means = series(np.random.default_rng(2), rho, 40_000)  # of pieces
    segments = joined(means) / joined(np.ones(PIECES))
    sizes = joined(np.ones(PIECES))
    residuals = joined(means) - means.mean(axis=1, keepdims=True) * sizes
    jackknife = 5 / 6 * ((residuals / (PIECES - sizes)) ** 2).sum(axis=1)
    assert segments.shape == (40_000, SEGMENTS)
    expected = inflation(rho, PIECES, sizes)
    assert expected == pytest.approx(means.mean(axis=1).var() / jackknife.mean(), rel=0.05)


def test_segments_of_all_columns_are_cut_at_the_same_characters() -> None:
    rng = np.random.default_rng(3)
    pieces = Columns([rng.random((2, PIECES)) * 2000 for _ in range(3)], LENGTHS)
    segments = segmented(pieces)
    assert segments.characters.tolist() == [4000, 4000, 3000, 3000, 3000, 3000]
    assert [bits.shape for bits in segments.bits] == [(2, SEGMENTS)] * 3
    assert segments.pairs.differences == pytest.approx(pieces.pairs.differences)


def test_correlated_pieces_widen_the_interval() -> None:
    # the same values, in order (a strong correlation) and shuffled (hardly any)
    values = np.linspace(-1, 1, PIECES)
    shuffled = np.random.default_rng(4).permutation(values)
    zero = np.full((1, PIECES), 2000.0)
    steep, mixed = (segmented(Columns([2000 + 30 * x[None], zero], LENGTHS)) for x in (values, shuffled))
    assert mixed.inflation == pytest.approx(1)
    assert steep.inflation > 2
    assert steep.contrasts()[0].half_width > 2 * mixed.contrasts()[0].half_width


def test_correlated_segments_make_p_larger_too() -> None:
    rng = np.random.default_rng(6)
    bits = [(2 + 0.02 * rng.normal(size=(1, 8)) - 0.03 * k) * 1000 for k in range(2)]
    apart, together = (Columns(bits, np.full(8, 1000.0), inflation).contrasts()[0] for inflation in (1.0, 4.0))
    assert together.p > apart.p


@pytest.mark.parametrize("characters", [350, 3_549, 80_011, 1_000_003])  # no multiples of the number of pieces
def test_pieces_of_any_length_without_correlation_give_no_smaller_p_than_the_smallest(characters: int) -> None:
    lengths = joined(np.ones(characters), PIECES)
    steps = np.tile([0.1, 0.2], PIECES // 2)  # neighbours differ, so that their correlation is below 0
    always_fewer = Columns([2 * lengths[None], (2 - steps)[None] * lengths], lengths)
    segments = segmented(always_fewer)
    assert segments.inflation == 1
    (difference,) = segments.contrasts()
    assert (difference.fewer, difference.p) == (SEGMENTS, 1 / 32)
    assert p_in_words(difference) == "p = 0.031"


@pytest.mark.slow
def test_parts_of_a_single_held_out_text_are_compared_as_its_segments(tmp_path, monkeypatch) -> None:
    """As if it had not been cut: by segments, and without intervals over parts, be it of words, bands or tags."""
    for name, value in (("IN_MEMORY", 3_000), ("LONGEST", 2_000), ("PART", 300)):
        monkeypatch.setattr(gathering, name, value)
    given = Split(*((toolkit.Document(name, story(i, 60)),) for i, name in enumerate(("a", "b", "c"))))
    comparison = toolkit.compare(
        ["char@ngram", "word:unk@ngram"], toolkit.Corpus("long", (), given=given),
        settings={"samples": {"characters": 60, "count": 2}}, out=tmp_path / "out", quiet=True,
    )  # fmt: skip
    assert len(comparison.corpus.split.test) > 10
    assert comparison.corpus.unit == "held-out segment"
    assert "over 6 held-out segments" in comparison.contrasts[0].verdict
    assert "of 6 held-out segments" in comparison.answer.sentence
    assert any("only one held-out document" in note for note in comparison.corpus.notes)
    assert comparison.leads == []
    assert comparison.words.words != comparison.words.intervals == []
