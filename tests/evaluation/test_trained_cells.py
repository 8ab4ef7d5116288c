"""Numbers of trained and verified cells agree with each other and with the text."""

import json
from collections import Counter

import numpy as np
import pytest

from tests.conftest import QUICK
from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.evaluation.contrasts import contrasts_of, noise_differences
from toolkit.inference.scores import scores_of
from toolkit.rare_words import RARE_WORDS
from toolkit.results.bits import BANDS, NO_CLASS, PARTS
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_scores
from toolkit.text.neutral import word_spans, words
from toolkit.text.sources import read_corpus
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.subwords import BytePairs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(comparison_folder):
    """A comparison of char, word:pos and word:unk."""
    return Comparison.load(comparison_folder / "comparison.json")


@pytest.fixture(scope="module")
def every_column(brief, made_once):
    """The folder of a verified comparison of every strategy, of words cut in other ways, and of subwords."""

    def make(folder):
        file = folder / "tokenizer.json"
        file.write_text(BytePairs(vocabulary_size=300).library_tokens(brief.documents).json, "utf-8")
        options = {
            "by-documents": {"tokenizer": "word:unk", "rare_max_documents": 1},
            "more-clusters": {"tokenizer": "word:cluster", "k": 5},
        }
        columns = ",".join(
            [*(f"word:{name}" for name in RARE_WORDS), *options, "whitespace", "bpe", f"hf:{file}"]
        )
        given = QUICK | {
            "train": QUICK["train"] | {"updates": 30}
        }  # as many as word:drop needs to learn anything
        compute(request(brief, columns, options, given=given, verify=True), folder / "out", Reporter())

    return made_once("every-column", make) / "out"


def test_bits_of_parts_bands_tags_documents_and_tokens_sum_to_the_total(whole, split):
    counts = Counter(word for document in split.train for word in words(document.text))
    unseen = sum(
        e - s for document in split.test for s, e, word in word_spans(document.text) if word not in counts
    )
    characters = whole.corpus.test_characters
    for cell in whole.done:
        bits, total = cell.bits_per_character, cell.bits_per_character.total * characters
        assert bits.total == pytest.approx(sum(getattr(bits, part) for part in PARTS))
        assert np.log2(cell.perplexity_per_token) * cell.tokens == pytest.approx(
            total - bits.spelling * characters
        )
        assert cell.bits_per_byte == pytest.approx(total / whole.corpus.test_bytes)
        assert [band.band for band in cell.by_frequency] == list(BANDS)
        assert {"NOUN", "VERB", "DET"} < {part.pos for part in cell.by_part_of_speech}
        for shares in (cell.documents, cell.by_frequency, cell.by_part_of_speech):
            assert sum(share.characters for share in shares) == characters
            assert sum(share.bits for share in shares) == pytest.approx(total)
        for share in (*cell.by_frequency, *cell.by_part_of_speech):
            assert share.bits == pytest.approx(sum(document.bits for document in share.documents))
        assert cell.by_frequency[0].characters == unseen > 0
        assert cell.updates == cell.history[-1].updates
    assert (
        len({tuple((part.pos, part.characters) for part in cell.by_part_of_speech) for cell in whole.done}) == 1
    )


def test_conclusions_follow_from_the_saved_numbers(whole):
    assert contrasts_of(whole.model_copy(update={"contrasts": []})) == whole.contrasts
    assert noise_differences(whole.model_copy(update={"noise": []})) == whole.noise
    total = {cell.column: cell.bits_per_character.total for cell in whole.done}
    pairs = [("char", "word:pos"), ("char", "word:unk"), ("word:pos", "word:unk")]
    assert [(contrast.a, contrast.b) for contrast in whole.contrasts] == pairs
    for contrast in whole.contrasts:
        assert contrast.difference == pytest.approx(total[contrast.a] - total[contrast.b])
    extra = {(cell.column, noise.name): noise.extra for cell in whole.done for noise in cell.noise}
    for noise in whole.noise:
        other = 0 if noise.b is None else extra[noise.b, noise.at]
        assert noise.difference == pytest.approx(extra[noise.a, noise.at] - other)


def test_noise_is_the_same_text_for_every_column(whole):
    texts = [
        [(noise.name, noise.letters, noise.changed, noise.characters) for noise in c.noise] for c in whole.done
    ]
    assert texts == [texts[0]] * 3
    for cell in whole.done:
        bits = cell.bits_per_character
        for noise in cell.noise:
            assert noise.changed > 0
            assert noise.clean_bits / noise.characters == pytest.approx(bits.total - bits.document_ends)
            assert sum(share.bits for share in noise.documents) == pytest.approx(noise.bits - noise.clean_bits)


def test_passages_and_samples_are_of_the_text(whole):
    ranked = sorted(whole.totals, key=whole.totals.__getitem__)
    assert len(whole.passages) > 1
    for passage in whole.passages:
        assert (list(passage.bits), set(passage.readings)) == (ranked, set(ranked))
        assert [passage.best, passage.other] == ranked[:2]
        assert {len(bits) for bits in passage.bits.values()} == {len(passage.text)}
        assert {sum(reading.widths) for reading in passage.readings.values()} == {len(passage.text)}
    for cell in whole.done:
        for sample in cell.generated.samples:
            assert all(sample.text[fill.start : fill.end].strip() for fill in sample.fills)


