"""Tables in a terminal: no number is cut, and everything fits."""

import pytest

from tests.report.comparison_example import FAILED, comparison
from toolkit.cli.compare import print_table, show_comparison
from toolkit.evaluation.warnings import answered

TOTALS = {"word:unk": (1.88, 1.87), "word:cluster": (1.91, 1.92), "bpe": (2.0, 2.01), "char": (2.1, 2.11)}
MANY = {f"bpe-vocabulary_size-{size}": (2 + size / 10_000, 2.1 + size / 10_000) for size in range(100, 1000, 100)}


@pytest.fixture
def shown(monkeypatch, capsys):
    """The lines that are shown of a comparison where a line has this many characters."""

    def lines(whole, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        show_comparison(whole)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.mark.parametrize("columns", [20, 80, 120])
@pytest.mark.parametrize("totals", [TOTALS, MANY], ids=["4 columns", "9 columns"])
def test_no_number_is_cut(shown, columns, totals):
    whole = comparison(totals)
    lines = shown(whole, columns)
    assert "…" not in "\n".join(lines)
    for total in [*whole.totals.values(), 2.079]:  # PPMd
        assert f"{total:.3f}" in " ".join(lines).split()
    if columns >= 80:
        assert max(len(line) for line in lines if line.strip() != whole.answer.command) <= columns


def test_two_models_take_twenty_lines_with_the_answer_and_the_next_command(shown):
    whole = answered(comparison(dict(list(TOTALS.items())[:2])))
    lines = shown(whole, 80)
    assert len(lines) <= 20
    text = " ".join(" ".join(lines).split())
    assert whole.headline in text
    assert whole.answer.command in text


@pytest.mark.parametrize(("totals", "verdicts"), [(TOTALS, 2), (MANY, 4)], ids=["4", "9"])
def test_verdicts_against_the_nearest_columns_follow_the_answer(shown, totals, verdicts):
    whole = comparison(totals)
    text = " ".join(" ".join(shown(whole, 120)).split())
    assert sum(contrast.verdict in text for contrast in whole.contrasts) == verdicts


def test_failures_are_warned_of(shown):
    whole = answered(comparison({"char": (2.1,), "word:unk": (1.9,)}, failed=(FAILED,)))
    assert FAILED.reason in " ".join(" ".join(shown(whole, 120)).split())


def test_words_are_folded_and_control_characters_spelled_out(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    words = "the keeper, the harbour, the quincunx, the lamp, " * 3
    print_table("unseen", [["such as", "times"], ["31, 1637", "7"], [words, "12"], ["\x1b[2J", "1"]])
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert {*words.split(), r"\x1b[2J"} <= set(printed.split())
