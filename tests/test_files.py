"""Files are whole or not there."""

import errno
import os
from pathlib import Path

import pytest

from toolkit.files import NEW, beside, write_file, write_pieces


def test_text_and_bytes_are_written(tmp_path):
    write_file(tmp_path / "text", "é\r\n")
    write_file(tmp_path / "bytes", b"\xff")
    assert (tmp_path / "text").read_bytes() == "é\r\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\xff"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    write_file(tmp_path / "a", "before")

    def until_full():
        yield b"aft"
        raise OSError(errno.ENOSPC, "no space left")

    with pytest.raises(OSError, match="no space"):
        write_pieces(tmp_path / "a", until_full())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


@pytest.fixture
def order(monkeypatch):
    """What is waited for and renamed, in this order."""
    done = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor):
        done.append(("synced", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        fsync(descriptor)

    def renamed(self, target):
        done.append(("renamed", self.name))
        return replace(self, target)

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr("pathlib.Path.replace", renamed)
    return done


def test_a_power_cut_finds_the_content_of_every_name(tmp_path, order):
    """The new name must not be on the disk before the content, nor be lost once the call has returned."""
    write_file(tmp_path / "a", "text")
    temporary = beside(tmp_path / "a", NEW).name
    assert order == [("synced", temporary), ("renamed", temporary), ("synced", tmp_path.name)]


def test_a_full_disk_is_said_of_the_file(tmp_path, monkeypatch):
    def full(descriptor):  # noqa: ARG001
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_file(tmp_path / "a", "text")
    assert error.value.filename == str(tmp_path / "a")
