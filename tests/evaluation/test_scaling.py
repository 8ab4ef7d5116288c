"""Where columns cross, as their training text grows."""

import math
from itertools import combinations

import numpy as np
import pytest

from tests.report.comparison_example import comparison as example
from toolkit.evaluation.headlines import headlines
from toolkit.evaluation.scaling import crossing, scaling
from toolkit.evaluation.scaling import differences as differences_of
from toolkit.evaluation.statistics import Columns
from toolkit.results.bits import DocumentBits
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import FractionFacts
from toolkit.results.scaling import DifferenceAt

FRACTIONS = {0.1: 100_000, 0.25: 250_000, 0.5: 500_000, 1.0: 1_000_000}
OVER = "over 9 held-out documents and 2 seeds"


def differences(*points: tuple[float, float]) -> list[DifferenceAt]:
    """Differences with half widths at four fractions."""
    return [
        DifferenceAt(fraction=f, characters=n, difference=d, low=d - half, high=d + half, p=0.01)
        for (f, n), (d, half) in zip(FRACTIONS.items(), points, strict=True)
    ]


def test_a_crossing_lies_between_lines_over_the_logarithm() -> None:
    """From −0.2 to +0.2 over a factor of 2.5: half of its logarithm, and the band's edges by hand."""
    found = crossing("char", "word", differences((-0.2, 0.1), (0.2, 0.1), (0.4, 0.1), (0.5, 0.1)), OVER)
    assert found.at == pytest.approx(100_000 * math.sqrt(2.5))
    assert found.low == pytest.approx(100_000 * 2.5**0.25)  # where −0.1 + 0.4 s is zero
    assert found.high == pytest.approx(100_000 * 2.5**0.75)
    assert found.verdict.startswith("word overtakes char at about 160,000 characters of training text (95 % interval")


def test_the_other_one_may_overtake() -> None:
    found = crossing("char", "word", differences((0.3, 0.1), (0.0, 0.1), (-0.1, 0.2), (-0.5, 0.1)), OVER)
    assert found.verdict.startswith("char overtakes word")
    assert found.low is not None
    assert found.at is not None
    assert found.high is not None
    assert 100_000 < found.low < found.at < found.high < 1_000_000


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (((0.3, 0.1),) * 4, "word needs fewer bits than char at every fraction from 100,000 to 1,000,000"),
        (((0.0, 0.1),) * 4, "cannot tell char from word at any fraction"),
        (((-0.05, 0.1), (0.1, 0.2), (0.3, 0.1), (0.4, 0.1)), "with 500,000 and 1,000,000 characters of training text"),
        (
            ((-0.05, 0.1), (0.1, 0.05), (0.3, 0.1), (0.4, 0.1)),
            "with 250,000, 500,000 and 1,000,000 characters of training text; with the other, of 100,000 characters,",
        ),
        (((0.3, 0.1), (-0.3, 0.1), (0.3, 0.1), (0.3, 0.1)), "cross more than once"),
    ],
)
def test_where_they_do_not_cross_once_the_verdict_says_so(points: tuple[tuple[float, float], ...], said: str) -> None:
    found = crossing("char", "word", differences(*points), OVER)
    assert said in found.verdict
    assert (found.at, found.low, found.high) == (None, None, None)


def growing(gap: float, seeds: int = 2, noise: float = 0.004) -> Comparison:
    """The example at four fractions: word is behind char by ``gap`` at the smallest, ahead by 3 · gap at the last."""
    whole = example()
    rng = np.random.default_rng(4)
    base = {cell.column: cell for cell in whole.done}
    cells = []
    for name, start, slope in (("char", 2.4, -0.1), ("word:pos", 2.4 + gap, -0.1 - 4 * gap)):
        for fraction in FRACTIONS:
            for seed in range(seeds):
                rate = start + slope * math.log10(fraction / 0.1)
                documents = [
                    DocumentBits(
                        name=d.name, characters=d.characters, bits=d.characters * (rate + noise * rng.normal())
                    )
                    for d in base[name].documents
                ]
                bits = base[name].bits_per_character.model_copy(
                    update={"total": sum(d.bits for d in documents) / sum(d.characters for d in documents)}
                )
                update = {"fraction": fraction, "seed": seed, "documents": documents, "bits_per_character": bits}
                cells.append(base[name].model_copy(update=update))
    facts = [
        FractionFacts(
            fraction=f, documents=9, characters=n, tokens=n // 5, types=n // 50, unseen_token_share=0.1, recipe="small"
        )
        for f, n in FRACTIONS.items()
    ]
    return whole.model_copy(
        update={"cells": cells, "rows": [], "corpus": whole.corpus.model_copy(update={"fractions": facts})}
    )


def test_a_planted_crossing_is_inside_its_interval() -> None:
    """The lines meet where 4 · gap · log10(f / 0.1) = gap: a quarter of a decade above the smallest fraction."""
    found = scaling(growing(0.2))
    assert found is not None
    (only,) = found.crossings
    assert (only.a, only.b) == ("char", "word:pos")
    assert only.low is not None
    assert only.high is not None
    assert only.low < 100_000 * 10**0.25 < only.high
    assert [curve.column for curve in found.curves] == ["char", "word:pos"]


def test_a_curve_goes_through_the_means_of_seeds() -> None:
    whole = growing(0.2)
    found = scaling(whole)
    assert found is not None
    for curve in found.curves:
        totals = [c.bits_per_character.total for c in whole.done if c.column == curve.column and c.fraction == 1]
        assert totals[0] != totals[1]
        assert curve.held_back is not None
        assert curve.held_back.measured == pytest.approx(np.mean(totals))


