"""Sizes under compressors, checked against the compressors themselves."""

import lzma
from itertools import product

import numpy as np
import pyppmd

from toolkit.evaluation import compressors
from toolkit.evaluation.compressors import PPMD_CUT_OFF, PPMD_MEMORY, baselines, cold_sizes, primed_sizes

WORDS = ["the", "bell", "of", "drowned", "men", "rang", "under", "a", "grey", "fen", "and", "Mabb", "heard", "it"]


def prose(seed: int, words: int) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def file(*texts: str) -> bytes:
    return "".join(f"{text}\0" for text in texts).encode()


def xz(content: bytes) -> int:
    return len(lzma.compress(content, lzma.FORMAT_ALONE, preset=9 | lzma.PRESET_EXTREME))


def ppmd(content: bytes, order: int = 6) -> bytes:
    encoder = pyppmd.Ppmd8Encoder(order, PPMD_MEMORY, PPMD_CUT_OFF)
    return encoder.encode(content) + encoder.flush()


def test_cold_sizes_are_those_of_the_strongest_settings() -> None:
    texts = [prose(0, 2000), "\n", prose(7, 1000) + "\n"]
    content = file(*texts)
    assert cold_sizes(texts) == {
        "xz": xz(content),
        "ppmd": len(ppmd(content)),
    }  # without the padding of an .xz file
    assert pyppmd.Ppmd8Decoder(6, PPMD_MEMORY, PPMD_CUT_OFF).decode(ppmd(content), len(content)) == content


def test_rates_are_bits_per_character_and_per_byte() -> None:
    texts = ["тьма над водой, " * 20, "и колокол. " * 20]
    sizes = {"cold": cold_sizes(texts), "primed": primed_sizes(["тьма"], ["вода"], texts)}
    rates = baselines(["тьма"], ["вода"], texts)
    pairs = list(product(["xz", "ppmd"], sizes))
    assert [(rate.name, rate.variant) for rate in rates] == pairs
    for rate, (name, variant) in zip(rates, pairs, strict=True):
        assert rate.bits_per_character == 8 * sizes[variant][name] / sum(map(len, texts))
        assert rate.bits_per_byte == 8 * sizes[variant][name] / len("".join(texts).encode())


def test_primed_sizes_are_bytes_that_the_text_adds_to_the_training_text() -> None:
    """PPMd's order is the best one for the validation text, which serves nothing else."""
    train, text = prose(10, 1600), prose(12, 300)
    valid = train[-2000:]  # a copy, which order 4 does not suit
    cold, primed = cold_sizes([text]), primed_sizes([train], [valid], [text])
    assert primed["xz"] == xz(file(train, text)) - xz(file(train))
    order = min(
        (4, 5, 6, 7, 8), key=lambda order: len(ppmd(file(train, valid), order)) - len(ppmd(file(train), order))
    )
    assert primed["ppmd"] == len(ppmd(file(train, text), order)) - len(ppmd(file(train), order))
    assert all(primed[name] < cold[name] for name in ("xz", "ppmd"))


def test_repeated_text_costs_at_least_a_byte() -> None:
    for line in "abc\n", "a", "d e ade":
        assert min(primed_sizes([line * 150, line * 9], [line * 150], [line * 9]).values()) >= 1
    assert compressors.sizes_after(b"ab", [b"cde"], lambda content: 9 - len(content)) == [1]


def test_ppmd_by_document_is_each_document_after_the_training_text_alone() -> None:
    copy = "".join(np.random.default_rng(22).choice(list("abcdefghijklmnopqrstuvwxyz"), 1000))
    train, valid, texts = prose(20, 1500), prose(21, 300), [copy, copy, prose(23, 500)[:800]]
    primed = primed_sizes([train], [valid], texts)
    alone = [primed_sizes([train], [valid], [text]) for text in texts]
    assert (
        primed["ppmd_documents"]
        == sum(sizes["ppmd"] for sizes in alone)
        == sum(s["ppmd_documents"] for s in alone)
    )
    assert primed["ppmd"] < 0.7 * primed["ppmd_documents"]  # the second text is free only after the first
    too_short = primed_sizes([train], [valid], [copy[:799]])  # for whole bytes
    too_long = primed_sizes(
        ["a grey fen " * 100_000], [valid], ["a grey fen " * 73] * 500
    )  # training is read too often
    assert too_short.keys() == too_long.keys() == {"xz", "ppmd"}
