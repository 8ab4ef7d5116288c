"""How long the work of a command still takes: the expected seconds of all steps, times a factor measured so far."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PRIOR_SECONDS = 5.0  # the weight of the expectation against measured seconds
OVERTIME = 0.2  # of a step that takes longer than expected: the share of its time that it still takes at least

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

    def elapsed(self, now: float) -> float:
        """Return its seconds so far."""
        return 0.0 if self.started is None else (now - self.started if self.took is None else self.took)

    def left(self, now: float, factor: float) -> float:
        """Return the seconds left, if steps take ``factor`` times the expected seconds."""
        if self.took is not None:
            return 0.0
        if self.share > self.begin:  # its own factor counts more and more
            done = self.expected * (self.share - self.begin)
            factor = (factor * PRIOR_SECONDS + self.elapsed(now)) / (PRIOR_SECONDS + done)
            return self.expected * factor * (1 - self.share)
        return max(self.expected * factor - self.elapsed(now), OVERTIME * self.elapsed(now))

    def end(self, now: float) -> None:
        """Note that it has ended, or is not needed."""
        if self.took is None:
            self.took, self.share = self.elapsed(now), float(self.started is not None)


class Schedule:
    """The jobs of a command, each a series of steps. ``clock`` returns seconds."""

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
            earlier.end(now)
        step.share = min(max(share, 0.0), 1.0)
        if step.started is None:
            step.started, step.begin = now, step.share
        self._at_once = max(self._at_once, len(self.running))

    def end(self, job: str) -> None:
        """Note that all steps of a job have ended."""
        for step in self._jobs.get(job, {}).values():
            step.end(self._clock())

    @property
    def running(self) -> dict[str, tuple[str, float]]:
        """The kind and the share of the step in progress of each job. Without reports, the clock tells the share."""
        now, factor, shares = self._clock(), self._factor(), dict[str, tuple[str, float]]()
        for job, steps in list(self._jobs.items()):
            for kind, step in list(steps.items()):
                if step.started is not None and step.took is None:
                    elapsed, left = step.elapsed(now), step.left(now, factor)
                    guess = elapsed / (elapsed + left) if elapsed else 0.0
                    shares[job] = kind, step.share or guess
        return shares

    @property
    def left(self) -> float:
        """The seconds that everything planned still takes."""
        now, factor = self._clock(), self._factor()
        seconds = [
            sum(step.left(now, factor) for step in list(steps.values())) for steps in list(self._jobs.values())
        ]
        return max(sum(seconds) / self._at_once, max(seconds, default=0.0))

    @property
    def share(self) -> float:
        """The share of everything planned that is done, by its time."""
        elapsed = self._clock() - self._start
        return elapsed / (elapsed + self.left) if elapsed else 0.0

    def _factor(self) -> float:
        """Return measured by expected seconds, of all that has been reported."""
        now, seconds, expected = self._clock(), PRIOR_SECONDS, PRIOR_SECONDS
        for steps in list(self._jobs.values()):
            for step in list(steps.values()):
                if step.share > step.begin:
                    seconds += step.elapsed(now)
                    expected += step.expected * (step.share - step.begin)
        return seconds / expected