def test_multiply_adds_are_those_of_the_products(whole):
    """12 units over characters: 12 · 48 for the LSTM's recurrent product and 12 · V for the output, per character."""
    char, units = whole.done[0], 12
    event = units * 4 * units + units * char.vocabulary_size
    multiply_adds = char.multiply_adds_per_character
    assert multiply_adds.score == pytest.approx(event * char.tokens / whole.corpus.test_characters)
    assert 1 < multiply_adds.train / (3 * event) < 1.01  # an event per character, and the ends of documents


def test_a_run_has_plain_files_and_the_version_of_its_tagger(comparison_folder, whole):
    versions = Tagger().versions
    assert versions.items() <= whole.versions.items()
    for run in (comparison_folder / "runs").iterdir():
        assert not [path for path in run.rglob("*") if path.suffix in {".pkl", ".keras", ".py"}]
        environment = json.loads((run / "environment.json").read_text("utf-8"))["versions"]
        assert versions.items() <= environment.items()


def test_every_column_is_decoded_from_its_bits_and_pays_for_its_classes(every_column):
    whole = Comparison.load(every_column / "comparison.json")
    characters = whole.corpus.test_characters
    assert len(whole.done) == len(list(RARE_WORDS)) + 5
    for cell in whole.done:
        bits, proof, coverage = cell.bits_per_character, cell.verified, cell.coverage
        assert proof.bits == pytest.approx(sum(document.bits for document in cell.documents))
        assert proof.bits / 8 - 16 <= proof.bytes <= proof.bits / 8 * 1.005 + 16
        scores = (
            sum(document.parts() for document in scores_of(load_scores(every_column / cell.run))) / characters
        )
        assert scores.tolist() == pytest.approx([getattr(bits, part) for part in PARTS])
        assert bits.total == pytest.approx(sum(getattr(bits, part) for part in PARTS))
        assert (bits.classes > 0) == (bits.spelling > 0) == bool(cell.class_bits) == (cell.strategy is not None)
        of_classes = sum(paid.announced + paid.spelled for paid in cell.class_bits)
        assert of_classes == pytest.approx((bits.classes + bits.spelling) * characters)
        counts = {facts.name: facts.test_tokens for facts in coverage.classes if facts.test_tokens}
        assert {paid.name: paid.count for paid in cell.class_bits if paid.name != NO_CLASS} == counts
        assert (NO_CLASS in {paid.name for paid in cell.class_bits}) == (cell.strategy == "drop")
    coverages = {cell.column: cell.coverage for cell in whole.done}
    shares = {name: coverage.replaced_token_share_train for name, coverage in coverages.items()}
    assert shares["by-documents"] > shares["word:unk"] > shares["word:keep"] == 0


def test_a_lone_held_out_document_is_compared_over_its_segments(corpus_folder, tmp_path):
    (tmp_path / "one").mkdir()
    for part, tales in (("train", range(6)), ("valid", (6,)), ("test", (7,))):
        text = "\n".join((corpus_folder / f"tale{tale}.txt").read_text("utf-8") for tale in tales)
        (tmp_path / "one" / f"{part}.txt").write_text(text, "utf-8")
    whole = compute(request(read_corpus(tmp_path / "one")), tmp_path / "out", Reporter())
    (contrast,) = whole.contrasts
    assert (contrast.units, contrast.unit) == (6, "segment")
    assert contrast.low <= contrast.difference <= contrast.high
    units = [cell.documents[0].units for cell in whole.done]
    assert [[unit.characters for unit in of_cell] for of_cell in units] == [[u.characters for u in units[0]]] * 2
    for cell, of_cell in zip(whole.done, units, strict=True):
        assert sum(unit.bits for unit in of_cell) == pytest.approx(cell.documents[0].bits)
    assert "one_document" in {warning.kind for warning in whole.warnings}


def test_a_language_without_a_tagger_has_no_parts_of_speech(brief, tmp_path):
    welsh = brief.__class__("tales", brief.documents, "cy")
    whole = compute(request(welsh, "char@ngram,bpe@ngram"), tmp_path / "out", Reporter())
    assert [cell.by_part_of_speech for cell in whole.done] == [[], []]
    assert not [cell for cell in whole.done if "pos_jsd" in cell.generated.measures]


def test_markup_in_a_corpus_is_shown_as_text(brief_folder, tmp_path):
    (tmp_path / "<b>tales").mkdir()
    for path in brief_folder.iterdir():
        text = "<script>alert(1)</script> " + path.read_text("utf-8")
        (tmp_path / "<b>tales" / path.name).write_text(text, "utf-8")
    given = {"samples": QUICK["samples"] | {"prompt": "<script>alert(1)</script>"}}
    compute(request(read_corpus(tmp_path / "<b>tales"), given=given), tmp_path / "out", Reporter())
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
