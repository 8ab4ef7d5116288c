"""The folder of ``--out``: one process at a time, one set of settings, and no foreign file touched."""

import subprocess
import sys

import pytest

from toolkit.errors import InputError
from toolkit.out_folder import FolderKind, as_written, asked_before, locked, refuse_foreign, take

KIND = FolderKind("comparison", "compare.toml", "give --fresh")
ASKED = {"seed": 0, "places": (1, 2), "corpus": {"name": "tales", "model": None}}
HOLD = """
import sys, pathlib
from toolkit.out_folder import locked
with locked(pathlib.Path(sys.argv[1]), replaceable=sys.argv[2] == "True"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("replaceable", [False, True])
def test_a_lock_is_held_by_one_process_until_it_dies(tmp_path, replaceable):
    out = tmp_path / "out"
    command = [sys.executable, "-c", HOLD, str(out), str(replaceable)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=str(out)), locked(out, replaceable=replaceable):
            pass
        process.kill()
    with locked(out, replaceable=replaceable):
        assert out.is_dir() != replaceable  # a replaceable folder has its lock beside it


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "lock").symlink_to(tmp_path / "theirs")
    with pytest.raises(InputError, match=str(tmp_path)), locked(tmp_path):
        pass
    assert (tmp_path / "theirs").read_text() == "theirs"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="--out"), locked(tmp_path / "out"):
        pass


def test_a_folder_is_taken_once_and_again(tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / f".{KIND.asked}.01234567.new").touch()  # left by a process that was killed
    take(tmp_path, ASKED, KIND)
    take(tmp_path, ASKED, KIND)
    assert KIND.is_in(tmp_path)
    assert (
        asked_before(tmp_path, KIND) == as_written(ASKED) == {"seed": 0, "places": [1, 2], "corpus": {"name": "tales"}}
    )


@pytest.mark.parametrize(("given", "key"), [((), "embedding"), (("units",), "units"), (("layers",), "embedding")])
def test_other_settings_are_refused_by_a_key_that_was_given(tmp_path, given, key):
    take(tmp_path, {"embedding": 12, "units": 12}, KIND)
    with pytest.raises(InputError, match=rf"{key} was 12.* 13.*--fresh"):
        take(tmp_path, {"embedding": 13, "units": 13}, KIND, given)
    assert asked_before(tmp_path, KIND) == {"embedding": 12, "units": 12}


@pytest.mark.parametrize("damage", [b"seed = ", b"\xff"])
def test_damaged_settings_are_refused_with_the_remedy(tmp_path, damage):
    (tmp_path / KIND.asked).write_bytes(damage)
    with pytest.raises(InputError, match=rf"{KIND.asked}.*--fresh"):
        take(tmp_path, ASKED, KIND)
    assert (tmp_path / KIND.asked).read_bytes() == damage


@pytest.mark.parametrize("name", ["article.toml", ".hidden", "locks"])
def test_a_folder_with_something_else_is_refused(tmp_path, name):
    refuse_foreign(tmp_path / "nowhere", KIND)
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=name):
        take(tmp_path, ASKED, KIND)
    assert [path.name for path in tmp_path.iterdir()] == [name]
