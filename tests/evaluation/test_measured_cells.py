"""Numbers of cells and of compressors agree with each other, with the text and with the coders themselves."""

import lzma
from collections import Counter
from itertools import product

import numpy as np
import pyppmd
import pytest

from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.evaluation import compressors
from toolkit.evaluation.compressors import PPMD_CUT_OFF, PPMD_MEMORY, PPMD_ORDERS, baselines, primed_sizes
from toolkit.inference.scores import scores_of
from toolkit.results.bits import BANDS, NO_CLASS, PARTS
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_scores
from toolkit.text.corpus import Corpus
from toolkit.text.neutral import word_spans, words
from toolkit.text.sources import read_corpus

COLUMNS = ("char@ngram", "word:pos@ngram", "word:spell@ngram", "word:drop@ngram")


@pytest.fixture(scope="module")
def folder(brief, made_once):
    """The folder of a verified comparison of columns that name, spell and flag rare words, or have none."""
    verified = request(brief, ",".join(COLUMNS), verify=True)
    return made_once("measured-cells", lambda made: compute(verified, made / "out", Reporter())) / "out"


@pytest.fixture(scope="module")
def whole(folder):
    return Comparison.load(folder / "comparison.json")


def test_bits_of_parts_bands_tags_documents_tokens_and_noise_sum_to_the_total(whole, brief_split):
    counts = Counter(word for document in brief_split.train for word in words(document.text))
    spans = [span for document in brief_split.test for span in word_spans(document.text)]
    unseen = sum(end - start for start, end, word in spans if word not in counts)
    characters = whole.corpus.test_characters
    for cell in whole.done:
        bits, total = cell.bits_per_character, cell.bits_per_character.total * characters
        assert bits.total == pytest.approx(sum(getattr(bits, part) for part in PARTS))
        assert cell.bits_per_byte == pytest.approx(total / whole.corpus.test_bytes)
        assert [band.band for band in cell.by_frequency] == list(BANDS)
        assert {"NOUN", "VERB", "DET"} < {part.pos for part in cell.by_part_of_speech}
        for shares in (cell.documents, cell.by_frequency, cell.by_part_of_speech):
            assert sum(share.characters for share in shares) == characters
            assert sum(share.bits for share in shares) == pytest.approx(total)
        for share in (*cell.by_frequency, *cell.by_part_of_speech):
            assert share.bits == pytest.approx(sum(document.bits for document in share.documents))
        assert cell.by_frequency[0].characters == unseen > 0
        for noise in cell.noise:
            assert noise.changed > 0
            assert sum(share.bits for share in noise.documents) == pytest.approx(noise.bits - noise.clean_bits)
            if cell.strategy != "drop":  # it pays for its flag at the end, too
                assert noise.clean_bits / noise.characters == pytest.approx(bits.total - bits.document_ends)
        if cell.strategy in (None, "pos"):  # a network pays for all but the spelling
            tokens = np.log2(cell.perplexity_per_token) * cell.tokens
            assert tokens == pytest.approx(total - bits.spelling * characters)
    tags = {tuple((part.pos, part.characters) for part in cell.by_part_of_speech) for cell in whole.done}
    texts = {tuple((noise.name, noise.changed, noise.characters) for noise in cell.noise) for cell in whole.done}
    assert len(tags) == len(texts) == 1  # of all columns
    extra = {(cell.column, noise.name): noise.extra for cell in whole.done for noise in cell.noise}
    alone = {(noise.a, noise.at): noise.difference for noise in whole.noise if noise.b is None}
    assert alone == pytest.approx(extra)
    best, other, *_ = sorted(whole.totals, key=whole.totals.__getitem__)
    assert {(passage.best, passage.other) for passage in whole.passages} == {(best, other)}


