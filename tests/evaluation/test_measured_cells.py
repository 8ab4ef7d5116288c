"""Numbers of counted and verified cells agree with each other and with the text."""

from collections import Counter

import numpy as np
import pytest

from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
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
    made = made_once(
        "measured-cells",
        lambda folder: compute(request(brief, ",".join(COLUMNS), verify=True), folder / "out", Reporter()),
    )
    return made / "out"


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
