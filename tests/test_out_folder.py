"""The folder of ``--out``: one process at a time, one set of settings, and nothing of anyone else's touched."""

import subprocess
import sys

import pytest

from toolkit.article.reproduction import REPRODUCTION
from toolkit.comparison.folder import COMPARISON
from toolkit.errors import InputError
from toolkit.out_folder import locked, take

HOLD = """
import sys, pathlib
from toolkit.out_folder import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of tmp_path/out."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "out")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused(tmp_path, holder):
    assert holder.poll() is None
    with pytest.raises(InputError, match="Another process is using") as error, locked(tmp_path / "out"):
        pass
    assert "--out" in str(error.value)


def test_a_dead_process_holds_no_lock(tmp_path, holder):
    holder.kill()
    holder.wait()
    with locked(tmp_path / "out"):
        assert (tmp_path / "out").is_dir()


FRESH = "replace the comparison with --fresh."
OTHERS = {
    COMPARISON: "choose another folder with --out, or replace it with --fresh.",
    REPRODUCTION: "choose another folder with --out.",
}


@pytest.fixture(params=[COMPARISON, REPRODUCTION], ids=lambda kind: kind.name)
def kind(request):
    """A kind of folder."""
    return request.param


def refusal(folder, asked, kind):
    """The sentence by which the folder is refused."""
    with pytest.raises(InputError) as error:
        take(folder, asked, kind)
    return str(error.value)


def test_a_folder_is_taken_once_and_again(tmp_path, kind):
    asked = {"seed": 0, "places": (1, 2), "corpus": {"name": "tales", "model": None}}
    take(tmp_path, asked, kind)
    take(tmp_path, asked, kind)
    assert [path.name for path in tmp_path.iterdir()] == [kind.asked]


def test_of_other_settings_one_that_was_given_is_named(tmp_path, kind):
    take(tmp_path, {"embedding": 12, "units": 12}, kind)
    for given, named in (((), "embedding"), (("units",), "units"), (("layers",), "embedding")):
        with pytest.raises(InputError, match=f"there {named} is 12, here it is 13"):
            take(tmp_path, {"embedding": 13, "units": 13}, kind, given)


def test_other_settings_are_refused_with_what_can_be_done(tmp_path, kind):
    take(tmp_path, {"seed": 0}, kind)
    said = f"{tmp_path} holds another {kind.name}: there seed is 0, here it is 1; {OTHERS[kind]}"
    assert refusal(tmp_path, {"seed": 1}, kind) == said


@pytest.mark.parametrize("damage", [b"seed = ", b"\xff"])
def test_a_damaged_file_is_refused_with_what_can_be_done(tmp_path, kind, damage):
    (tmp_path / kind.asked).write_bytes(damage)
    said = refusal(tmp_path, {"seed": 1}, kind)
    assert said.startswith(f"{tmp_path / kind.asked} is damaged or from another version of toolkit (")
    assert said.endswith(f"; {FRESH if kind is COMPARISON else OTHERS[kind]}")


def test_a_folder_of_another_kind_is_refused(tmp_path, kind):
    (other,) = OTHERS.keys() - {kind}
    take(tmp_path, {"seed": 0}, other)
    said = f"{tmp_path} is not a {kind.name}, but contains {other.asked}; choose an empty folder with --out."
    assert refusal(tmp_path, {"seed": 0}, kind) == said
    assert [path.name for path in tmp_path.iterdir()] == [other.asked]
