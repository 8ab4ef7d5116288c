"""Sizes under compressors, checked against the compressors themselves."""

import bz2
import lzma
import sys

import numpy as np
import pyppmd
import pytest

from toolkit.evaluation import compressors
from toolkit.evaluation.compressors import PPMD_CUT_OFF, PPMD_MEMORY, baselines, cold_sizes, primed_sizes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COLD, PRIMED = ["xz", "bz2", "zstd", "ppmd"], ["xz", "zstd", "ppmd"]
WORDS = ["the", "bell", "of", "drowned", "men", "rang", "under", "a", "grey", "fen", "and", "Mabb", "heard", "it"]


def prose(seed: int, words: int) -> str:
    """Random words: different for each seed, and compressible."""
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def noise(seed: int, letters: int) -> str:
    """Random letters, which only a copy of them helps to compress."""
    return "".join(np.random.default_rng(seed).choice(list("abcdefghijklmnopqrstuvwxyz"), letters))


def file(*texts: str) -> bytes:
    """The texts, each with the end of a document."""
    return "".join(f"{text}\0" for text in texts).encode()


def xz(data: bytes) -> int:
    return len(lzma.compress(data, lzma.FORMAT_ALONE, preset=9 | lzma.PRESET_EXTREME))


def ppmd(data: bytes, order: int = 6) -> bytes:
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    return encoder.encode(data) + encoder.flush()


def test_cold_sizes_are_those_of_the_strongest_settings() -> None:
    texts = [prose(0, 2000), "\n", prose(7, 1000) + "\n"]
    data = file(*texts)
    assert compressors.joined(texts) == data
    assert cold_sizes(texts) == {  # xz without the padding of an .xz file
        "xz": xz(data),
        "bz2": min(len(bz2.compress(data, level)) for level in range(1, 10)),
        "zstd": min(len(zstd.compress(data, level)) for level in (3, 19, 22)),
        "ppmd": len(ppmd(data)),
    }
    assert pyppmd.Ppmd8Decoder(6, PPMD_MEMORY, PPMD_CUT_OFF).decode(ppmd(data), len(data)) == data


@pytest.mark.parametrize("before", ["", "a fen", prose(13, 3000)], ids=["cold", "too short a prefix", "prefix"])
def test_a_zstd_file_of_this_size_can_be_decompressed(before: str) -> None:
    data = prose(14, 300).encode()
    prefix = zstd.ZstdDict(before.encode(), is_raw=True).as_prefix if len(before) > 8 else None
    parameter = zstd.CompressionParameter
    written = zstd.compress(data, options={parameter.compression_level: 22, parameter.window_log: 27}, zstd_dict=prefix)
    assert zstd.decompress(written, zstd_dict=prefix) == data
    assert compressors.zstd_size(data, before.encode()) == len(written)


def test_rates_are_bits_per_character_and_per_byte() -> None:
    texts = ["тьма над водой, " * 20, "и колокол. " * 20]
    rates = {(b.name, b.variant): b for b in baselines(["тьма"], ["вода"], texts)}
    assert list(rates) == [(n, v) for n in COLD for v in ("cold", "primed") if v == "cold" or n in PRIMED]
    sizes = {"cold": cold_sizes(texts), "primed": primed_sizes(["тьма"], ["вода"], texts)}
    for (name, variant), rate in rates.items():
        assert rate.bits_per_character == 8 * sizes[variant][name] / sum(map(len, texts))
        assert rate.bits_per_byte == 8 * sizes[variant][name] / len("".join(texts).encode())


def test_primed_sizes_are_bytes_that_the_text_adds_to_the_training_text() -> None:
    """PPMd's order is the best one for the validation text, which serves nothing else."""
    train, valid, text = prose(10, 1600), prose(11, 200), prose(12, 300)
    cold, primed = cold_sizes([text]), primed_sizes([train], [valid], [text])
    assert list(primed) == [*PRIMED, "ppmd_documents"]
    assert primed["xz"] == xz(file(train, text)) - xz(file(train))
    order = min((4, 5, 6, 7, 8), key=lambda order: len(ppmd(file(train, valid), order)) - len(ppmd(file(train), order)))
    assert primed["ppmd"] == len(ppmd(file(train, text), order)) - len(ppmd(file(train), order))
    assert all(primed[name] < cold[name] for name in PRIMED)


def test_a_compressor_that_has_seen_the_text_needs_almost_nothing() -> None:
    text = noise(2, 5000)
    cold, primed = cold_sizes([text]), primed_sizes([text], [text[:500]], [text])
    assert all(primed[name] < 0.1 * cold[name] for name in ("xz", "zstd"))
    assert primed["ppmd"] < 0.5 * cold["ppmd"]


@pytest.mark.parametrize("seed", range(20))
def test_repeated_text_costs_at_least_a_byte(seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = "".join(rng.choice(list("abcde \n"), rng.integers(1, 30)))
    train, test = [line * int(n) for n in rng.integers(5, 200, 5)], [line * int(rng.integers(5, 50))]
    assert min(primed_sizes(train, train[:1], test).values()) >= 1
    assert compressors.sizes_after(b"ab", [b"cde"], lambda content: 9 - len(content)) == [1]


def test_ppmd_by_document_is_each_document_after_the_training_text_alone() -> None:
    copy = noise(22, 1000)
    train, valid, texts = prose(20, 1500), prose(21, 300), [copy, copy, prose(23, 200)]
    primed = primed_sizes([train], [valid], texts)
    alone = [primed_sizes([train], [valid], [text]) for text in texts]
    assert primed["ppmd_documents"] == sum(sizes["ppmd"] for sizes in alone) == sum(s["ppmd_documents"] for s in alone)
    assert primed["ppmd"] < 0.7 * primed["ppmd_documents"]  # the second text is free only after the first


@pytest.mark.parametrize(
    ("train", "texts", "has_documents"),
    [
        (prose(20, 1500), [prose(22, 500)[:800], prose(23, 500)[:800]], True),
        (prose(20, 1500), [prose(22, 500)[:800], prose(23, 500)[:799]], False),
        ("a grey fen " * 100_000, ["a grey fen " * 73] * 500, False),
    ],
    ids=["enough", "too short for whole bytes", "training text read too often"],
)
def test_ppmd_by_document_is_left_out_where_it_says_little_or_takes_long(train, texts, has_documents) -> None:
    assert ("ppmd_documents" in primed_sizes([train], [prose(21, 300)], texts)) == has_documents
