"""Stop training at a checkpoint on SIGTERM, which batch systems send before they end a job."""

import os
import signal
from threading import Event, Timer

STOP_SECONDS = 5.0  # for the next update of a training; work without checkpoints ends after them
STOPPED = 128 + signal.SIGTERM  # the exit code

stop_requested = Event()


def stop_at_a_checkpoint() -> None:
    """Let SIGTERM end this process at its training's next checkpoint, or after ``STOP_SECONDS``."""
    signal.signal(signal.SIGTERM, _request_stop)


def _request_stop(*_: object) -> None:
    if not stop_requested.is_set():
        stop_requested.set()
        timer = Timer(STOP_SECONDS, stop)
        timer.daemon = True
        timer.start()


def stop() -> None:
    """End this process at once."""
    os._exit(STOPPED)
