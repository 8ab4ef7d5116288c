"""What general compressors need for the held-out text: an honest mark, since their files can be decoded.

All held-out documents are concatenated in their order, as they stand, and compressed as one file of UTF-8; bits are
8 × its bytes, and the denominator is the characters of the canonical text, as for every column. Cold: nothing was seen
before. Primed: after the training documents, concatenated likewise, and adapting as it goes: the size of both together
minus the size of the training text alone. Unlike a column, a compressor has learned from one held-out document when
it comes to the next.
"""

import lzma
from collections.abc import Callable, Sequence

import pyppmd

from toolkit.results import Baseline

ORDERS = (4, 5, 6, 7, 8)  # of PPMd's contexts, in bytes; the best for prose of 0.1 to 20 MB is among them
COLD_ORDER = 6  # PPMd's own default
PPMD_MEMORY = 240 << 20  # bytes: a text of 20 MB fits, so that the model is never restarted
PPMD_CUT_OFF = 1  # where it does not fit, forget old contexts rather than all
XZ_DICTIONARY = 64 << 20  # bytes, that of preset 9; what is longer than the data is memory for nothing
XZ_SMALLEST_DICTIONARY = 4096  # bytes, the format's

Size = Callable[[bytes], int]


def baselines(train_texts: Sequence[str], valid_texts: Sequence[str], test_texts: Sequence[str]) -> list[Baseline]:
    """xz and PPMd on the held-out text, cold and primed, in bits per character.

    PPMd's order is 6 when cold; when primed it is the one of ``ORDERS`` that codes the valid texts best after the
    training texts. The valid texts serve that choice only.
    """
    train, valid, test = ("".join(texts).encode() for texts in (train_texts, valid_texts, test_texts))
    order = min(ORDERS, key=lambda order: size_after(train, valid, lambda data: ppmd_size(data, order)))
    sizes = {
        ("xz", "cold"): xz_size(test),
        ("xz", "primed"): size_after(train, test, xz_size),
        ("ppmd", "cold"): ppmd_size(test, COLD_ORDER),
        ("ppmd", "primed"): size_after(train, test, lambda data: ppmd_size(data, order)),
    }
    characters = sum(map(len, test_texts))
    return [
        Baseline(name=name, variant=variant, bits_per_character=8 * size / characters)
        for (name, variant), size in sizes.items()
    ]


def size_after(before: bytes, data: bytes, size: Size) -> int:
    """Bytes that ``data`` adds to a file that has ``before`` in it already.

    >>> size_after(b"ab", b"cde", len)
    3
    """
    return size(before + data) - size(before)


def xz_size(data: bytes) -> int:
    """Bytes of the data in an .xz file, ``xz -9e``.

    >>> xz_size(b"the moon " * 1000) < 200
    True
    """
    dictionary = min(max(len(data), XZ_SMALLEST_DICTIONARY), XZ_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}]
    return len(lzma.compress(data, filters=filters))


def ppmd_size(data: bytes, order: int) -> int:
    """Bytes of the data coded by PPMd, variant I (Shkarin 2002).

    >>> ppmd_size(b"the moon " * 1000, 6) < 200
    True
    """
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    return len(encoder.encode(data)) + len(encoder.flush())
