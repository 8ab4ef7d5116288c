"""A work for worker processes. Few imports, so that they start soon."""

import fcntl
import os
import signal
import time

from tests.helpers.dask_processes import is_held, wait_until
from toolkit.errors import InputError


class Squares:
    """A work that squares numbers and reports them."""

    def __init__(self, reporter):
        self.reporter = reporter

    def square(self, number):
        self.reporter.verifying(f"cell{number}", number, 10)
        return number, number**2, os.getpid()

    def end(self, by):
        by()

    def fail_beside(self, path):
        wait_until(lambda: is_held(path))
        raise InputError("There is no number 3.")

    def hold(self, path):
        """Hold a lock, which ends with the process, for longer than a test takes."""
        with open(path, "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            time.sleep(60)


def kill():
    """End this process by a signal."""
    os.kill(os.getpid(), signal.SIGKILL)
