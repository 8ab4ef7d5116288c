"""Sizes of the held-out text under general compressors: a baseline whose files can be decoded.

The documents are one file of UTF-8 with a NUL after each. "cold" starts without training text. "primed" starts after
the training documents. A compressor keeps learning from one held-out document to the next, which a column does not, so
PPMd is also given by document. xz and PPMd read a text from beginning to end: their primed size is the difference of
two files, exact to a few bytes.
"""

import lzma
from collections.abc import Callable, Sequence

import pyppmd

from toolkit.results.cell import Baseline
from toolkit.text.corpus import utf8_bytes

PPMD_ORDERS = (4, 5, 6, 7, 8)  # bytes of context; the best for prose of 0.1 to 20 MB is among them
PPMD_COLD_ORDER = 6
PPMD_MEMORY = 240 << 20  # bytes, enough for 20 MB of text
PPMD_CUT_OFF = 1  # forget old contexts when full, not all
MAX_BYTES_BY_DOCUMENT = 500_000_000  # read by PPMd by document, in about two minutes
MIN_CHARACTERS_BY_DOCUMENT = 800  # in the mean: whole bytes round to at most 0.01 bits per character
XZ_MIN_DICTIONARY, XZ_MAX_DICTIONARY = 4096, 64 << 20  # bytes, of the format and of preset 9


def baselines(
    train_texts: Sequence[str], valid_texts: Sequence[str], test_texts: Sequence[str]
) -> list[Baseline]:
    """Return each compressor on the held-out text, cold and primed, in bits per character and per byte of UTF-8."""
    test = joined(test_texts)
    cold = {"xz": xz_size(test), "ppmd": ppmd_size(test, PPMD_COLD_ORDER)}
    sizes = {"cold": cold, "primed": primed_sizes(train_texts, valid_texts, test_texts)}
    characters, size_in_bytes = sum(map(len, test_texts)), utf8_bytes(test_texts)
    return [
        Baseline(
            name=name,
            variant=kind,
            bits_per_character=8 * sizes[kind][name] / characters,
            bits_per_byte=8 * sizes[kind][name] / size_in_bytes,
        )
        for name in sizes["primed"]
        for kind in sizes
        if name in sizes[kind]
    ]


def primed_sizes(train_texts: Sequence[str], valid_texts: Sequence[str], texts: Sequence[str]) -> dict[str, int]:
    """Return the bytes of the texts after the training texts, by compressor.

    PPMd has the best order for the validation texts. ``ppmd_documents`` is its sum over texts that are coded one by
    one. It is left out if PPMd would read more than MAX_BYTES_BY_DOCUMENT, or if the texts are too short.
    """
    train, valid, test = joined(train_texts), joined(valid_texts), joined(texts)
    order = min(PPMD_ORDERS, key=lambda order: ppmd_added(order, train, valid))
    few = len(texts) * len(train) + len(test) <= MAX_BYTES_BY_DOCUMENT
    by_document = few and sum(map(len, texts)) >= MIN_CHARACTERS_BY_DOCUMENT * len(texts)
    contents = [test, *(joined([text]) for text in texts if by_document)]
    ppmd, *documents = sizes_after(train, contents, lambda content: ppmd_size(content, order))
    sizes = {"xz": sizes_after(train, [test], xz_size)[0], "ppmd": ppmd}
    return sizes | ({"ppmd_documents": sum(documents)} if by_document else {})


def ppmd_added(order: int, train: bytes, valid: bytes) -> int:
    """Return the bytes that PPMd adds for the validation text after the training text.

    It is within two bytes of the difference of two files, in half the time.
    """
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    encoder.encode(train)
    return len(encoder.encode(valid))


def joined(texts: Sequence[str]) -> bytes:
    """Return the file of the texts, which gives them back."""
    return "".join(f"{text}\0" for text in texts).encode()


def sizes_after(before: bytes, contents: Sequence[bytes], size: Callable[[bytes], int]) -> list[int]:
    """Return the bytes that each of the contents adds to a file that already holds ``before``, at least one.

    Repeated text may add no byte, or even remove one. At most one text can be free, so it counts as a byte.
    """
    alone = size(before)
    return [max(1, size(before + content) - alone) for content in contents]


def xz_size(content: bytes) -> int:
    """Return the bytes of a .lzma file, ``xz -9e --format=lzma``; unlike .xz, it is not padded."""
    dictionary = min(max(len(content), XZ_MIN_DICTIONARY), XZ_MAX_DICTIONARY)  # more would waste memory
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}]
    return len(lzma.compress(content, lzma.FORMAT_ALONE, filters=filters))


def ppmd_size(content: bytes, order: int) -> int:
    """Return the bytes of the content under PPMd, variant I (Shkarin 2002)."""
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    return len(encoder.encode(content)) + len(encoder.flush())
