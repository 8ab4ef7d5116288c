"""What general compressors need for the held-out text: an honest baseline, since their files can be decoded.

All held-out documents are concatenated in order, unchanged, and compressed as one UTF-8 file; bits are 8 × its bytes,
and the denominator is the number of characters of the canonical text, as for every column. Cold: nothing was seen
before. Primed: after the training documents, concatenated in the same way, and adapting as it goes: the size of both
together minus the size of the training text alone. Unlike a column, a compressor carries what it learned from one
held-out document to the next; PPMd is therefore also given by document, as each would be coded if it were the only one,
unless that would take long: the whole training text is read again before each of them.

bzip2 starts afresh every 900 kB: a longer training text primes it only by the part that shares a block with held-out
text. For zstd, concatenation with a window over the whole is the strongest simple way: for 0.6 MB of tales after 2.0 MB
it needs 0.1 % less than with the training text as a prefix (``--patch-from``) or as a raw dictionary.
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
PPMD_CUT_OFF = 1  # where it does not fit, forget old contexts rather than all
XZ_DICTIONARY = 64 << 20  # bytes, that of preset 9; more than the length of the content would waste memory
XZ_SMALLEST_DICTIONARY = 4096  # bytes, the format's
BZ2_LEVEL = 9  # blocks of 900 kB, the largest
ZSTD_LEVEL = 22  # the highest, ``--ultra -22``
ZSTD_WINDOW_LOG = 27  # a match may lie 128 MiB back

Size = Callable[[bytes], int]


def baselines(train_texts: Sequence[str], valid_texts: Sequence[str], test_texts: Sequence[str]) -> list[Baseline]:
    """Each compressor on the held-out text, cold and primed, in bits per character and per byte of UTF-8."""
    sizes = {"cold": cold_sizes(test_texts), "primed": primed_sizes(train_texts, valid_texts, test_texts)}
    characters, encoded = sum(map(len, test_texts)), utf8_bytes(test_texts)
    return [
        Baseline(
            name=name,
            variant=variant,
            bits_per_character=8 * of_name[name] / characters,
            bits_per_byte=8 * of_name[name] / encoded,
        )
        for name in sizes["primed"]
        for variant, of_name in sizes.items()
        if name in of_name
    ]


def cold_sizes(texts: Sequence[str]) -> dict[str, int]:
    """Bytes of the concatenated texts, by compressor; PPMd's order is 6."""
    test = joined(texts)
    return {name: size(test) for name, size in FILE_SIZES.items()} | {"ppmd": ppmd_size(test, COLD_ORDER)}


def primed_sizes(train_texts: Sequence[str], valid_texts: Sequence[str], texts: Sequence[str]) -> dict[str, int]:
    """Bytes of the texts after the training texts, by compressor.

    PPMd's order is the one in ``ORDERS`` that codes the validation texts best after the training texts; the validation
    texts serve only that choice. ``ppmd_documents`` is what it needs for each text by itself after the training texts,
    all together; it is left out where it would have to read more than ``MOST_BY_DOCUMENT`` bytes for this.
    """
    train, valid, test = joined(train_texts), joined(valid_texts), joined(texts)
    order = ppmd_order(train, valid)
    trained = ppmd_size(train, order)
    sizes = {name: size_after(train, test, size) for name, size in FILE_SIZES.items()}
    sizes["ppmd"] = ppmd_size(train + test, order) - trained
    if len(texts) * len(train) + len(test) <= MOST_BY_DOCUMENT:
        sizes["ppmd_documents"] = sum(ppmd_size(train + text.encode(), order) - trained for text in texts)
    return sizes


def ppmd_order(train: bytes, valid: bytes) -> int:
    """The order in ``ORDERS`` with which PPMd codes the validation text best after the training text."""

    def added(order: int) -> int:
        encoder = ppmd_encoder(order)
        encoder.encode(train)
        return len(encoder.encode(valid))  # within two bytes of the difference of two files, in half the time

    return min(ORDERS, key=added)


def joined(texts: Sequence[str]) -> bytes:
    """The texts as one file of UTF-8."""
    return "".join(texts).encode()


def size_after(before: bytes, content: bytes, size: Size) -> int:
    """Bytes that ``content`` adds to a file that already holds ``before``.

    >>> size_after(b"ab", b"cde", len)
    3
    """
    return size(before + content) - size(before)


def xz_size(content: bytes) -> int:
    """Bytes of the content as an .xz file, ``xz -9e``.

    >>> xz_size(b"the moon " * 1000) < 200
    True
    """
    dictionary = min(max(len(content), XZ_SMALLEST_DICTIONARY), XZ_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}]
    return len(lzma.compress(content, filters=filters))


def bz2_size(content: bytes) -> int:
    """Bytes of the content as a .bz2 file, ``bzip2 -9``.

    >>> bz2_size(b"the moon " * 1000) < 200
    True
    """
    return len(bz2.compress(content, BZ2_LEVEL))


def zstd_size(content: bytes) -> int:
    """Bytes of the content as a .zst file, ``zstd --ultra -22 --long=27 --no-check``.

    >>> zstd_size(b"the moon " * 1000) < 200
    True
    """
    parameter = zstd.CompressionParameter
    options: dict[int, int] = {parameter.compression_level: ZSTD_LEVEL, parameter.window_log: ZSTD_WINDOW_LOG}
    return len(zstd.compress(content, options=options))


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
