"""What a person sees: in a terminal, by a small model of one, the bars of several cells; elsewhere lines."""

import re
from types import SimpleNamespace

import pytest
from toolkit.cli.progress import Lines

from toolkit.cli import progress
from toolkit.results import FailedCell, HistoryRow
from toolkit.training.progress import Progress


class Terminal:
    """A screen that knows line ends, "up so many lines" and "clear to the end", as ECMA-48 has them, and wraps."""

    def __init__(self, columns):
        self.columns = columns
        self.lines, self.row = [""], 0

    def isatty(self):
        return True

    def flush(self):
        pass

    def write(self, text):
        for up, clear, end, said in re.findall(r"\x1b\[(\d+)A|(\x1b\[J)|(\n)|([^\x1b\n]+)", text):
            if up:
                assert int(up) <= self.row
                self.row -= int(up)
            elif clear:
                self.lines[self.row :] = [""]
            elif end:
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            else:
                pieces = [said[i : i + self.columns] for i in range(0, len(said), self.columns)]
                self.lines[self.row : self.row + 1] = pieces
                self.row += len(pieces) - 1


@pytest.fixture
def terminal(monkeypatch):
    screen = Terminal(100)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=screen))  # pytest puts its own back into sys
    monkeypatch.setattr(progress.shutil, "get_terminal_size", lambda: (screen.columns, 24))
    return screen


def at(share, bits=None):
    checks = [] if bits is None else [HistoryRow(
        updates=90, characters_seen=9, seconds=9.0, train_bits_per_character=bits, valid_bits_per_character=bits
    )]  # fmt: skip
    return Progress(share, 10.0, 100, checks)


def failed(name, seed=0):
    return FailedCell(
        column=name, tokenizer=name, strategy=None, seed=seed, fraction=1.0, run=f"runs/{name}-seed{seed}", reason="nan"
    )


def names(screen):
    return [line.split(":")[0] for line in screen.lines if line]


def test_cells_in_training_at_once_have_a_bar_each_below_what_is_said(terminal):
    lines = Lines()
    lines.stage("reading the corpus")
    for share in (0.1, 0.2, 0.3):
        lines.training("char-seed0", at(share))
        lines.training("bpe-seed0", at(share / 2, 2.345))
    assert names(terminal) == ["reading the corpus", "char-seed0", "bpe-seed0"]
    assert " 30%" in terminal.lines[1]
    assert "before the first check" in terminal.lines[1]
    assert " 15%" in terminal.lines[2]
    assert "2.345" in terminal.lines[2]
    lines.stage("word: reading 3 training documents")
    assert names(terminal) == ["reading the corpus", "word", "char-seed0", "bpe-seed0"]
    assert terminal.lines[terminal.row] == ""  # whatever else is written, an error say, has a line of its own


def test_a_bar_stays_where_its_cell_goes_on_to_something_else(terminal):
    lines = Lines()
    lines.training("char-seed0", at(0.6))
    lines.training("bpe-seed0", at(0.5))
    lines.stage("char-seed0: scoring")  # training had its best check before, and stopped
    lines.training("bpe-seed0", at(0.7))
    assert [line[:20].strip() for line in terminal.lines if line] == [
        "char-seed0:  60%  ━━",
        "char-seed0: scoring",
        "bpe-seed0:  70%  ━━━",
    ]
    lines.training("bpe-seed0", at(1))
    lines.stage("bpe-seed0: scoring")
    lines.finished(failed("char"))
    lines.training("word-seed0", at(0.1))
    assert names(terminal)[2:] == ["bpe-seed0", "bpe-seed0", "char, seed 0 failed", "word-seed0"]


def test_a_cell_that_fails_in_training_keeps_its_last_bar_above_the_reason(terminal):
    lines = Lines()
    lines.training("char-seed0", at(0.6))
    lines.training("bpe-seed0", at(0.5))
    lines.finished(failed("char"))
    assert names(terminal) == ["char-seed0", "char, seed 0 failed", "bpe-seed0"]


def test_bars_too_long_or_too_many_for_the_terminal_do_not_run_over(terminal):
    terminal.columns = 40
    lines = Lines()
    cells = [f"char-seed{n}" for n in range(30)]
    for share in (0.1, 0.2):
        for cell in cells:
            lines.training(cell, at(share))
    assert names(terminal) == cells[:23]
    assert all(len(line) < 40 for line in terminal.lines)


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
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert err.splitlines()[-1] == "char, seed 0 failed: nan"
