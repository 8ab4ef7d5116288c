"""Archives unpacked into their folder and nowhere else: paths that lead out, links and bombs are refused."""

import io
import tarfile
import zipfile

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


WRITERS = {"zip": write_zip, "tar.gz": write_tar, "tgz": write_tar}


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


def refusal(path, folder):
    with pytest.raises(InputError) as error:
        unpack(path, folder)
    outside = set(files(folder.parents[1])) - {f"middle/text/{name}" for name in files(folder)}
    assert outside == set()
    assert path.name in str(error.value)
    return str(error.value)


def test_the_files_of_an_archive_are_in_the_folder(packed, folder):
    unpack(packed(TALES.items()), folder)
    assert files(folder) == TALES


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt", "a/../../out.txt", "/tmp/out.txt", "..\\out.txt", "a\\..\\..\\out.txt", "C:out.txt",
        "c:\\out.txt", "\\out.txt", "a/..", "//out.txt",
    ],
)  # fmt: skip
def test_a_path_that_leads_out_of_the_folder_is_refused(packed, folder, name):
    assert "outside of its folder" in refusal(packed([("a.txt", b"A"), (name, b"B")]), folder)


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("Chapter 1: The Moor.txt", "colon"), ("1: The Moor.txt", "colon"), ("a/Moor..: A Tale.txt", "colon"),
        ("a\\b.txt", "backslash"),
    ],
)  # fmt: skip
def test_a_name_that_not_every_system_allows_is_no_reason_for_distrust(packed, folder, name, sign):
    said = refusal(packed([("a.txt", b"A"), (name, b"B")]), folder)
    assert f"a name with a {sign}; unpack it by hand, rename the file, and give the folder" in said
    assert "trust" not in said


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path, folder, kind):
    path = tmp_path / "tales.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("a.txt")
        info.type, info.linkname = kind, "../../out.txt"
        archive.addfile(info)
    assert "a link or a device" in refusal(path, folder)


def test_a_link_in_a_zip_is_only_a_text(tmp_path, folder):
    path = tmp_path / "tales.zip"
    info = zipfile.ZipInfo("a.txt")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    write_zip(path, [(info, b"../../out.txt")])
    unpack(path, folder)
    assert not (folder / "a.txt").is_symlink()


def test_a_bomb_is_stopped(packed, folder, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 2**20)
    path = packed([("a.txt", b" " * 700_000), ("b.txt", b" " * 700_000)])
    assert path.stat().st_size < 10_000
    assert "1.0 MiB, the most that is unpacked" in refusal(path, folder)
    assert sum(map(len, files(folder).values())) <= 2**20 + archives.CHUNK


def test_so_is_a_header_that_is_a_bomb(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 2**20)
    monkeypatch.setattr(archives, "MOST_FILES", 10)
    path = tmp_path / "tales.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {"comment": "x" * 3_000_000}
        archive.addfile(info)
    assert "the most that is unpacked" in refusal(path, folder)


def test_too_many_files_are_refused(packed, folder, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    assert "more than 5 files" in refusal(packed([(f"{n}.txt", b"A") for n in range(6)]), folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(packed, folder):
    path = packed([("a.txt", b"A"), ("a.txt", b"B")])
    assert "cannot be unpacked" in refusal(path, folder)


@pytest.mark.parametrize("left", [0.0, 0.4, 0.8])
def test_an_archive_that_is_cut_off_is_refused(packed, folder, left):
    path = packed([(f"{n}.txt", bytes((n * i) % 251 for i in range(5000))) for n in range(1, 9)])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole))])
    assert "cannot be unpacked" in refusal(path, folder)
