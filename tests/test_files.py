"""Files are whole or absent, a folder has one process and one set of settings, the cache removes its own entries."""

import errno
import os
import subprocess
import sys

import pytest

from toolkit.errors import InputError
from toolkit.files import (
    NEW,
    OLD,
    cache_entries,
    check_cache,
    entry,
    left_beside,
    limit_cache,
    locked,
    refuse_foreign,
    rename_synced,
    write_entry,
    write_file,
    write_part,
    write_whole,
)
from toolkit.runs.folder import recover

MARKER = "compare.toml"
HOLD = """
import sys, pathlib
from toolkit.files import locked
with locked(pathlib.Path(sys.argv[1]), replaceable=sys.argv[2] == "True"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_text_and_bytes_are_written_and_a_link_is_not_followed(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "a").symlink_to(tmp_path / "theirs")
    write_file(tmp_path / "a", "é\r\n")
    write_file(tmp_path / "b", b"\xff")
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"theirs": b"theirs", "a": "é\r\n".encode(), "b": b"\xff"}


def test_a_failed_write_keeps_the_previous_file_and_the_content_of_a_folder(tmp_path, monkeypatch):
    def write(text):
        write_file(tmp_path / "a", text)
        write_whole(tmp_path / "folder", lambda folder: (folder / "b").write_text(text))

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write("before")
    monkeypatch.setattr(os, "fsync", full)
    for name, write_again in (
        ("a", lambda: write_file(tmp_path / "a", "after")),
        ("folder", lambda: write_whole(tmp_path / "folder", lambda folder: (folder / "b").write_text("after"))),
    ):
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            write_again()
        recover(tmp_path / name)
    assert [path.read_text() for path in sorted(tmp_path.rglob("*")) if path.is_file()] == ["before"] * 2


@pytest.mark.parametrize("is_folder", [False, True])
def test_after_a_power_cut_every_name_has_its_content(tmp_path, is_folder):
    """Content is on the disk before its name, and the name before the call returns."""
    new, calls = tmp_path / "new", []
    if is_folder:
        new.mkdir()
    (new / "inside" if is_folder else new).write_text("text")

    def note(_frame, event, called):
        if event == "c_call" and called in (os.fsync, os.replace):
            calls.append(called)

    sys.setprofile(note)
    try:
        rename_synced(new, tmp_path / "a")
    finally:
        sys.setprofile(None)
    assert calls == [*[os.fsync] * (1 + is_folder), os.replace, os.fsync]


def test_versions_that_processes_have_left_are_found(tmp_path):
    left = [tmp_path / f".a.01234567.{NEW}", tmp_path / f".a.89abcdef.{OLD}"]
    for path in (*left, tmp_path / f".b.01234567.{NEW}", tmp_path / ".a.new", tmp_path / "a"):
        path.touch()
    assert left_beside(tmp_path / "a", NEW) == left[:1]
    assert set(left_beside(tmp_path / "a", NEW, OLD)) == set(left)
    assert left_beside(tmp_path / "nowhere" / "a", NEW) == []


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
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), locked(tmp_path / "file"):
        pass


def test_a_folder_with_something_else_is_refused(tmp_path):
    refuse_foreign(tmp_path / "nowhere", MARKER)
    (tmp_path / "lock").touch()
    (tmp_path / f".{MARKER}.01234567.new").touch()  # left by a process that was killed
    refuse_foreign(tmp_path, MARKER)
    for name in ("article.toml", ".hidden", "locks"):
        (tmp_path / name).touch()
        with pytest.raises(InputError, match=name):
            refuse_foreign(tmp_path, MARKER)
        (tmp_path / name).unlink()
    (tmp_path / name).touch()
    (tmp_path / MARKER).touch()
    refuse_foreign(tmp_path, MARKER)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache in a folder that has a file of someone else's."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    (tmp_path / "theirs").touch()
    return tmp_path


def test_clearing_and_limiting_remove_only_entries_the_oldest_first(cache):
    for age, name in enumerate(["new", "old", "older"]):
        file = entry("tags" if age % 2 else "operations", name)
        write_entry(file, b"12345")
        os.utime(file, (1000 - age, 1000 - age))
    assert limit_cache(10) == 1
    assert sorted(path.name for path in cache_entries()) == ["new", "old"]
    assert limit_cache(10) == 0
    limit_cache(-1)
    assert cache_entries() == {}
    assert [path.name for path in cache.rglob("*") if path.is_file()] == ["theirs"]


def test_a_cache_that_cannot_be_written_is_refused(cache, monkeypatch):
    check_cache()
    assert cache_entries() == {}
    monkeypatch.setenv("TOOLKIT_CACHE", str(cache / "theirs"))
    with pytest.raises(InputError, match="TOOLKIT_CACHE"):
        check_cache()


def test_the_error_of_a_full_disk_names_the_file_and_the_bytes_that_it_needs(tmp_path):
    (tmp_path / "scores.npz").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"needs 4,000 bytes") as full:
        write_part(tmp_path / "scores.npz", 4_000 * b"x")
    assert (full.value.errno, full.value.filename) == (errno.ENOSPC, str(tmp_path / "scores.npz"))
