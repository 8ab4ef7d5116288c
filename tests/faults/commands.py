"""Commands that something happens to: each in a process of its own, forked from one that has imported everything.

A command that is started so takes a second instead of ten, and can be killed, or find its disk full, at any moment.
"""

import errno
import multiprocessing
import os
import signal
import sys
from pathlib import Path

IMPORTED = [
    "tensorflow", "keras", "spacy", "wordfreq", "sklearn.linear_model",
    "sklearn.feature_extraction.text", "pyppmd", "constriction", "toolkit.cli",
    "toolkit.comparison.compare", "toolkit.evaluation.evaluator", "toolkit.inspection.inspection",
    "toolkit.network.network", "toolkit.report",
]  # fmt: skip
LIMIT_SECONDS = 300

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(IMPORTED)


class Refusing:
    """An audit hook: after some files were opened for writing, or named, below a path, no more can be.

    ``number`` is the system's for the reason: the disk is full, or read-only; ENOMEM is a lack of memory.
    """

    WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    NAMING = ("os.rename", "os.mkdir", "os.link", "os.symlink")

    def __init__(self, folder, after=0, number=errno.ENOSPC):
        self.folder, self.left, self.number = folder, after, number

    def __call__(self, event, arguments):
        """Raise OSError, or MemoryError, if the event writes there and no more can be written."""
        writes = event in self.NAMING or (event == "open" and (arguments[2] or 0) & self.WRITING)
        if writes and str(arguments[0]).startswith(self.folder):
            self.left -= 1
            if self.left < 0 and self.number == errno.ENOMEM:
                raise MemoryError
            if self.left < 0:
                raise OSError(self.number, os.strerror(self.number))


class Command:
    """A command that has been started in a folder; what it prints is in the folder's file ``printed``."""

    def __init__(self, folder, *arguments, before=()):
        folder.mkdir(exist_ok=True)
        self.printed = folder / "printed"
        self._process = FORKS.Process(target=run, args=(str(folder), [str(a) for a in arguments], before))
        self._process.start()

    @property
    def pid(self):
        return self._process.pid

    def workers(self):
        """The processes that it has started itself and that are alive."""
        return [pid for pid, parent in parents() if parent == self.pid]

    def code(self):
        """Its exit code, once it has ended; the number of the signal that ended it, negative."""
        self._process.join(LIMIT_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            raise AssertionError(f"it has not ended after {LIMIT_SECONDS} s: {self.said()}")
        return self._process.exitcode

    def said(self):
        """All that it has printed."""
        return self.printed.read_text("utf-8")

    def sentence(self):
        """What it says at last: no traceback, and no advice to look for one."""
        said = self.said()
        assert "Traceback" not in said, said
        assert "--debug" not in said, said
        return said.splitlines()[-1]


def run(folder, arguments, before):
    """Run a command in this process; ``before`` are functions that are called first, or audit hooks."""
    os.setsid()
    os.chdir(folder)
    file = os.open("printed", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    for prepare in before:
        sys.addaudithook(prepare) if isinstance(prepare, Refusing) else prepare()
    sys.argv = ["toolkit", *arguments]
    from toolkit.cli import main

    main()


def parents():
    """Each process with its parent, as Linux has them."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if after_name[0] != "Z":
            yield int(stat.parent.name), int(after_name[1])


def kill(*pids):
    """SIGKILL to processes, as nearly at once as can be; those that have ended are passed over."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
