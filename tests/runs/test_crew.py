"""Works in threads, each with processes of its own: none of them outlives the block."""

import os
from threading import Event, Timer

import pytest

from toolkit.runs.crew import Crew
from toolkit.runs.process import ProcessEndedError


def test_a_thread_between_two_processes_starts_no_other_once_the_work_is_over():
    waiting, go_on = Event(), Event()

    def work(crew):
        first = crew.alone(os.getpid)
        waiting.set()
        go_on.wait(10)
        return first, crew.alone(os.getpid)

    with Crew(1, {}) as crew:
        done = crew.submit(work, crew)
        assert waiting.wait(60)
        Timer(0.3, go_on.set).start()
    with pytest.raises(ProcessEndedError):
        done.result()
