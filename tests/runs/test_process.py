"""Functions in another process: results, errors, and that the process knows nothing of this one."""

import errno
import os
import signal
import sys
import time
from contextlib import suppress

import pytest

from toolkit.errors import KILLED, ContractError, InputError, KilledError
from toolkit.runs.process import Aside, Crew


def total(*numbers_and_report):
    *numbers, report = numbers_and_report
    for number in numbers:
        report(number)
    return sum(numbers)


def place(_):
    return os.getcwd(), sorted(sys.modules)


def raise_error(error, cause, _):
    raise error from cause


def leave(_):
    os._exit(7)


def terminate(_):
    os.kill(os.getpid(), signal.SIGTERM)


def unpicklable(_):
    return lambda: None


@pytest.fixture(scope="module")
def aside(tmp_path_factory):
    with Aside({}, tmp_path_factory.mktemp("aside")) as process:
        yield process


def test_a_task_reports_and_returns_in_a_folder_and_without_modules_of_the_caller(aside):
    reports = []
    assert aside.call(total, 3, 4, report=reports.append) == 7
    assert reports == [3, 4]
    folder, modules = aside.call(place)
    assert folder != os.getcwd()
    assert "conftest" not in modules


FULL = OSError(errno.ENOSPC, "No space left on device", "ids")


@pytest.mark.parametrize(
    ("task", "errors", "kind", "message"),
    [
        (raise_error, (InputError("nothing"), None), InputError, "^nothing$"),
        (raise_error, (SystemExit(3), None), ContractError, "SystemExit"),
        (raise_error, (MemoryError("full"), None), MemoryError, "^full$"),
        (raise_error, (FULL, None), OSError, "ids"),
        (raise_error, (OSError(errno.EROFS, "Read-only"), None), ContractError, "OSError"),  # the code's fault
        (raise_error, (InputError("No cache."), FULL), OSError, "ids"),
        (unpicklable, (), ContractError, "unpicklable"),
    ],
    ids=["input", "exit", "memory", "full", "read-only", "refused", "unpicklable"],
)
def test_errors_of_a_task_keep_their_kind_and_the_next_task_is_computed(aside, task, errors, kind, message):
    with pytest.raises(kind, match=message):
        aside.call(task, *errors)
    assert aside.call(total, 1) == 1


def test_a_process_that_is_killed_from_outside_is_nobodys_fault():
    with Aside({}) as process, pytest.raises(KilledError) as error:
        process.call(terminate)
    assert str(error.value) == KILLED


def test_a_process_that_ends_by_itself_gives_its_exit_code():
    with Aside({}) as process:
        for task in (leave, total):  # also for the calls after it
            with pytest.raises(ContractError):
                process.call(task)
            assert process.exit_code == 7
        assert not process.alive


def test_a_file_of_code_that_has_changed_is_rejected(tmp_path):
    (tmp_path / "mine.py").write_text("", "utf-8")
    with Aside({str(tmp_path / "mine.py"): "0" * 64}) as process, pytest.raises(InputError, match=r"mine\.py"):
        process.call(total)


def test_a_crew_computes_in_processes_and_threads():
    with Crew(2, {}) as crew:
        futures = [crew.submit(crew.alone, os.getpid) for _ in range(3)]
        assert len({*(future.result() for future in futures), os.getpid()}) == 4
        assert crew.alone(pow, 2, 5) == 32
        assert crew.submit(os.getpid).result() == os.getpid()


def test_a_crew_ends_its_processes_with_the_block():
    with suppress(KeyboardInterrupt), Crew(1, {}) as crew:
        running, waiting = (crew.submit(crew.alone, time.sleep, 3000) for _ in range(2))
        raise KeyboardInterrupt
    assert waiting.cancelled()
    with pytest.raises(KilledError):
        running.result()
