"""Files are whole or not there."""

import errno
import os
from pathlib import Path

import pytest

from toolkit.files import MOST_BYTES, NEW, beside, rename_synced, too_long, write_file, write_pieces


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


def test_a_folder_is_renamed_once_all_that_is_in_it_is_on_the_disk(tmp_path, order):
    (tmp_path / "new" / "deep").mkdir(parents=True)
    for name in ("a", "deep/b"):
        (tmp_path / "new" / name).write_text(name)
    rename_synced(tmp_path / "new", tmp_path / "run")
    before, after = order[: order.index(("renamed", "new"))], order[order.index(("renamed", "new")) + 1 :]
    assert sorted(before) == [("synced", name) for name in ("a", "b", "deep", "new")]
    assert after == [("synced", tmp_path.name)]


def test_a_full_disk_is_said_of_the_file(tmp_path, monkeypatch):
    def full(descriptor):  # noqa: ARG001
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_file(tmp_path / "a", "text")
    assert error.value.filename == str(tmp_path / "a")


def test_what_cannot_be_replaced_is_named_as_people_know_it(tmp_path):
    (tmp_path / "a" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory") as error:
        write_file(tmp_path / "a", "text")
    assert error.value.filename == str(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    write_file(tmp_path / "a", "new")
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not (tmp_path / "a").is_symlink()


def test_a_name_that_is_not_too_long_can_be_written(tmp_path):
    longest = "é" + "a" * (MOST_BYTES - 2)
    assert not too_long(longest)
    assert too_long(longest + "a")
    write_file(tmp_path / longest, "it")
    with pytest.raises(OSError, match="name too long"):
        write_file(tmp_path / f"{longest}a", "it")