def test_every_column_is_decoded_from_its_bits_and_pays_for_its_classes(folder, whole):
    characters = whole.corpus.test_characters
    assert [cell.column for cell in whole.done] == list(COLUMNS)
    for cell in whole.done:
        bits, proof = cell.bits_per_character, cell.verified
        assert proof.bits == pytest.approx(sum(document.bits for document in cell.documents))
        assert proof.bits / 8 - 16 <= proof.bytes <= proof.bits / 8 * 1.005 + 16
        scores = sum(document.parts() for document in scores_of(load_scores(folder / cell.run))) / characters
        assert scores.tolist() == pytest.approx([getattr(bits, part) for part in PARTS])
        assert (bits.classes > 0) == bool(cell.class_bits) == (cell.strategy is not None)
        if cell.strategy is not None:
            of_classes = sum(paid.announced + paid.spelled for paid in cell.class_bits)
            assert of_classes == pytest.approx((bits.classes + bits.spelling) * characters)
        counts = {facts.name: facts.test_tokens for facts in cell.coverage.classes if facts.test_tokens}
        assert {paid.name: paid.count for paid in cell.class_bits if paid.name != NO_CLASS} == counts
        assert (NO_CLASS in {paid.name for paid in cell.class_bits}) == (cell.strategy == "drop")


def test_a_lone_held_out_document_is_compared_over_its_segments(corpus_folder, tmp_path):
    """Of a language without a tagger, it has no parts of speech."""
    (tmp_path / "one").mkdir()
    for part, tales in (("train", range(6)), ("valid", (6,)), ("test", (7,))):
        text = "\n".join((corpus_folder / f"tale{tale}.txt").read_text("utf-8") for tale in tales)
        (tmp_path / "one" / f"{part}.txt").write_text(text, "utf-8")
    corpus = read_corpus(tmp_path / "one")
    welsh = Corpus(corpus.name, corpus.documents, "cy", given=corpus.given)
    whole = compute(request(welsh, "char@ngram,bpe@ngram"), tmp_path / "out", Reporter())
    (contrast,) = whole.contrasts
    assert (contrast.units, contrast.unit) == (6, "segment")
    units = [cell.documents[0].units for cell in whole.done]
    assert [[unit.characters for unit in of_cell] for of_cell in units] == [[u.characters for u in units[0]]] * 2
    for cell, of_cell in zip(whole.done, units, strict=True):
        assert sum(unit.bits for unit in of_cell) == pytest.approx(cell.documents[0].bits)
        assert (cell.by_part_of_speech, "pos_jsd" in cell.generated.measures) == ([], False)
    assert "one_document" in {warning.kind for warning in whole.warnings}


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
    cold = {"xz": xz(file(*texts)), "ppmd": ppmd(file(*texts))}  # without the padding of .xz
    sizes = {"cold": cold, "primed": primed_sizes(["тьма"], ["вода"], texts)}
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


def test_ppmd_by_document_is_each_document_after_the_training_text_alone(monkeypatch) -> None:
    """Documents have at least 800 characters, and PPMd reads at most a number of bytes."""
    copy = "".join(np.random.default_rng(22).choice(list("abcdefghijklmnopqrstuvwxyz"), 1000))
    train, valid, texts = prose(20, 1500), prose(21, 300), [copy, copy, prose(23, 500)[:800]]
    primed = primed_sizes([train], [valid], texts)
    alone = [primed_sizes([train], [valid], [text]) for text in texts]
    assert [sizes["ppmd_documents"] for sizes in alone] == [sizes["ppmd"] for sizes in alone]
    assert primed["ppmd_documents"] == sum(sizes["ppmd"] for sizes in alone)
    assert primed["ppmd"] < 0.7 * primed["ppmd_documents"]  # the second text is free only after the first
    most = 3 * len(file(train)) + len(file(*texts))
    for bytes_read, names in ((most, {"xz", "ppmd", "ppmd_documents"}), (most - 1, {"xz", "ppmd"})):
        monkeypatch.setattr(compressors, "MAX_BYTES_BY_DOCUMENT", bytes_read)
        assert primed_sizes([train], [valid], texts).keys() == names
    assert primed_sizes([train], [valid], [copy[:799]]).keys() == {"xz", "ppmd"}
