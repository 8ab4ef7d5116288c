"""Runs keep every character and every bit."""

import random

import pytest

from toolkit.report.columns import columns
from toolkit.report.shading import EDGES, Run, runs, shaded

from .comparison_example import PASSAGE, comparison, passage_bits


@pytest.mark.parametrize("column", ["char", "word:pos"])
def test_runs_join_to_the_text_and_their_bits_to_the_sum(column: str) -> None:
    bits = passage_bits(PASSAGE, column)
    cut = runs(PASSAGE, bits)
    assert "".join(run.text for run in cut) == PASSAGE
    assert sum(run.bits_per_character * len(run.text) for run in cut) == pytest.approx(sum(bits))


def test_a_line_end_stands_alone_though_charged_like_its_neighbours() -> None:
    assert [run.text for run in runs("a\n\nb", [2.0] * 4)] == ["a", "\n\n", "b"]


def test_the_shade_rises_with_the_bits() -> None:
    shades = [int(Run("x", bits).classes[1:]) for bits in [0, *EDGES, 99]]
    assert shades == [*range(len(EDGES) + 1), len(EDGES)]


def test_a_column_whose_bits_do_not_fit_the_text_is_left_out() -> None:
    whole = comparison()
    whole.passages[0].bits["char"] = whole.passages[0].bits["char"][:-1]
    lanes = shaded(whole.passages, columns(whole))[0].lanes
    assert [lane.column for lane in lanes] == ["word:unk", "word:pos"]


def test_random_bits_over_any_characters() -> None:
    rng = random.Random(7)
    text = "".join(rng.choice("a \n<&\u00e9\U0001f56f\u2028") for _ in range(500))
    assert "".join(run.text for run in runs(text, [rng.choice([0.0, 1.0, 12.0]) for _ in text])) == text
