import bz2
import lzma
import sys

import numpy as np
import pyppmd
import pytest

from toolkit.evaluation import compressors

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NAMES = ["xz", "bz2", "zstd", "ppmd"]
PRIMED = ["xz", "zstd", "ppmd"]  # bzip2 is not
XZ = {"format": lzma.FORMAT_ALONE, "preset": 9 | lzma.PRESET_EXTREME}
END = "\0"  # of each document
WORDS = ["the", "bell", "of", "drowned", "men", "rang", "under", "a", "grey", "fen", "and", "Mabb", "heard", "it"]


def prose(seed: int, words: int) -> str:
    """Words drawn at random: something to compress, different for each seed."""
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def test_xz_is_as_small_as_preset_nine_extreme() -> None:
    data = prose(0, 3000).encode()
    assert compressors.xz_size(data) == len(lzma.compress(data, **XZ))


def test_xz_is_not_padded() -> None:
    data = np.random.default_rng(3).bytes(300)
    assert {compressors.xz_size(data[:n]) % 4 for n in range(280, 300)} == {0, 1, 2, 3}


def test_bz2_has_the_largest_block() -> None:
    data = prose(7, 3000).encode()
    assert compressors.bz2_size(data) == min(len(bz2.compress(data, level)) for level in range(1, 10))


