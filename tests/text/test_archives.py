"""Archives unpacked into their folder and nowhere else."""

import errno
import io
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from toolkit.errors import InputError
from toolkit.text import archives
from toolkit.text.archives import unpack

TALES = {"tales/a.txt": b"Once.", "tales/deep/b.txt": b"Twice."}


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


WRITERS = {"zip": write_zip, "tar.gz": write_tar, "TGZ": write_tar}


@pytest.fixture(params=list(WRITERS))
def packed(request, tmp_path):
    """What writes (name, content) pairs as an archive, and gives its path."""

    def write(files):
        path = tmp_path / f"tales.{request.param}"
        WRITERS[request.param](path, files)
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    """A folder that does not exist, inside one that nothing may be written into."""
    (tmp_path / "outer" / "middle").mkdir(parents=True)
    return tmp_path / "outer" / "middle" / "text"


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_of_an_archive_are_in_the_folder(packed, folder):
    unpack(packed(TALES.items()), folder)
    assert files(folder) == TALES


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/tmp/toolkit-out.txt"])
def test_nothing_is_written_outside_the_folder(packed, folder, name):
    with suppress(InputError):
        unpack(packed([("a.txt", b"A"), (name, b"B")]), folder)
    assert all(path.startswith("middle/text/") for path in files(folder.parents[1]))
    assert not Path("/tmp/toolkit-out.txt").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_that_lead_out_and_devices_are_refused(tmp_path, folder, kind):
    path = tmp_path / "tales.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("a.txt")
        info.type, info.linkname = kind, "../../out.txt"
        archive.addfile(info)
    with pytest.raises(InputError, match=r"tales\.tar\.gz cannot be unpacked"):
        unpack(path, folder)


def test_a_bomb_is_refused_before_it_is_unpacked(packed, folder, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 2**20)
    with pytest.raises(InputError, match=r"more than 1\.0 MiB"):
        unpack(packed([("a.txt", b" " * 700_000), ("b.txt", b" " * 700_000)]), folder)
    assert files(folder) == {}


@pytest.mark.parametrize("left", [0.0, 0.4, 0.8])
def test_an_archive_that_is_cut_off_is_refused(packed, folder, left):
    path = packed([(f"{n}.txt", bytes((n * i) % 251 for i in range(5000))) for n in range(1, 9)])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole))])
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(path, folder)


def test_a_full_disk_is_not_called_a_damaged_archive(packed, folder, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = packed(TALES.items())
    monkeypatch.setattr("shutil.copyfileobj", full)
    monkeypatch.setattr("tarfile.copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        unpack(path, folder)
