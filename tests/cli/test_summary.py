"""What a terminal shows of a comparison: no number is cut, and a contrast is one line."""

import re

import pytest

from tests.report.comparison_example import FAILED, baseline_of, comparison
from toolkit.cli.summary import show
from toolkit.cli.tables import console, print_table

TOTALS = {"word:unk": (1.88, 1.87), "word:cluster": (1.91, 1.92), "bpe": (2.0, 2.01), "char": (2.1, 2.11)}
MANY = {f"bpe-vocabulary_size-{size}": (2 + size / 10_000, 2.1 + size / 10_000) for size in range(100, 1000, 100)}


@pytest.fixture
def shown(monkeypatch, capsys):
    """What is shown of a comparison where a line has so many characters."""

    def lines(found, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        show(found)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("totals", [TOTALS, MANY], ids=["4 columns", "9 columns"])
def test_no_number_is_cut(shown, columns, totals):
    found = comparison(totals)
    said = shown(found, columns)
    assert "…" not in "\n".join(said)
    for cell in found.done:
        assert f"{cell.bits_per_character.total:.4f}" in " ".join(said).split()
    for baseline in found.baselines:
        assert f"{baseline.bits_per_character:.4f}" in " ".join(said).split()
    if columns >= 40:
        assert max(map(len, said)) <= columns


def test_the_parts_are_the_first_to_go_and_are_told_of(shown):
    found = comparison(TOTALS)
    narrow, wide = ("\n".join(shown(found, columns)) for columns in (80, 120))
    part = f"{found.done[0].bits_per_character.spelling:.4f}"
    assert part in wide
    assert part not in narrow
    assert "No room here for: words, classes, spelling, spacing, document ends" in " ".join(narrow.split())
    assert "No room" not in wide
    assert f"{found.done[0].parameters:,}" in narrow


def test_compressors_stand_below_the_columns_the_best_first(shown):
    found = comparison(TOTALS)
    found.baselines.append(baseline_of("ppmd_documents", "primed", 1.5))
    said = shown(found, 80)
    lines = [said.index(next(line for line in said if name in line)) for name in ("char ", "compressors", "PPMd by")]
    assert lines == sorted(lines)
    rates = [float(line.split()[-2]) for line in said if "primed" in line]
    assert rates[0] == min(rates)


@pytest.mark.parametrize("totals", [dict(list(TOTALS.items())[:2]), TOTALS, MANY], ids=["2", "4", "9"])
def test_contrasts_take_a_line_each_and_what_they_rest_on_is_said_once(shown, totals):
    found = comparison(totals)
    said = shown(found, 120)
    contrasts = [line for line in said if re.search(r"(beats|cannot tell).* ± .*p [=≤]", line)]
    assert len(contrasts) == {2: 1, 4: 3, 9: 5}[len(totals)]
    text = " ".join(said)
    assert text.count("95 % interval") == 1
    assert text.count("not about the methods") == 1
    assert "more held-out" not in text
    told = len(contrasts)
    others = len(found.contrasts) - told
    assert (f"The report has {others} more contrast" in text) == bool(others)


def test_what_has_no_result_is_told_with_the_reason(shown):
    said = " ".join(shown(comparison({"char": (2.1,), "word:unk": (1.9,)}, failed=(FAILED,)), 120))
    assert f"{FAILED.column}, seed {FAILED.seed}, has no result: {FAILED.reason}" in said


def test_a_column_of_words_of_which_some_are_digits_is_folded(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    words = "the keeper, the harbour, the quincunx, the lamp"
    print_table(console(40), "unseen", [["such as", "times"], ["31, 1637", "7"], [words, "12"]])
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 40
    assert set(words.split()) <= set(printed.split())
