"""What general compressors need for the held-out text: an honest baseline, since their files can be decoded.

All held-out documents are compressed as one file of UTF-8, each followed by a NUL, which no text has, so that the file
gives the documents back, as a column's bits do. Bits are 8 × its bytes, and the denominator is the number of characters
of the canonical text, as for every column. Cold: nothing was seen before. Primed: after the training documents, in the
same form, and adapting as it goes. Unlike a column, a compressor carries what it learned from one held-out document to
the next; PPMd is therefore also given by document, as each would be coded if it were the only one. That is left out
where it would take long (the whole training text is read again before each of them), and where documents are so short
that whole bytes would hide it.

xz and PPMd code a text from its beginning to its end: what a file of both texts needs more than one of the training
text alone is what the held-out text costs, to a few bytes. zstd, which codes block by block, has the training text as a
prefix (``--patch-from``) instead, and bzip2, which sorts each block of 900 kB, is not primed: for them, that difference
is off by up to hundreds of bytes and can be negative.
"""

import bz2
import lzma
import sys
from collections.abc import Callable, Sequence

import pyppmd

from toolkit.results.rows import Baseline
from toolkit.text.corpus import utf8_bytes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ORDERS = (4, 5, 6, 7, 8)  # of PPMd's contexts, in bytes; the best for prose of 0.1 to 20 MB is among them
COLD_ORDER = 6  # PPMd's own default
PPMD_MEMORY = 240 << 20  # bytes: a text of 20 MB fits, so the model is never restarted
MOST_BY_DOCUMENT = 500_000_000  # bytes that PPMd reads so that each document is coded by itself: two minutes or so
SHORTEST_BY_DOCUMENT = 800  # characters in the mean: a whole byte for each is at most 0.01 bits per character
PPMD_CUT_OFF = 1  # where it does not fit, forget old contexts rather than all
XZ_DICTIONARY = 64 << 20  # bytes, that of preset 9; more than the length of the content would waste memory
XZ_SMALLEST_DICTIONARY = 4096  # bytes, the format's
BZ2_LEVEL = 9  # blocks of 900 kB, the largest
ZSTD_LEVEL = 22  # the highest, ``--ultra -22``
ZSTD_WINDOW_LOG = 27  # a match may lie 128 MiB back
ZSTD_SHORTEST_PREFIX = 8  # bytes, the format's

END = "\0"  # of a document
Size = Callable[[bytes], int]


def baselines(train_texts: Sequence[str], valid_texts: Sequence[str], test_texts: Sequence[str]) -> list[Baseline]:
    """Each compressor on the held-out text, cold and primed, in bits per character and per byte of UTF-8."""
    sizes = {"cold": cold_sizes(test_texts), "primed": primed_sizes(train_texts, valid_texts, test_texts)}
    return [
        baseline(name, variant, of_name[name], test_texts)
        for name in dict.fromkeys(name for of_name in sizes.values() for name in of_name)
        for variant, of_name in sizes.items()
        if name in of_name
    ]


def baseline(name: str, variant: str, size: int, texts: Sequence[str]) -> Baseline:
    """A compressor that needs so many bytes for the texts."""
    characters, encoded = sum(map(len, texts)), utf8_bytes(texts)
    return Baseline(
        name=name, variant=variant, bits_per_character=8 * size / characters, bits_per_byte=8 * size / encoded
    )


def cold_sizes(texts: Sequence[str]) -> dict[str, int]:
    """Bytes of the texts, by compressor; PPMd's order is 6."""
    test = joined(texts)
    return {name: size(test) for name, size in FILE_SIZES.items()} | {"ppmd": ppmd_size(test, COLD_ORDER)}


def primed_sizes(train_texts: Sequence[str], valid_texts: Sequence[str], texts: Sequence[str]) -> dict[str, int]:
    """Bytes of the texts after the training texts, by compressor.

    PPMd's order is the one in ``ORDERS`` that codes the validation texts best after the training texts; the validation
    texts serve only that choice. ``ppmd_documents`` is what it needs for each text by itself after the training texts,
    all together; it is left out where ``codes_alone`` says so.
    """
    train, valid, test = joined(train_texts), joined(valid_texts), joined(texts)
    order = ppmd_order(train, valid)
    alone = [joined([text]) for text in texts] if codes_alone(texts, train) else []
    ppmd, *by_document = sizes_after(train, [test, *alone], lambda content: ppmd_size(content, order))
    sizes = {"xz": size_after(train, test, xz_size), "zstd": zstd_size(test, train), "ppmd": ppmd}
    return sizes | ({"ppmd_documents": sum(by_document)} if alone else {})


