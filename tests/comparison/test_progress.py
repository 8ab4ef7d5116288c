"""What a person sees: in a terminal, by a small model of one, the bars of several cells; elsewhere lines."""

import fcntl
import io
import os
import pty
import re
import subprocess
import sys
import termios
from contextlib import suppress

import pytest
from rich.console import Console

from toolkit.comparison import progress
from toolkit.comparison.progress import Bars, Lines, reporting
from toolkit.comparison.reporter import Silent
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


def test_a_bar_stays_where_its_cell_goes_on_to_something_else(bars, shown):
    bars.training("char-seed0", at(0.6))
    bars.training("bpe-seed0", at(0.5))
    bars.stage("char-seed0: scoring")  # training had its best check before, and stopped
    bars.training("bpe-seed0", at(0.7))
    assert [re.sub("[ ━╸╺]+", " ", line)[:17] for line in shown().lines] == [
        "char-seed0: 60% 0",
        "char-seed0: scori",
        "bpe-seed0: 70% 0:",
    ]
    bars.training("bpe-seed0", at(1))
    bars.stage("bpe-seed0: scoring")
    bars.finished(failed("char"))
    bars.training("word-seed0", at(0.1))
    assert shown().names[2:] == ["bpe-seed0", "bpe-seed0", "char, seed 0 failed", "word-seed0"]


def test_a_cell_that_fails_in_training_keeps_its_last_bar_above_the_reason(bars, shown):
    bars.training("char-seed0", at(0.6))
    bars.training("bpe-seed0", at(0.5))
    bars.finished(failed("char"))
    assert shown().names == ["char-seed0", "char, seed 0 failed", "bpe-seed0"]


def test_verifying_has_a_bar_of_its_own_after_training(bars, shown):
    bars.training("char-seed0", at(1))
    bars.verifying("char-seed0", 3, 4)
    trained, verified = shown().lines
    assert "100%" in trained
    assert " 75%" in verified
    assert verified.endswith("verifying")


@pytest.mark.parametrize("terminal", [Terminal(40)], ids=["40 columns"])
def test_bars_too_long_or_too_many_for_the_terminal_do_not_run_over(bars, shown):
    cells = [f"char-seed{n}" for n in range(30)]
    for share in (0.1, 0.2):
        for cell in cells:
            bars.training(cell, at(share))
        screen = shown()
    assert len(screen.lines) <= 24
    assert screen.names[:20] == cells[:20]
    assert all(len(line) <= 37 for line in screen.lines)  # room for ^C


@pytest.mark.parametrize("terminal", [Terminal(40), Terminal(60), Terminal(80)], ids=lambda t: f"{t.columns} columns")
def test_the_time_left_is_never_cut(bars, shown):
    for cell in ("char-seed0", "bpe-vocabulary_size-600-fraction0.25-seed0"):
        bars.training(cell, at(0.01, 3.073))
    screen = shown()
    assert [re.search(r"1% +\S+ 16:30 left 3\.073", line) is not None for line in screen.lines] == [True, True]


@pytest.mark.parametrize("terminal", [Terminal(80)])
def test_in_80_columns_it_is_said_whole_of_which_text_the_bits_are(bars, shown):
    bars.training("word-pos-seed0", at(0.01, 3.073))
    assert shown().lines[0].endswith(" 16:30 left 3.073 validation bits per character")


def test_the_cursor_is_hidden_only_while_there_are_bars(terminal):
    with suppress(KeyboardInterrupt), Bars(Console(file=terminal, force_terminal=True)) as bars:
        bars.training("char-seed0", at(0.5))
        assert not terminal.cursor_shown
        raise KeyboardInterrupt
    assert terminal.cursor_shown
    assert terminal.column == 0  # what is printed next has a line of its own


IN_A_TERMINAL = """
import sys, time
from toolkit.comparison.progress import reporting
from toolkit.training.progress import Progress
with reporting(quiet=False) as reporter:
    for n in range(1, 1000):
        reporter.training("char-seed0", Progress(n / 1000, 1.0, n, ()))
        print(n)
        time.sleep(0.02)
"""


def said_in(terminal):
    """What is written to a pseudo-terminal, piece by piece, until no process has its other end open."""
    with suppress(OSError):  # how Linux says so
        while piece := os.read(terminal, 4096):
            yield piece


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_in_a_real_terminal_leaves_it_as_it_was():
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "24"}
    with subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL],
        stdin=its,
        stdout=subprocess.PIPE,
        stderr=its,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    ) as process:
        os.close(its)
        said, pressed = b"", False
        for piece in said_in(ours):
            said += piece
            if said.count(b"char-seed0:") > 4 and not pressed:
                pressed = bool(os.write(ours, b"\x03"))  # Ctrl-C, which the terminal echoes
        os.close(ours)
        numbers = process.stdout.read().split()
    assert process.returncode != 0
    assert numbers == [str(n).encode() for n in range(1, len(numbers) + 1)]  # standard output is its own
    screen = Terminal()
    screen.write(said.decode().replace("\r\n", "\n"))
    assert screen.cursor_shown
    assert screen.names[0] == "char-seed0"
    assert screen.names[1].startswith("Traceback")


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


def test_nothing_is_said_of_checks_and_time_before_there_are_any(capsys, bars, shown):
    lines = Lines()
    for reporter in (lines, bars):
        reporter.training("counted", Progress(0.0, 0.0, 0, ()))
    assert "left" not in shown().lines[0]
    for reporter in (lines, bars):
        reporter.training("counted", Progress(1.0, 2.0, 0, ()))
    for share in (0.0, 0.5):
        lines.training(f"learnt-{share}", at(share))
    said = capsys.readouterr().err.splitlines()
    assert [re.sub("[ ━─=-]+", " ", line) for line in said] == [
        "counted: 0% ",
        "counted: 100% 0:00 left",
        "learnt 0.0: 0% before the first check",
        "learnt 0.5: 50% before the first check, 0:10 left",
    ]
    assert "check" not in "".join(shown().lines)


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
