"""What is shown of work in progress, and how long all of it still takes."""

import io
import re
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from tests.conftest import TINY
from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute, train_alone
from toolkit.comparison.costs import START_SECONDS, expected_steps
from toolkit.comparison.progress import Log, Notebook, Reporter, Terminal
from toolkit.comparison.timing import Schedule
from toolkit.results.cell import FailedCell, HistoryRow
from toolkit.training.records import Position

FAILED = FailedCell(
    **{"column": "char", "tokenizer": "char", "strategy": None, "model": "lstm", "seed": 0, "fraction": 0.5},
    **{"run": "runs/char-seed0", "reason": "nan"},
)


def at(share, bits=None):
    facts = {"updates": 90, "characters_seen": 9, "seconds": 9.0}
    bits_of = {"train_bits_per_character": bits, "valid_bits_per_character": bits}
    checks = [] if bits is None else [HistoryRow(**facts, **bits_of)]
    return Position(share=share, seconds=10.0, updates=100, history=checks)


class Clock:
    """A clock that a test sets."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize("slowness", [0.5, 1, 4])
def test_the_time_left_is_right_on_slow_and_fast_machines_once_some_work_is_measured(clock, slowness):
    """Two cells at once, each trained for 100 expected seconds and evaluated for 50, then a report of 20."""
    schedule = Schedule(clock)
    for cell in "ab":
        schedule.plan(cell, {"training": 100.0, "scoring": 50.0})
        schedule.advance(cell, "training", 0.0)
    schedule.plan("report", {"page": 20.0})
    assert schedule.left == pytest.approx(160)
    end, shares = 170 * slowness, []
    for tenth in range(1, 17):
        clock.seconds = tenth * 10 * slowness
        done = tenth / 10
        for cell in "ab":
            schedule.advance(cell, *(("training", done) if done < 1 else ("scoring", 0.0)))
        if tenth == 15:
            schedule.end("a")
            schedule.end("b")
            schedule.advance("report", "page", 0.0)
        shares.append(schedule.share)
        assert schedule.left == pytest.approx(end - clock.seconds, abs=0.25 * end)
        if tenth > 5:
            assert schedule.left == pytest.approx(end - clock.seconds, abs=0.12 * end)
    assert shares == sorted(shares)
    schedule.end("report")
    assert (schedule.left, schedule.share, schedule.running) == (0, 1, {})


def test_no_share_is_above_one_and_a_step_without_reports_goes_by_the_clock(clock):
    schedule = Schedule(clock)
    schedule.plan("cell", {"training": 10.0, "noise": 8.0})
    schedule.advance("cell", "training", 0.0)
    schedule.advance("cell", "training", 1.14)
    assert schedule.running == {"cell": ("training", 1.0)}
    schedule.advance("cell", "noise", 0.0)
    guesses = []
    for clock.seconds in range(40):
        guesses.append(round(schedule.running["cell"][1], 6))
    assert guesses == sorted(guesses)
    assert 0 == guesses[0] < guesses[1] < guesses[-1] < 1


def test_training_that_continues_is_measured_from_where_it_began(clock):
    schedule = Schedule(clock)
    schedule.plan("cell", {"training": 100.0})
    schedule.advance("cell", "training", 0.8)
    clock.seconds = 10.0
    schedule.advance("cell", "training", 0.9)
    assert schedule.left == pytest.approx(10)


class Planner(Reporter):
    """Keeps the planned steps, the reported ones and the ended jobs."""

    def __init__(self):
        self.planned, self.steps, self.ended = {}, {}, set()

    def plan(self, job, steps):
        self.planned[job] = set(steps)

    def step(self, job, kind, share=0.0, state=""):  # noqa: ARG002
        assert 0 <= share <= 1
        self.steps.setdefault(job, set()).add(kind)

    def end(self, job):
        self.ended.add(job)


@pytest.mark.slow
def test_every_step_of_a_comparison_is_planned_reported_and_ended(brief, tmp_path):
    asked = request(brief, "char,word:unk@ngram", seeds=(0, 1), ensembles=True, given=TINY, verify=True)
    planner = Planner()
    compute(asked, tmp_path, planner)
    kinds = {"training", "scoring", "noise", "verifying"}
    assert planner.steps["char-seed0"] == planner.planned["char-seed0"] == {*kinds, "samples"}
    assert planner.steps["char-seed1"] == planner.planned["char-seed1"] == kinds
    assert planner.planned.keys() == planner.ended
    assert {"the corpus", "char", "word:unk@ngram", "char-ensemble-seed0-1", "the report"} < planner.steps.keys()
    assert planner.steps.keys() <= planner.planned.keys()


def test_training_one_column_plans_and_ends_its_steps(brief, tmp_path):
    planner = Planner()
    train_alone(request(brief, "char@ngram"), tmp_path / "mine", planner)
    assert planner.planned == {"char@ngram": {"fitting"}, "mine": {"training", "scoring", "noise", "samples"}}
    assert (planner.steps, planner.ended) == (planner.planned, {"char@ngram", "mine"})


def test_a_budget_and_what_follows_training_are_expected(brief):
    budget = request(brief, "char", given=TINY | {"train": {"budget_seconds": 8.0}})
    steps = expected_steps(budget, budget.specs())["char-seed0"]
    assert steps["training"] == 8 + START_SECONDS
    assert set(steps) == {"training", "scoring", "noise", "samples"}
    assert min(steps.values()) > 0
    assert not {"noise", "verifying"} & set(
        expected_steps(request(brief, "char", quick=True), budget.specs())["char-seed0"]
    )


def shown(screen):
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_a_terminal_shows_a_bar_per_job_and_for_everything_below_permanent_lines():
    view = Terminal(Console(file=(screen := io.StringIO()), force_terminal=True, width=100))
    view.plan("bpe-seed0", {"training": 60.0, "verifying": 60.0})
    with view.bars:
        view.stage("reading [bold]")
        view.training("char-seed0", at(0.3))
        view.training("bpe-seed0", at(0.1, 2.345))
        view.verifying("bpe-seed0", 3, 4)
        view.training("word-seed0", at(0.5, 2.345))
        view.finished(FAILED)
        view.end("char-seed0")
    lines = shown(screen)
    assert lines[0] == "reading [bold]"
    assert any(line.endswith("nan") for line in lines)
    assert max(map(len, lines)) <= 100
    assert [name for name, *_ in view.rows] == ["bpe-seed0", "word-seed0", "everything"]
    shares = {name: (share, state) for name, share, state in view.rows}
    assert shares["bpe-seed0"] == (0.75, "verifying")
    assert "2.345" in shares["word-seed0"][1]
    assert re.search(r"\d:\d\d", shares["everything"][1])


@pytest.mark.parametrize(("seconds", "shares"), [(0.0, ["0", "25", "50", "75", "100"]), (60.0, ["0", "100"])])
def test_a_log_has_a_line_per_step_now_and_then_and_its_last(capsys, seconds, shares):
    view = Log(Console(stderr=True), seconds)
    for quarter in range(5):
        for cell in ("char-seed0", "bpe-seed0"):
            view.training(cell, at(quarter / 4))
    view.step("char-seed0", "scoring")
    lines = [
        re.match(r"(\S+): (\w+) (\d+)%.* (\d+:\d\d) ", line).groups()
        for line in capsys.readouterr().err.splitlines()
    ]
    trained = [(cell, "training", share) for share in shares for cell in ("char-seed0", "bpe-seed0")]
    assert [line[:3] for line in lines] == [*trained, ("char-seed0", "scoring", "0")]


def test_a_notebook_shows_lines_and_bars_in_one_output(monkeypatch):
    outputs = []
    handle = SimpleNamespace(update=outputs.append)
    display = SimpleNamespace(HTML=str, display=lambda *_, **__: handle)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    view = Notebook()
    view.stage("a <b> & c")
    view.training("char-seed0", at(0.5))
    view.stage("half")
    assert "a &lt;b&gt; &amp; c" in outputs[-1]
    assert "half" in outputs[-1]
    assert re.search(r"char-seed0<td><progress value=0\.5", outputs[-1])
    view.end("char-seed0")
    assert "progress" not in outputs[-1]
