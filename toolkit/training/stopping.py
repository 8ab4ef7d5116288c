"""Training that stops at a checkpoint when it is told to, as batch systems do before they end a job.

The signal is SIGTERM, to a process that computes for another one, which has the work go on elsewhere.
"""

import os
import signal
from threading import Event, Timer

STOP_SECONDS = 5.0  # that training has to reach its next update; anything else has no checkpoint to reach
STOPPED = 128 + signal.SIGTERM  # the exit code

_asked = Event()


def stop_at_a_checkpoint() -> None:
    """From now on, let SIGTERM end this process where its training keeps a checkpoint, or else after a while."""
    signal.signal(signal.SIGTERM, ask)


def ask(*_: object) -> None:
    """Ask the training in this process, if there is any, to stop."""
    if not _asked.is_set():
        _asked.set()
        timer = Timer(STOP_SECONDS, stop)
        timer.daemon = True
        timer.start()


def asked() -> bool:
    """Whether training is to keep a checkpoint and stop."""
    return _asked.is_set()


def stop() -> None:
    """End this process at once."""
    os._exit(STOPPED)