@pytest.fixture
def zstd_files(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The files that zstd makes, as they are made."""
    files: list[bytes] = []
    real = zstd.compress

    def spied(*given: object, **options: object) -> bytes:
        files.append(real(*given, **options))
        return files[-1]

    monkeypatch.setattr(compressors.zstd, "compress", spied)
    return files


def test_zstd_is_as_small_as_its_highest_level_and_comes_back(zstd_files: list[bytes]) -> None:
    data = prose(8, 3000).encode()
    size = compressors.zstd_size(data)
    assert [len(file) for file in zstd_files] == [size]
    assert zstd.decompress(zstd_files[0]) == data
    assert size == min(len(zstd.compress(data, level)) for level in (3, 19, 22))


@pytest.mark.parametrize("before", ["", "a fen", prose(13, 3000)])
def test_what_zstd_writes_after_the_training_text_comes_back(zstd_files: list[bytes], before: str) -> None:
    data = prose(14, 300).encode()
    assert compressors.zstd_size(data, before.encode()) == len(zstd_files[0])
    known = zstd.ZstdDict(before.encode(), is_raw=True).as_prefix if len(before) > 8 else None
    assert zstd.decompress(zstd_files[0], zstd_dict=known) == data


@pytest.mark.slow
def test_zstd_looks_back_over_the_whole_text() -> None:
    noise = "".join(np.random.default_rng(9).choice(list("abcdefghijklmnopqrstuvwxyz"), 2_300_000))
    assert compressors.zstd_size(noise[:20_000].encode(), noise.encode()) < 100


def test_a_file_of_documents_gives_them_back() -> None:
    texts = ["the bell", "\n", "rang\nunder a fen\n"]
    assert compressors.joined(texts).decode().split(END)[:-1] == texts
    cold = compressors.cold_sizes([prose(15, 300)])
    assert compressors.cold_sizes([prose(15, 300)[:99], prose(15, 300)[99:]])["ppmd"] > cold["ppmd"]


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
    bits = {(b.name, b.variant): b.bits_per_character for b in compressors.baselines(["тьма"], ["вода"], texts)}
    assert list(bits) == [(n, v) for n in NAMES for v in ("cold", "primed") if v == "cold" or n in PRIMED]
    whole = "".join(text + END for text in texts).encode()
    assert bits["xz", "cold"] == pytest.approx(8 * len(lzma.compress(whole, **XZ)) / characters)
    assert bits["bz2", "cold"] == pytest.approx(8 * len(bz2.compress(whole)) / characters)
    assert bits["zstd", "cold"] == pytest.approx(8 * len(zstd.compress(whole, 22)) / characters)
    assert bits["ppmd", "cold"] == pytest.approx(8 * compressors.ppmd_size(whole, 6) / characters)


def test_sizes_are_bytes_and_primed_is_what_the_text_adds_to_the_training_text() -> None:
    train, valid, text = prose(10, 1600), prose(11, 200), prose(12, 300)
    cold, primed = compressors.cold_sizes([text]), compressors.primed_sizes([train], [valid], [text])
    assert list(cold) == NAMES
    assert list(primed) == [*PRIMED, "ppmd_documents"]
    assert cold["bz2"] == len(bz2.compress((text + END).encode()))
    before, whole = (train + END).encode(), (train + END + text + END).encode()
    assert primed["xz"] == len(lzma.compress(whole, **XZ)) - len(lzma.compress(before, **XZ))
    assert all(primed[name] < cold[name] for name in PRIMED)


def test_a_compressor_that_has_seen_the_text_needs_almost_nothing() -> None:
    letters = list("abcdefghijklmnopqrstuvwxyz")
    text = "".join(np.random.default_rng(2).choice(letters, 5000))  # nothing but itself helps
    bits = {(b.name, b.variant): b.bits_per_character for b in compressors.baselines([text], [text[:500]], [text])}
    for name in ("xz", "zstd"):
        assert bits[name, "primed"] < 0.1 * bits[name, "cold"]
    assert bits["ppmd", "primed"] < 0.5 * bits["ppmd", "cold"]


@pytest.mark.parametrize("seed", range(20))
def test_repeated_text_costs_every_compressor_a_byte_or_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = "".join(rng.choice(list("abcde \n"), rng.integers(1, 30)))
    train, test = [line * int(n) for n in rng.integers(5, 200, 5)], [line * int(rng.integers(5, 50))]
    least = 8 / len(test[0])
    assert all(b.bits_per_character >= least for b in compressors.baselines(train, train[:1], test))


def test_what_adds_no_byte_to_a_file_counts_as_one() -> None:
    assert compressors.size_after(b"ab", b"cde", lambda _: 4) == 1
    assert compressors.size_after(b"ab", b"cde", lambda content: 9 - len(content)) == 1


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
        order: real((train + END + valid + END).encode(), order) - real((train + END).encode(), order)
        for order in compressors.ORDERS
    }
    chosen = {order for data, order in sizes if data == (train + END + test + END).encode()}
    assert chosen == {min(after_valid, key=after_valid.__getitem__)}


def test_ppmd_by_document_is_each_document_after_the_training_text_alone() -> None:
    noise = "".join(np.random.default_rng(22).choice(list("abcdefgh"), 1000))  # nothing but itself helps
    train, valid, texts = prose(20, 1500), prose(21, 300), [noise, noise, prose(23, 200)]
    primed = compressors.primed_sizes([train], [valid], texts)
    alone = [compressors.primed_sizes([train], [valid], [text]) for text in texts]
    assert primed["ppmd_documents"] == sum(sizes["ppmd"] for sizes in alone) == sum(s["ppmd_documents"] for s in alone)
    assert primed["ppmd"] < 0.7 * primed["ppmd_documents"]  # the second is the first again: only whoever goes on knows


def test_ppmd_by_document_is_left_out_where_it_would_read_the_training_text_too_often(monkeypatch) -> None:
    train, valid, texts = prose(20, 1500), prose(21, 300), [prose(22, 250), prose(23, 250)]
    read = 2 * len(train + END) + sum(len(text + END) for text in texts)
    monkeypatch.setattr(compressors, "MOST_BY_DOCUMENT", read)
    whole = compressors.primed_sizes([train], [valid], texts)
    monkeypatch.setattr(compressors, "MOST_BY_DOCUMENT", read - 1)
    without = compressors.primed_sizes([train], [valid], texts)
    assert whole == without | {"ppmd_documents": whole["ppmd_documents"]}
    assert "ppmd_documents" not in without
    assert ("ppmd", "primed") in {(b.name, b.variant) for b in compressors.baselines([train], [valid], texts)}


def test_ppmd_by_document_is_left_out_where_whole_bytes_would_hide_it() -> None:
    train, valid, text = prose(20, 1500), prose(21, 300), prose(22, 500)[:1600]
    enough = compressors.primed_sizes([train], [valid], [text[:800], text[800:]])  # 8 bits of 800 characters: 0.01
    assert "ppmd_documents" in enough
    few = compressors.primed_sizes([train], [valid], [text[:800], text[800:1599]])
    assert list(few) == PRIMED
