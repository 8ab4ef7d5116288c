"""Sizes under compressors, checked against the compressors themselves."""

import lzma
from itertools import product

import numpy as np
import pyppmd

from toolkit.evaluation.compressors import (
    PPMD_CUT_OFF,
    PPMD_MEMORY,
    PPMD_ORDERS,
    baselines,
    cold_sizes,
    primed_sizes,
    sizes_after,
)

WORDS = ["the", "bell", "of", "drowned", "men", "rang", "under", "a", "grey", "fen", "and", "Mabb", "heard", "it"]


def prose(seed: int, words: int) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def file(*texts: str) -> bytes:
    return "".join(f"{text}\0" for text in texts).encode()


def xz(content: bytes) -> int:
    return len(lzma.compress(content, lzma.FORMAT_ALONE, preset=9 | lzma.PRESET_EXTREME))


def ppmd(content: bytes, order: int = 6) -> int:
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    return len(encoder.encode(content) + encoder.flush())


def test_rates_are_of_the_strongest_settings_per_character_and_per_byte() -> None:
    texts = ["тьма над водой, " * 20, "и колокол. " * 20, "\n"]
    sizes = {"cold": cold_sizes(texts), "primed": primed_sizes(["тьма"], ["вода"], texts)}
    assert sizes["cold"] == {"xz": xz(file(*texts)), "ppmd": ppmd(file(*texts))}  # without the padding of .xz
    pairs = list(product(["xz", "ppmd"], sizes))
    rates = baselines(["тьма"], ["вода"], texts)
    assert [(rate.name, rate.variant) for rate in rates] == pairs
    for rate, (name, variant) in zip(rates, pairs, strict=True):
        assert rate.bits_per_character == 8 * sizes[variant][name] / sum(map(len, texts))
        assert rate.bits_per_byte == 8 * sizes[variant][name] / len("".join(texts).encode())


def test_primed_sizes_are_bytes_that_the_text_adds_to_the_training_text() -> None:
    """PPMd's order is the best one for the validation text, which serves nothing else. At least a byte is added."""
    train, text = prose(10, 1600), prose(12, 300)
    valid = train[-2000:]  # a copy, which order 4 does not suit
    added = {order: ppmd(file(train, valid), order) - ppmd(file(train), order) for order in PPMD_ORDERS}
    order, primed = min(added, key=added.get), primed_sizes([train], [valid], [text])
    assert order > min(PPMD_ORDERS)
    assert primed["xz"] == xz(file(train, text)) - xz(file(train))
    assert primed["ppmd"] == ppmd(file(train, text), order) - ppmd(file(train), order)
    for line in "abc\n", "a", "d e ade":
        assert min(primed_sizes([line * 150, line * 9], [line * 150], [line * 9]).values()) >= 1
    assert sizes_after(b"ab", [b"cde"], lambda content: 9 - len(content)) == [1]


def test_ppmd_by_document_is_each_document_after_the_training_text_alone() -> None:
    """Documents have at least 800 characters, and PPMd reads at most as many bytes as are given."""
    copy = "".join(np.random.default_rng(22).choice(list("abcdefghijklmnopqrstuvwxyz"), 1000))
    train, valid, texts = prose(20, 1500), prose(21, 300), [copy, copy, prose(23, 500)[:800]]
    primed = primed_sizes([train], [valid], texts)
    alone = [primed_sizes([train], [valid], [text]) for text in texts]
    assert [sizes["ppmd_documents"] for sizes in alone] == [sizes["ppmd"] for sizes in alone]
    assert primed["ppmd_documents"] == sum(sizes["ppmd"] for sizes in alone)
    assert primed["ppmd"] < 0.7 * primed["ppmd_documents"]  # the second text is free only after the first
    most = 3 * len(file(train)) + len(file(*texts))
    assert "ppmd_documents" in primed_sizes([train], [valid], texts, most)
    assert primed_sizes([train], [valid], texts, most - 1).keys() == {"xz", "ppmd"}
    assert primed_sizes([train], [valid], [copy[:799]]).keys() == {"xz", "ppmd"}