def test_what_seeds_add_is_in_the_intervals_of_differences() -> None:
    """Documents are all alike here; only training differs, by a tenth of a bit."""
    seeds = np.array([-0.1, 0.1, 0.0])[:, None]
    bits = [(2 + k * 0.01 + seeds * sign) * np.full(9, 1000.0) for k, sign in enumerate((1, -1, 1, -1))]
    (points,) = differences_of(Columns(bits, np.full(9, 1000.0)), 2, {0.5: 100, 1.0: 200})
    assert all((point.high - point.low) / 2 > 0.1 * math.sqrt(2 / 3) for point in points)


def test_equal_columns_are_not_told_apart() -> None:
    found = scaling(growing(0.0, noise=0.05))
    assert found is not None
    assert found.crossings[0].verdict.startswith("cannot tell char from word:pos at any fraction")


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.2, None),
        (0.0, "No column is seen to overtake another once and for all; the report has 1 pair of columns"),
    ],
)
def test_where_none_overtakes_the_rest_is_not_said_to_be_more(gap: float, said: str | None) -> None:
    whole = growing(gap, noise=0.004 if gap else 0.05)
    *_, last = headlines(whole.model_copy(update={"scaling": scaling(whole)}))
    assert last.startswith(said or "word:pos overtakes char at about")


def test_the_verdict_counts_the_seeds_of_all_columns() -> None:
    two, one = growing(0.2, seeds=2), growing(0.2, seeds=1)
    cells = [cell for cell in two.done if cell.column == "char"] + [c for c in one.done if c.column != "char"]
    found = scaling(two.model_copy(update={"cells": cells}))
    assert found is not None
    assert "1 to 2 seeds" in found.crossings[0].verdict


def first_documents(comparison: Comparison, documents: int) -> Comparison:
    """The comparison with so many held-out documents."""
    cells = [cell.model_copy(update={"documents": cell.documents[:documents]}) for cell in comparison.done]
    return comparison.model_copy(update={"cells": cells})


@pytest.mark.parametrize("documents", [2, 3, 5])
def test_where_no_test_can_tell_two_columns_apart_none_overtakes(documents: int) -> None:
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    found = scaling(first_documents(growing(0.2), documents))
    assert found is not None
    (only,) = found.crossings
    assert only.at is None
    assert only.verdict.startswith("cannot tell char from word:pos at any fraction")
    assert all((d.p or 0) > 0.05 for d in only.differences)


def test_p_holds_for_all_fractions_together() -> None:
    """Equal columns: the smallest p of four fractions is at most 0.05 as rarely as it should be."""
    smallest = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rates = 2 + rng.normal(size=9) / 10  # common to both
        bits = [np.full((1, 9), 1000.0) * (rates + rng.normal(size=9) / 50) for _ in range(8)]
        measured = Columns(bits, np.full(9, 1000.0), thousands=1)
        (pair,) = differences_of(measured, 2, FRACTIONS)
        smallest.append(min(d.p or 0 for d in pair))
    assert 0 < sum(p <= 0.2 for p in smallest) <= 21  # 12 expected; above 21 with a chance of 0.3 %


def test_the_order_of_columns_changes_nothing() -> None:
    """But the sign of a difference."""
    rng = np.random.default_rng(0)
    lengths = rng.uniform(3e3, 3e4, 9)
    bits = {name: [lengths * (rate + rng.normal(size=(2, 9)) / 40) for _ in FRACTIONS]
            for name, rate in (("a", 2.03), ("b", 2.0), ("c", 2.01))}  # fmt: skip

    def compared(*names: str) -> dict[tuple[str, str], list[DifferenceAt]]:
        measured = Columns([of_fraction for name in names for of_fraction in bits[name]], lengths, thousands=1)
        return dict(zip(combinations(names, 2), differences_of(measured, 3, FRACTIONS), strict=True))

    given, other = compared("a", "b", "c"), compared("b", "c", "a")
    for (pair, again), sign in zip(other.items(), (1, -1, -1), strict=True):
        for now, before in zip(again, given[pair if sign == 1 else pair[::-1]], strict=True):
            assert now.p == before.p
            assert now.difference == pytest.approx(sign * before.difference, rel=1e-9)
            assert now.high - now.low == pytest.approx(before.high - before.low, rel=1e-9)


def test_a_change_of_recipe_is_said() -> None:
    whole = growing(0.2)
    recipes = ("small", "small", "standard", "standard")
    facts = [f.model_copy(update={"recipe": r}) for f, r in zip(whole.corpus.fractions, recipes, strict=True)]
    found = scaling(whole.model_copy(update={"corpus": whole.corpus.model_copy(update={"fractions": facts})}))
    assert found is not None
    (note,) = found.notes
    assert note.startswith("The recipe changes from small to standard between 250,000 and 500,000 characters")
    assert (scaling(whole) or found).notes == []


def test_a_column_without_a_result_at_some_fraction_has_no_curve() -> None:
    comparison = growing(0.2)
    kept = [cell for cell in comparison.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    found = scaling(comparison.model_copy(update={"cells": kept}))
    assert found is not None
    assert [curve.column for curve in found.curves] == ["word:pos"]
    assert found.crossings == []


def test_with_one_fraction_there_is_none() -> None:
    assert scaling(example()) is None
