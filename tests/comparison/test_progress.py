"""What a person sees: in a terminal, by a small model of one, the bars of several cells; elsewhere lines."""

import io
import re
import sys

import pytest
from rich.console import Console

from toolkit.comparison import progress
from toolkit.comparison.progress import Bars, Lines, reporting
from toolkit.comparison.progress import Reporter as Silent
from toolkit.results.cell import FailedCell, HistoryRow
from toolkit.training.progress import Progress

CONTROLS = re.compile(r"\x1b\[\??([\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Terminal(io.StringIO):
    """A screen that knows line ends, "up", "clear the line" and "show the cursor", as ECMA-48 has them, and wraps."""

    def __init__(self, columns=100):
        super().__init__()
        self.columns = columns
        self.rows, self.row, self.column, self.cursor_shown = [""], 0, 0, True

    def isatty(self):
        return True

    def write(self, text):
        for number, command, end, said in CONTROLS.findall(text):
            if command == "A":
                assert int(number) <= self.row
                self.row -= int(number)
            elif command == "K":
                assert number == "2"
                self.rows[self.row] = ""
            elif command in "hl" and command:
                self.cursor_shown = command == "h"
            elif end == "\r":
                self.column = 0
            elif end:
                self.row, self.column = self.row + 1, 0
                self.rows += [""] * (self.row + 1 - len(self.rows))
            else:
                for character in said:
                    self.put(character)
        return len(text)

    def put(self, character):
        if self.column == self.columns:
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
        line = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1

    @property
    def lines(self):
        return [line.rstrip() for line in self.rows if line.strip()]

    @property
    def names(self):
        return [line.split(":")[0] for line in self.lines]


@pytest.fixture
def terminal():
    return Terminal()


@pytest.fixture
def bars(terminal):
    """Bars in the terminal, redrawn when ``shown`` is called, and by no clock."""
    console = Console(file=terminal, force_terminal=True, width=terminal.columns, height=24, color_system="standard")
    bars = Bars(console)
    bars._bars.live.auto_refresh = False
    with bars:
        yield bars


@pytest.fixture
def shown(bars, terminal):
    def redrawn():
        bars._bars.refresh()
        return terminal

    return redrawn


def at(share, bits=None):
    checks = [] if bits is None else [HistoryRow(
        updates=90, characters_seen=9, seconds=9.0, train_bits_per_character=bits, valid_bits_per_character=bits
    )]  # fmt: skip
    return Progress(share, 10.0, 100, checks)


def failed(name, seed=0):
    return FailedCell(
        column=name, tokenizer=name, strategy=None, model="lstm", seed=seed, fraction=1.0,
        run=f"runs/{name}-seed{seed}", reason="nan",
    )  # fmt: skip


def test_cells_in_training_at_once_have_a_bar_each_below_what_is_said(bars, shown):
    bars.stage("reading the corpus [bold]")
    for share in (0.1, 0.2, 0.3):
        bars.training("char-seed0", at(share))
        bars.training("bpe-seed0", at(share / 2, 2.345))
        screen = shown()
    said, first, second = screen.lines
    assert said == "reading the corpus [bold]"
    assert first.startswith("char-seed0:")
    assert " 30%" in first
    assert "0:23 left before the first check" in first
    assert second.startswith("bpe-seed0:")
    assert " 15%" in second
    assert second.endswith(" 2.345 validation bits per character")
    bars.stage("word: reading 3 training documents")
    assert shown().names == ["reading the corpus [bold]", "word", "char-seed0", "bpe-seed0"]


def test_verifying_has_a_bar_of_its_own_after_training(bars, shown):
    bars.training("char-seed0", at(1))
    bars.verifying("char-seed0", 3, 4)
    trained, verified = shown().lines
    assert "100%" in trained
    assert " 75%" in verified
    assert verified.endswith("verifying")


def test_a_reporter_suits_its_standard_error(monkeypatch):
    with reporting(quiet=True) as reporter:
        assert isinstance(reporter, Silent)
    with reporting(quiet=False) as reporter:
        assert isinstance(reporter, Lines)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    with reporting(quiet=False) as reporter:
        assert isinstance(reporter, Lines)
    monkeypatch.setenv("TERM", "xterm")
    with reporting(quiet=False) as reporter:
        assert isinstance(reporter, Bars)


def test_in_a_log_every_cell_has_its_line_now_and_then_and_its_last(capsys, monkeypatch):
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    lines = Lines()
    for second in range(25):
        now = 100.0 + second
        for cell in ("char-seed0", "bpe-seed0"):
            lines.training(cell, at(second / 24))
    said = [re.match(r"(\S+):\s+(\d+)%", line).groups() for line in capsys.readouterr().err.splitlines()]
    assert said == [(cell, share) for share in ("0", "42", "83", "100") for cell in ("char-seed0", "bpe-seed0")]


def test_a_log_has_no_signs_for_a_terminal(capsys):
    lines = Lines()
    lines.stage("reading the corpus")
    lines.training("char-seed0", at(0.5))
    lines.verifying("char-seed0", 5, 10)
    lines.finished(failed("char"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\x1b" not in captured.err
    assert captured.err.splitlines()[-1] == "char, seed 0 failed: nan"
