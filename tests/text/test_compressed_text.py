"""Compressed documents: read as if they were not, and refused when cut off or damaged."""

import gzip
import sys

import pytest

from toolkit.errors import InputError
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS = {"gz": gzip.compress, "zst": zstd.compress, "GZ": gzip.compress}
TALE = "Once, café.\r\n".encode() * 50


@pytest.fixture(params=list(COMPRESS))
def packed(request, tmp_path):
    """A path, and what compresses bytes for it."""
    return tmp_path / f"tale.v2.txt.{request.param}", COMPRESS[request.param]


def refusal(path):
    with pytest.raises(InputError) as error:
        read_corpus(path)
    assert path.name in str(error.value)
    return str(error.value)


def test_a_compressed_text_is_one_document(packed):
    path, compress = packed
    path.write_bytes(compress(TALE))
    document = Document("tale.v2", TALE.decode().replace("\r\n", "\n"))
    assert read_corpus(path).documents == (document,)
    assert read_corpus(path).name == "tale.v2"
    assert read_corpus(path.parent).documents == (document,)


def test_a_compressed_text_and_a_plain_one_of_its_name_are_refused(packed):
    path, compress = packed
    path.write_bytes(compress(TALE))
    path.with_suffix("").write_bytes(TALE)
    with pytest.raises(InputError, match=r"two documents 'tale\.v2'"):
        read_corpus(path.parent)


@pytest.mark.parametrize("left", [0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(packed, left):
    path, compress = packed
    whole = compress(TALE)
    path.write_bytes(whole[: int(left * len(whole))])
    assert "is cut off" in refusal(path)


def test_a_damaged_file_is_refused(packed):
    path, compress = packed
    path.write_bytes(b"not compressed at all")
    assert "or is damaged" in refusal(path)
    whole = bytearray(compress(bytes(range(1, 256)) * 4))
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    refusal(path)


def test_what_is_unpacked_must_be_utf8(packed):
    path, compress = packed
    path.write_bytes(compress(b"caf\xe9"))
    assert "byte offset 3" in refusal(path)