def codes_alone(texts: Sequence[str], train: bytes) -> bool:
    """Whether PPMd codes each text by itself, too.

    It does not where it would have to read more than ``MOST_BY_DOCUMENT`` bytes for this, or where the texts have fewer
    than ``SHORTEST_BY_DOCUMENT`` characters in the mean: each size is a whole number of bytes.
    """
    read = len(texts) * len(train) + len(joined(texts))
    return read <= MOST_BY_DOCUMENT and sum(map(len, texts)) >= SHORTEST_BY_DOCUMENT * len(texts)


def ppmd_order(train: bytes, valid: bytes) -> int:
    """The order in ``ORDERS`` with which PPMd codes the validation text best after the training text."""

    def added(order: int) -> int:
        encoder = ppmd_encoder(order)
        encoder.encode(train)
        return len(encoder.encode(valid))  # within two bytes of the difference of two files, in half the time

    return min(ORDERS, key=added)


def joined(texts: Sequence[str]) -> bytes:
    r"""The texts as one file of UTF-8 that gives them back.

    >>> joined(["sea", "fen"])
    b'sea\x00fen\x00'
    """
    return "".join(text + END for text in texts).encode()


def size_after(before: bytes, content: bytes, size: Size) -> int:
    """Bytes that ``content`` adds to a file that already holds ``before``, at least one.

    >>> size_after(b"ab", b"cde", len)
    3
    """
    return sizes_after(before, [content], size)[0]


def sizes_after(before: bytes, contents: Sequence[bytes], size: Size) -> list[int]:
    """Bytes that each of the contents adds to a file that already holds ``before``.

    Of text that repeats what was before, a file may grow by no whole byte, or even lose one; that counts as one byte,
    since at most one text could do with none.
    """
    alone = size(before)
    return [max(1, size(before + content) - alone) for content in contents]


def xz_size(content: bytes) -> int:
    """Bytes of the content as a .lzma file, ``xz -9e --format=lzma``, which is not padded, as an .xz file is.

    >>> xz_size(b"the moon " * 1000) < 200
    True
    """
    dictionary = min(max(len(content), XZ_SMALLEST_DICTIONARY), XZ_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}]
    return len(lzma.compress(content, lzma.FORMAT_ALONE, filters=filters))


def bz2_size(content: bytes) -> int:
    """Bytes of the content as a .bz2 file, ``bzip2 -9``.

    >>> bz2_size(b"the moon " * 1000) < 200
    True
    """
    return len(bz2.compress(content, BZ2_LEVEL))


def zstd_size(content: bytes, before: bytes = b"") -> int:
    """Bytes of the content as a .zst file, ``zstd --ultra -22 --long=27 --no-check``, after what was ``before``.

    Fewer than ``ZSTD_SHORTEST_PREFIX`` bytes before it are not used.

    >>> zstd_size(b"the moon " * 1000) < 200
    True
    """
    parameter = zstd.CompressionParameter
    options: dict[int, int] = {parameter.compression_level: ZSTD_LEVEL, parameter.window_log: ZSTD_WINDOW_LOG}
    used = len(before) >= ZSTD_SHORTEST_PREFIX
    prefix = zstd.ZstdDict(before, is_raw=True).as_prefix if used else None
    return len(zstd.compress(content, options=options, zstd_dict=prefix))


def ppmd_size(content: bytes, order: int) -> int:
    """Bytes of the content coded by PPMd, variant I (Shkarin 2002).

    >>> ppmd_size(b"the moon " * 1000, 6) < 200
    True
    """
    encoder = ppmd_encoder(order)
    return len(encoder.encode(content)) + len(encoder.flush())


def ppmd_encoder(order: int) -> pyppmd.Ppmd8Encoder:
    """An encoder that has seen nothing."""
    return pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)


FILE_SIZES: dict[str, Size] = {"xz": xz_size, "bz2": bz2_size, "zstd": zstd_size}
