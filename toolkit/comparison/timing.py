"""How long the work of a command still takes: expected seconds of all steps, corrected by the steps measured so far."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIN_SHARE, MIN_SECONDS = 0.02, 2.0  # of a step in progress, before its speed counts
PRIOR_SECONDS = 10.0  # the weight of an expectation against measured seconds
OVERTIME = 0.2  # of a step that takes longer than expected: the share of its time that it still takes at least
MAX_GUESS = 0.95  # the largest share of a step that is known by the clock alone

Steps = Mapping[str, float]  # expected seconds by kind, in order


@dataclass
class Step:
    """A step of a job, such as the training of a cell.

    Its times are seconds. ``begin`` is the share that an earlier command has done, and ``share`` the last report.
    """

    expected: float
    started: float | None = None
    begin: float = 0.0
    share: float = 0.0
    took: float | None = None

    def measured(self, now: float, factor: float) -> tuple[float, float] | None:
        """Return the seconds so far and the expected seconds of the same part, if it is long enough to tell.

        A step without a share tells only if it takes longer than ``factor`` times the expected seconds.
        """
        if self.started is None:
            return None
        if self.took is not None:
            return self.took, self.expected * (1 - self.begin)
        seconds, part = now - self.started, self.share - self.begin
        if part < MIN_SHARE or seconds < MIN_SECONDS:
            return (seconds, self.expected) if seconds > factor * self.expected else None
        return seconds, self.expected * part

    def left(self, now: float, factor: float) -> float:
        """Return the seconds left, if such steps take ``factor`` times the expected seconds."""
        if self.took is not None:
            return 0.0
        elapsed, part = 0.0 if self.started is None else now - self.started, self.share - self.begin
        if part >= MIN_SHARE and elapsed >= MIN_SECONDS:
            return elapsed * (1 - self.share) / part
        return max(self.expected * factor - elapsed, OVERTIME * elapsed)


class Schedule:
    """The jobs of a command, each a series of steps. ``clock`` returns seconds.

    A step of a kind that has been measured is expected to deviate as the measured ones did.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._start = clock, clock()
        self._jobs: dict[str, dict[str, Step]] = {}
        self._at_once = 1  # the most jobs that were in progress together

    def plan(self, job: str, steps: Steps) -> None:
        """Add a job."""
        self._jobs[job] = {kind: Step(expected) for kind, expected in steps.items()}

    def advance(self, job: str, kind: str, share: float) -> None:
        """Note the share of a step that is done; all steps before it have ended."""
        now, steps = self._clock(), self._jobs.setdefault(job, {})
        step = steps.setdefault(kind, Step(0.0))
        for earlier in steps.values():
            if earlier is step:
                break
            _end(earlier, now)
        step.share = min(max(share, 0.0), 1.0)
        if step.started is None:
            step.started, step.begin = now, step.share
        self._at_once = max(self._at_once, len(self.running))

    def end(self, job: str) -> None:
        """Note that all steps of a job have ended."""
        for step in self._jobs.get(job, {}).values():
            _end(step, self._clock())

    @property
    def running(self) -> dict[str, tuple[str, float]]:
        """The kind and the share of the step in progress of each job. Without reports, the clock tells the share."""
        now, shares = self._clock(), dict[str, tuple[str, float]]()
        for job, steps in list(self._jobs.items()):
            for kind, step in list(steps.items()):
                if step.started is not None and step.took is None:
                    elapsed, left = now - step.started, step.left(now, self._factor(kind))
                    guess = min(elapsed / (elapsed + left), MAX_GUESS) if elapsed else 0.0
                    shares[job] = kind, step.share or guess
        return shares

    @property
    def left(self) -> float:
        """The seconds that everything planned still takes."""
        now, jobs = self._clock(), [list(steps.items()) for steps in list(self._jobs.values())]
        factors = {kind: self._factor(kind) for steps in jobs for kind, _ in steps}
        seconds = [sum(step.left(now, factors[kind]) for kind, step in steps) for steps in jobs]
        return max(sum(seconds) / self._at_once, max(seconds, default=0.0))

    @property
    def share(self) -> float:
        """The share of everything planned that is done, by its time."""
        elapsed = self._clock() - self._start
        return elapsed / (elapsed + self.left) if elapsed else 0.0

    def _factor(self, kind: str | None) -> float:
        """Return measured by expected seconds for a kind of step. With few measurements, all kinds count, too."""
        prior, limit = (1.0, math.inf) if kind is None else (self._factor(None),) * 2
        now, seconds, expected = self._clock(), prior * PRIOR_SECONDS, PRIOR_SECONDS
        for steps in list(self._jobs.values()):
            for other, step in list(steps.items()):
                if kind in (None, other) and (measured := step.measured(now, limit)):
                    seconds, expected = seconds + measured[0], expected + measured[1]
        return seconds / expected


def _end(step: Step, now: float) -> None:
    if step.took is None and step.started is not None:
        step.took = now - step.started
    elif step.started is None:
        step.took = 0.0
