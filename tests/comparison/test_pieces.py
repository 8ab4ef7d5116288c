"""Files come and go in pieces, and arrive whole or not at all: worker and command in one process, without Dask."""

import pytest

pytest.importorskip("distributed", reason="needs the extra 'cluster'")

from distributed import Reschedule

from toolkit.comparison import pieces
from toolkit.comparison.carrier import Carrier
from toolkit.comparison.execution import Folders
from toolkit.comparison.pieces import OfferedFile, Wanted
from toolkit.comparison.scratch import TICKETS, Scratch
from toolkit.errors import InputError

WORKER = "tcp://127.0.0.1:1"
RUN = "runs/a"


class Client:
    """Dask's client: it calls a function in a worker that is there, and gets what it gives."""

    def __init__(self, calls=1_000):
        self.calls = calls  # until the worker ends
        self.carried = []  # sizes of the pieces

    def run(self, function, *arguments, workers, on_error):
        assert on_error == "ignore"
        self.calls -= 1
        if self.calls < 0:
            return {}
        try:
            given = function(*arguments)
        except OSError:
            return {}
        self.carried += [len(content) for content in (*arguments, given) if isinstance(content, bytes)]
        return dict.fromkeys(workers, given)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_BYTES", 10)


@pytest.fixture
def there(tmp_path):
    """The command's folder, with a run."""
    folder = tmp_path / "there"
    write(folder / RUN, {"weights": b"0123456789" * 3 + b"x", "empty": b"", "checkpoint/state.safetensors": b"old"})
    return folder


def write(folder, contents):
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(autouse=True)
def _no_tickets_left():
    yield
    while TICKETS:
        TICKETS.popitem()[1].files.close()


def scratch(client, there, here, folders, ended=lambda: False):
    """A worker's folder whose command answers at once."""
    carrier = Carrier(client, there)

    def tell(said):
        if isinstance(said, Wanted):
            carrier.bring(said)
        elif isinstance(said, OfferedFile):
            carrier.fetch_file(said)
        else:
            carrier.fetch_folder(said)

    return Scratch(here, WORKER, folders, tell, ended)


def test_what_a_task_needs_comes_and_what_it_makes_goes(there, tmp_path):
    here, client = tmp_path / "here", Client()
    write(here / RUN, {"stale": b"of an earlier task"})
    (there / RUN / ".weights.0a1b2c3d.new").write_bytes(b"half")
    work = scratch(client, there, here, Folders(written=(RUN,)))
    work.bring()
    brought = {"weights": b"0123456789" * 3 + b"x", "empty": b"", "checkpoint/state.safetensors": b"old"}
    assert contents(here / RUN) == brought
    assert sorted(client.carried) == [0, 1, 3, 10, 10, 10]
    write(here / RUN, {"weights": b"9" * 25, "tokenizer/tokenizer.json": b"{}"})
    work.send()
    assert contents(there / RUN) == brought | {"weights": b"9" * 25, "tokenizer/tokenizer.json": b"{}"}
    work.close()
    assert contents(here) == {}
    assert TICKETS == {}


def test_a_run_whose_worker_ends_while_it_is_sent_stays_as_it_was(there, tmp_path):
    before, here = contents(there), tmp_path / "here"
    write(here / RUN, {"a": b"1" * 25, "b": b"2" * 25})
    for calls in (0, 1, 4):
        work = scratch(Client(calls), there, here, Folders(written=(RUN,)), ended=lambda: True)
        with pytest.raises(Reschedule):
            work.send()
        assert contents(there) == before
        assert [path.name for path in (there / "runs").iterdir()] == ["a"]


def test_no_checkpoint_comes_after_the_complete_run(there, tmp_path):
    """It would be taken for one of training that goes on from the run."""
    here = tmp_path / "here"
    write(here / RUN, {"weights": b"1", "checkpoint/state.safetensors": b"new"})
    work = scratch(Client(), there, here, Folders(written=(RUN,)))
    work.send()
    write(here / RUN, {"checkpoint/state.safetensors": b"late"})
    work.keep()
    assert contents(there / RUN) == {"weights": b"1", "checkpoint/state.safetensors": b"new"}


def test_a_checkpoint_that_was_not_taken_leaves_the_one_before(there, tmp_path):
    here = tmp_path / "here"
    write(here / RUN, {"checkpoint/state.safetensors": b"1" * 25})
    scratch(Client(2), there, here, Folders(written=(RUN,))).keep()
    assert contents(there / RUN / "checkpoint") == {"state.safetensors": b"old"}


def test_a_worker_that_cannot_write_says_so(there, tmp_path):
    here = tmp_path / "here"
    here.write_bytes(b"a file where a folder should be")
    work = scratch(Client(), there, here, Folders(read=(RUN,)))
    with pytest.raises(InputError, match=r"worker tcp://127\.0\.0\.1:1 cannot write .*Not a directory; .*--local-dir"):
        work.bring()
