"""Progress: bars of several cells in a terminal, lines elsewhere."""

import io
import re

import pytest
from rich.console import Console

from toolkit.comparison.progress import Screen, reporting
from toolkit.results.cell import FailedCell, HistoryRow
from toolkit.training.records import Position

CONTROLS = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def at(share, bits=None):
    checks = [] if bits is None else [HistoryRow(
        updates=90, characters_seen=9, seconds=9.0, train_bits_per_character=bits, valid_bits_per_character=bits
    )]  # fmt: skip
    return Position(share=share, seconds=10.0, updates=100, history=checks)


FAILED = FailedCell(
    column="char", tokenizer="char", strategy=None, model="lstm", seed=0, fraction=0.5, run="runs/char-seed0",
    reason="nan",
)  # fmt: skip


def test_a_terminal_shows_a_bar_per_cell_below_permanent_lines():
    bars = Screen(Console(file=(screen := io.StringIO()), force_terminal=True, width=100))
    with bars.bars:
        bars.stage("reading [bold]")
        bars.training("char-seed0", at(0.3))
        bars.training("bpe-seed0", at(0.1, 2.345))
        bars.verifying("bpe-seed0", 3, 4)
        bars.training("word-seed0", at(0.5, 2.345))
        bars.finished(FAILED)
    lines = [line.strip() for line in CONTROLS.sub("", screen.getvalue()).splitlines() if line.strip()]
    assert lines[0] == "reading [bold]"
    assert [line.split(":")[0] for line in lines[-2:]] == ["bpe-seed0", "word-seed0"]
    assert " 75%" in lines[-2]
    assert "verifying" in lines[-2]
    assert " 50%" in lines[-1]
    assert "0:10 left" in lines[-1]
    assert "2.345" in lines[-1]
    assert any(line.endswith("nan") for line in lines)
    assert max(map(len, lines)) < 100


@pytest.mark.parametrize(("seconds", "shares"), [(0.0, ["0", "25", "50", "75", "100"]), (60.0, ["0", "100"])])
def test_a_log_has_a_line_per_cell_now_and_then_and_its_last(capsys, seconds, shares):
    lines = Screen(Console(stderr=True), seconds)
    for quarter in range(5):
        for cell in ("char-seed0", "bpe-seed0"):
            lines.training(cell, at(quarter / 4))
    written = [re.match(r"(\S+):\s+(\d+)%", line).groups() for line in capsys.readouterr().err.splitlines()]
    assert written == [(cell, share) for share in shares for cell in ("char-seed0", "bpe-seed0")]


def test_a_log_has_no_signs_for_a_terminal_and_names_the_fraction(capsys):
    with reporting(quiet=False) as lines:
        lines.stage("reading \x1b[2J")
        lines.training("char-seed0", at(0.5, 2.345))
        lines.verifying("char-seed0", 5, 10)
        lines.finished(FAILED)
    captured = capsys.readouterr()
    assert (captured.out, "\x1b" in captured.err) == ("", False)
    assert {"char-seed0:", "50%", "0:10", "2.345"} <= set(captured.err.splitlines()[1].split())
    assert captured.err.splitlines()[-1].startswith("char, 0.5 of the training text, seed 0")
