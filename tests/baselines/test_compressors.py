import lzma

import numpy as np
import pyppmd
import pytest

from toolkit.baselines import compressors

WORDS = ["the", "bell", "of", "drowned", "men", "rang", "under", "a", "grey", "fen", "and", "Mabb", "heard", "it"]


def prose(seed: int, words: int) -> str:
    """Words drawn at random: something to compress, different for each seed."""
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def test_xz_is_as_small_as_preset_nine_extreme() -> None:
    data = prose(0, 3000).encode()
    assert compressors.xz_size(data) == len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def test_what_ppmd_codes_can_be_decoded() -> None:
    data = prose(1, 3000).encode()
    encoder = pyppmd.Ppmd8Encoder(6, compressors.PPMD_MEMORY, compressors.PPMD_CUT_OFF)
    coded = encoder.encode(data) + encoder.flush()
    decoder = pyppmd.Ppmd8Decoder(6, compressors.PPMD_MEMORY, compressors.PPMD_CUT_OFF)
    assert decoder.decode(coded, len(data)) == data
    assert compressors.ppmd_size(data, 6) == len(coded)


def test_rates_are_bits_per_character_not_per_byte() -> None:
    texts = ["тьма над водой, " * 20, "и колокол. " * 20]
    characters = sum(map(len, texts))
    found = {(b.name, b.variant): b.bits_per_character for b in compressors.baselines(["тьма"], ["вода"], texts)}
    assert list(found) == [("xz", "cold"), ("xz", "primed"), ("ppmd", "cold"), ("ppmd", "primed")]
    whole = "".join(texts).encode()
    assert found["xz", "cold"] == pytest.approx(8 * len(lzma.compress(whole, preset=9)) / characters, rel=0.05)
    assert found["ppmd", "cold"] == pytest.approx(8 * compressors.ppmd_size(whole, 6) / characters)


def test_a_compressor_that_has_seen_the_text_needs_almost_nothing() -> None:
    letters = list("abcdefghijklmnopqrstuvwxyz")
    text = "".join(np.random.default_rng(2).choice(letters, 5000))  # nothing but itself helps
    found = {(b.name, b.variant): b.bits_per_character for b in compressors.baselines([text], [text[:500]], [text])}
    assert found["xz", "primed"] < 0.1 * found["xz", "cold"]
    assert found["ppmd", "primed"] < 0.5 * found["ppmd", "cold"]


def test_the_order_is_chosen_on_valid_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    real = compressors.ppmd_size

    def spied(data: bytes, order: int) -> int:
        sizes.append((data, order))
        return real(data, order)

    monkeypatch.setattr(compressors, "ppmd_size", spied)
    train, valid, test = prose(4, 1500), prose(5, 500), prose(6, 500)
    compressors.baselines([train], [valid], [test])
    after_valid = {
        order: real((train + valid).encode(), order) - real(train.encode(), order) for order in compressors.ORDERS
    }
    chosen = [order for data, order in sizes if data == (train + test).encode()]
    assert chosen == [min(after_valid, key=after_valid.__getitem__)]
