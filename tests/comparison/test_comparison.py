"""The main job on a small corpus: files as the interface says, resumed, refused, and blind to the test text."""

import json
import os
import shutil
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from toolkit.comparison.comparison import compare
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.request import Request
from toolkit.comparison.where import Where
from toolkit.errors import InputError, VerificationError
from toolkit.evaluation.contrasts import contrasts_of, noise_differences
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.bits import BANDS, NO_CLASS, PARTS
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load_cell, load_scores
from toolkit.text.corpus import Corpus, Document
from toolkit.text.neutral import word_spans, words
from toolkit.text.sources import read_corpus
from toolkit.text.tagging import Tagger
from toolkit.training import trainer
from toolkit.training.trained import DivergedError

pytestmark = pytest.mark.slow


@pytest.fixture
def found(comparison_folder):
    return Comparison.load(comparison_folder / "comparison.json")


def request(corpus, settings, names="char", **changes):
    return Request(corpus, parse_columns(names.split(","), {}), settings, **changes)


def test_numbers_agree_with_each_other(found):
    assert [cell.column for cell in found.cells] == ["char", "word:pos", "word:unk"]
    for cell in found.done:
        bpc = cell.bits_per_character
        assert bpc.total == pytest.approx(sum(getattr(bpc, part) for part in PARTS))
        assert sum(d.characters for d in cell.documents) == found.corpus.test_characters
        assert sum(d.bits for d in cell.documents) == pytest.approx(bpc.total * found.corpus.test_characters)
        assert [band.band for band in cell.by_frequency] == list(BANDS)
        assert sum(band.bits for band in cell.by_frequency) == pytest.approx(bpc.total * found.corpus.test_characters)
        network_bits = (bpc.total - bpc.spelling) * found.corpus.test_characters
        assert np.log2(cell.perplexity_per_token) * cell.tokens == pytest.approx(network_bits)
        assert cell.updates == cell.history[-1].updates
    assert len({tuple(band.characters for band in cell.by_frequency) for cell in found.done}) == 1


def test_contrasts_are_all_pairs_of_the_means(found):
    total = {cell.column: cell.bits_per_character.total for cell in found.done}
    assert [(c.a, c.b) for c in found.contrasts] == [
        ("char", "word:pos"),
        ("char", "word:unk"),
        ("word:pos", "word:unk"),
    ]
    for contrast in found.contrasts:
        assert contrast.difference == pytest.approx(total[contrast.a] - total[contrast.b])


def test_noise_is_the_same_text_for_every_column_and_its_clean_bits_are_the_cells(found):
    texts = [[(n.name, n.letters, n.changed, n.characters) for n in cell.noise] for cell in found.done]
    assert texts[0] == texts[1] == texts[2]
    assert [changed > 0 for _, _, changed, _ in texts[0]] == [True] * 3
    for cell in found.done:
        bpc = cell.bits_per_character
        for noise in cell.noise:
            assert noise.clean_bits / noise.characters == pytest.approx(bpc.total - bpc.document_ends)
            assert sum(share.bits for share in noise.documents) == pytest.approx(noise.bits - noise.clean_bits)


def test_anyone_can_compute_what_noise_costs_again_from_the_file(found):
    assert noise_differences(found.model_copy(update={"noise": []})) == found.noise
    extra = {(cell.column, noise.name): noise.extra for cell in found.done for noise in cell.noise}
    for contrast in found.noise:
        without = 0 if contrast.b is None else extra[contrast.b, contrast.at]
        assert contrast.difference == pytest.approx(extra[contrast.a, contrast.at] - without)


def test_anyone_can_compute_the_contrasts_again_from_the_file(found):
    assert contrasts_of(found.model_copy(update={"contrasts": []})) == found.contrasts


def test_passages_have_each_characters_bits_and_what_each_column_read(found):
    totals = {name: cells[0].bits_per_character.total for name, cells in found.by_column.items()}
    ranked = sorted(totals, key=totals.__getitem__)
    assert found.passages[0].why == "middle"
    assert len(found.passages) > 1
    for passage in found.passages:
        assert list(passage.bits) == ranked
        assert [passage.best, passage.other] == ranked[:2]
        assert all(len(bits) == len(passage.text) for bits in passage.bits.values())
        assert all(sum(reading.widths) == len(passage.text) for reading in passage.readings.values())
        assert set(passage.readings) == set(ranked)


def test_a_run_has_its_files_and_nothing_that_carries_code(comparison_folder):
    for run in (comparison_folder / "runs").iterdir():
        names = {path.name for path in run.iterdir()}
        assert {"config.toml", "environment.json", "tokenizer", "weights.safetensors", "history.csv"} <= names
        assert {"scores.npz", "samples.jsonl"} <= names
        assert not [path for path in run.rglob("*") if path.suffix in {".pkl", ".keras", ".py"}]


def test_the_model_that_tagged_is_among_the_versions_of_a_comparison_and_of_runs_that_have_its_tags(
    comparison_folder, found
):
    model = Tagger().versions
    assert model.items() <= found.versions.items()
    for run in (comparison_folder / "runs").iterdir():
        made_by = json.loads((run / "environment.json").read_text("utf-8"))["versions"]
        assert (model.items() <= made_by.items()) == run.name.startswith("word-pos")


@pytest.fixture
def copied(comparison_folder, tmp_path):
    """A copy of the whole comparison, to be changed."""
    return shutil.copytree(comparison_folder, tmp_path / "copy")


def test_the_same_command_again_changes_no_number(corpus, tiny_settings, copied, found):
    before = {path: path.stat().st_mtime_ns for path in (copied / "runs").rglob("*")}
    again = compare(request(corpus, tiny_settings, "char,word,word:unk"), copied, Silent())
    assert {path: path.stat().st_mtime_ns for path in (copied / "runs").rglob("*")} == before
    assert again == found  # with the time and the command that made it


def test_a_missing_run_is_made_again_and_is_the_same(corpus, tiny_settings, comparison_folder, copied):
    shutil.rmtree(copied / "runs" / "word-pos-seed0")
    compare(request(corpus, tiny_settings, "char,word,word:unk"), copied, Silent())
    for name in ("weights.safetensors", "tokenizer/tokenizer.json"):
        old, new = (folder / "runs" / "word-pos-seed0" / name for folder in (comparison_folder, copied))
        assert old.read_bytes() == new.read_bytes()


def test_other_settings_are_refused_by_name(corpus, tiny_settings, copied):
    other = tiny_settings.model_copy(update={"train": tiny_settings.train.model_copy(update={"updates": 13})})
    with pytest.raises(InputError, match=r"train\.updates is 12, here it is 13"):
        compare(request(corpus, other, "char,word,word:unk"), copied, Silent())


def test_an_embedding_that_is_as_wide_as_there_are_units_is_the_same_said_or_not(corpus, tiny_settings):
    network = tiny_settings.network
    assert network.embedding is None
    said = tiny_settings.model_copy(update={"network": network.model_copy(update={"embedding": network.units})})
    assert request(corpus, said).asked() == request(corpus, tiny_settings).asked()


GIVEN, GIVEN_RUNS = "char,word,bpe@ngram", ("char-seed0", "word-pos-seed0", "bpe-ngram-seed0")


@pytest.fixture(scope="module")
def given_split(brief_folder, quick_settings, made_once):
    """The tales as a given split, in ``corpus``, and their comparison, in ``out``."""

    def make(folder):
        for part, tales in {"train": range(6), "valid": range(6, 8), "test": range(8, 10)}.items():
            (folder / "corpus" / part).mkdir(parents=True)
            for tale in tales:
                shutil.copy(brief_folder / f"tale{tale}.txt", folder / "corpus" / part)
        compare(request(read_corpus(folder / "corpus"), quick_settings, GIVEN), folder / "out", Silent())

    return made_once("given-split", make)


def compared_with_others(given_split, replaced, settings, folder, columns):
    """The same comparison, with other documents in one part of the split."""
    shutil.copytree(given_split / "corpus", folder / "corpus")
    shutil.rmtree(folder / "corpus" / replaced)
    (folder / "corpus" / replaced).mkdir()
    other = "Zażółć gęślą jaźń — completely different WORDS! 😀\n" * 9
    for name in ("one", "two"):
        (folder / "corpus" / replaced / f"{name}.txt").write_text(name + other, "utf-8")
    compare(request(read_corpus(folder / "corpus"), settings, columns), folder / "out", Silent())
    return folder / "out"


CHOICES = ("order", "lexicon_share", "concentration", "shared_concentration")  # the speller's, made on validation text


def learnt(run):
    """What the tokenizer learnt, without what was chosen on validation documents."""
    state = json.loads((run / "tokenizer" / "tokenizer.json").read_text("utf-8"))
    return {k: {i: c for i, c in v.items() if i not in CHOICES} if k == "speller" else v for k, v in state.items()}


def test_replacing_the_validation_documents_changes_choices_only(given_split, quick_settings, tmp_path):
    counted = "char@ngram,word@ngram,bpe@ngram"  # of the same tokenizers
    other = compared_with_others(given_split, "valid", quick_settings, tmp_path, counted)
    for run, there in zip(GIVEN_RUNS, ("char-ngram-seed0", "word-pos-ngram-seed0", "bpe-ngram-seed0"), strict=True):
        assert learnt(given_split / "out" / "runs" / run) == learnt(other / "runs" / there)


def test_bands_are_of_the_training_texts_counts(found, split):
    counts = Counter(word for document in split.train for word in words(document.text))
    unseen = sum(e - s for document in split.test for s, e, word in word_spans(document.text) if word not in counts)
    assert unseen > 0
    assert {cell.by_frequency[0].characters for cell in found.done} == {unseen}


def test_a_failed_seed_leaves_the_other_cells_their_contrasts(brief, quick_settings, tmp_path, monkeypatch):
    right = trainer.train

    def failing(tokenizer, train, valid, network, settings, seed, *others):
        if seed == (0 if tokenizer.one_hot else 1):
            raise DivergedError("the training loss became nan within 3 updates")
        return right(tokenizer, train, valid, network, settings, seed, *others)

    monkeypatch.setattr(trainer, "train", failing)
    found = compare(request(brief, quick_settings, "char,word:unk", seeds=(0, 1)), tmp_path / "out", Silent())
    total = {cell.column: cell.bits_per_character.total for cell in found.done}
    assert [contrast.difference for contrast in found.contrasts] == [pytest.approx(total["char"] - total["word:unk"])]


def test_replacing_the_test_documents_leaves_tokenizers_and_weights_unchanged(given_split, quick_settings, tmp_path):
    other = compared_with_others(given_split, "test", quick_settings, tmp_path, GIVEN)
    for run in GIVEN_RUNS:
        a, b = (out / "runs" / run for out in (given_split / "out", other))
        assert (a / "tokenizer" / "tokenizer.json").read_bytes() == (b / "tokenizer" / "tokenizer.json").read_bytes()
        (file,) = (path.name for path in a.glob("*.safetensors"))
        weights_a, weights_b = load_file(a / file), load_file(b / file)
        assert all((weights_a[name] == weights_b[name]).all() for name in weights_a)
        checks = [[row.valid_bits_per_character for row in load_cell(folder).history] for folder in (a, b)]
        assert checks[0] == checks[1]  # no check of training has read a test document


def test_verify_fills_the_proof(corpus, tiny_settings, copied):
    found = compare(request(corpus, tiny_settings, "char,word,word:unk", verify=True), copied, Silent())
    for cell in found.done:
        assert cell.verified.characters == found.corpus.test_characters
        assert cell.verified.bits / 8 - 16 <= cell.verified.bytes <= cell.verified.bits / 8 * 1.005 + 16


def test_verify_fails_where_the_reported_bits_are_wrong(corpus, tiny_settings, copied):
    file = copied / "runs" / "word-unk-seed0" / "cell.json"
    cell = json.loads(file.read_text())
    cell["documents"][0]["bits"] *= 0.98
    file.write_text(json.dumps(cell))
    with pytest.raises(VerificationError, match="bits were reported"):
        compare(request(corpus, tiny_settings, "char,word,word:unk", verify=True), copied, Silent())


def test_a_cell_that_diverges_is_reported_and_the_rest_goes_on(brief, quick_settings, tmp_path, monkeypatch):
    right = trainer.train

    def failing(tokenizer, *arguments):
        if tokenizer.one_hot:
            raise DivergedError("the training loss became nan within 3 updates")
        return right(tokenizer, *arguments)

    monkeypatch.setattr(trainer, "train", failing)
    found = compare(request(brief, quick_settings, "char,word:unk"), tmp_path / "out", Silent())
    assert [cell.status for cell in found.cells] == ["failed", "done"]
    assert found.contrasts == []
    monkeypatch.setattr(trainer, "train", None)  # what is complete is not computed again
    assert compare(request(brief, quick_settings, "char,word:unk"), tmp_path / "out", Silent()) == found
    assert "became nan" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_markup_in_a_corpus_shows_as_text(corpus_folder, tiny_settings, tmp_path):
    shutil.copytree(corpus_folder, tmp_path / "<b>tales")
    for path in (tmp_path / "<b>tales").iterdir():
        path.write_text("<script>alert(1)</script> " + path.read_text("utf-8"), "utf-8")
    settings = tiny_settings.model_copy(
        update={"samples": tiny_settings.samples.model_copy(update={"prompt": "<script>alert(1)</script>"})}
    )
    asked = request(read_corpus(tmp_path / "<b>tales"), settings, "char@ngram,word:unk@ngram")
    compare(asked, tmp_path / "out", Silent())
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_lone_held_out_document_is_compared_over_its_segments(corpus_folder, tiny_settings, tmp_path):
    (tmp_path / "one").mkdir()
    for part, tales in (("train", range(6)), ("valid", (6,)), ("test", (7,))):
        text = "\n".join((corpus_folder / f"tale{tale}.txt").read_text("utf-8") for tale in tales)
        (tmp_path / "one" / f"{part}.txt").write_text(text, "utf-8")
    asked = request(read_corpus(tmp_path / "one"), tiny_settings, "char@ngram,word:unk")
    found = compare(asked, tmp_path / "out", Silent())
    (contrast,) = found.contrasts
    assert contrast.low <= contrast.difference <= contrast.high
    assert len(found.done[0].documents) == 1
    assert (contrast.units, contrast.unit) == (6, "segment")
    units = [cell.documents[0].units for cell in found.done]
    assert [[unit.characters for unit in of_cell] for of_cell in units] == [[u.characters for u in units[0]]] * 2
    assert len(units[0]) == 20
    for cell, of_cell in zip(found.done, units, strict=True):
        assert sum(unit.bits for unit in of_cell) == pytest.approx(cell.documents[0].bits)
    assert contrasts_of(Comparison.load(tmp_path / "out" / "comparison.json")) == found.contrasts
    assert "one_document" in {warning.kind for warning in found.warnings}


def test_parts_of_speech_divide_the_same_text_and_the_same_bits(found):
    for cell in found.done:
        parts = cell.by_part_of_speech
        assert {"NOUN", "VERB", "DET"} < {part.pos for part in parts}
        assert sum(part.characters for part in parts) == found.corpus.test_characters
        assert sum(part.bits for part in parts) == pytest.approx(sum(band.bits for band in cell.by_frequency))
        assert parts[-1].characters == cell.by_frequency[-1].characters
        assert parts[-1].bits == pytest.approx(cell.by_frequency[-1].bits)
    assert len({tuple((part.pos, part.characters) for part in cell.by_part_of_speech) for cell in found.done}) == 1


def test_without_a_tagger_the_parts_of_speech_are_not_told(corpus, tiny_settings, tmp_path, monkeypatch):
    def missing(_):
        raise InputError("No model is installed.")

    monkeypatch.setattr(Tagger, "check", missing)
    welsh = replace(corpus, language="cy")
    found = compare(request(welsh, tiny_settings, "char@ngram,bpe@ngram"), tmp_path / "out", Silent())
    assert [cell.by_part_of_speech for cell in found.done] == [[], []]
    assert not [cell for cell in found.done if "pos_jsd" in cell.generated.measures]
    assert "No tagger is installed for the language cy" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_the_words_bits_are_those_of_the_held_out_text(found, split):
    counts = Counter(word for document in split.test for word in words(document.text))
    shown = found.words
    assert shown.words
    assert list(shown.bits) == found.columns
    for word in shown.words:
        assert word.count == counts[word.text]
    for cell in found.done:
        whole = sum(band.bits for band in cell.by_frequency[:-1])
        assert 0 < sum(shown.bits[cell.column]) <= whole * (1 + 1e-9)
    if len(shown.words) == len(counts):  # then nothing is left out
        assert sum(shown.bits["char"]) == pytest.approx(sum(b.bits for b in found.done[0].by_frequency[:-1]))


def test_samples_tell_where_placeholders_were_filled(found):
    filled = set()
    for cell in found.done:
        for sample in cell.generated.samples:
            if sample.spelled is None:
                assert sample.fills == []
                continue
            filled.add(cell.column)
            assert len(sample.text) == len(sample.spelled.text)
            first = min(fill.start for fill in [*sample.fills[:1], *sample.spelled.fills[:1]])
            assert sample.text[:first] == sample.spelled.text[:first]
            for text, fills in ((sample.text, sample.fills), (sample.spelled.text, sample.spelled.fills)):
                assert all(text[fill.start : fill.end].strip() for fill in fills)
    assert filled
    assert "char" not in filled


def test_a_run_names_the_model_that_tagged_its_words(comparison_folder):
    configs = {run.name: (run / "config.toml").read_text("utf-8") for run in (comparison_folder / "runs").iterdir()}
    assert 'spacy_model = "en_core_web_sm' in configs["word-pos-seed0"]
    assert "spacy_model" not in configs["char-seed0"] + configs["word-unk-seed0"]


@pytest.fixture(scope="module")
def every_column(brief, quick_settings, made_once):
    """A verified comparison of every strategy, of words cut or set otherwise, and of subwords, learnt and given."""
    folder = made_once("every-column", lambda folder: compare_every_column(brief, quick_settings, folder))
    return Comparison.load(folder / "out" / "comparison.json"), folder / "out"


def compare_every_column(corpus, settings, folder):
    """Make the comparison of ``every_column``."""
    from tokenizers import Tokenizer as LibraryTokenizer

    from toolkit.tokenizers.subwords import BytePairs

    given = folder / "tokenizer.json"
    LibraryTokenizer.from_str(BytePairs(vocabulary_size=300).library_json(corpus.documents)).save(str(given))
    options = {
        "cased": {"tokenizer": "word:unk", "case": "mark"},
        "by-documents": {"tokenizer": "word:unk", "rare_max_documents": 1},
        "more-clusters": {"tokenizer": "word:cluster", "k": 5},
    }
    names = [*(f"word:{name}" for name in RARE_WORDS), *options, "whitespace", "bpe", f"hf:{given}"]
    request = Request(corpus, parse_columns(names, options), settings, verify=True, command="toolkit compare")
    assert compare(request, folder / "out", Silent()) == Comparison.load(folder / "out" / "comparison.json")


def test_every_strategy_and_tokenizer_is_verified(every_column):
    comparison, _ = every_column
    assert len(comparison.done) == len(list(RARE_WORDS)) + 6
    for cell in comparison.done:
        assert cell.verified is not None
        assert cell.verified.bits == pytest.approx(sum(document.bits for document in cell.documents))
        assert cell.verified.bits / 8 - 16 <= cell.verified.bytes <= cell.verified.bits / 8 * 1.005 + 16


def test_the_ledger_of_every_column_has_the_parts_that_its_mechanism_has(every_column):
    comparison, _ = every_column
    for cell in comparison.done:
        paid = cell.bits_per_character
        assert paid.total == pytest.approx(sum(getattr(paid, part) for part in PARTS))
        has_classes = cell.strategy is not None
        assert (paid.classes > 0) == (paid.spelling > 0) == has_classes, cell.column


def test_classes_pay_for_what_the_ledger_says_of_them(every_column):
    """Announced and spelled, with the flags that say "no word was dropped here": the parts "classes" and "spelling"."""
    comparison, _ = every_column
    characters = comparison.corpus.test_characters
    for cell in comparison.done:
        paid = cell.bits_per_character
        of_classes = sum(bits.announced + bits.spelled for bits in cell.class_bits)
        if cell.strategy is not None:
            assert of_classes == pytest.approx((paid.classes + paid.spelling) * characters), cell.column
            counts = {of_class.name: of_class.test_tokens for of_class in cell.coverage.classes if of_class.test_tokens}
            assert {bits.name: bits.count for bits in cell.class_bits if bits.name != NO_CLASS} == counts
        else:
            assert cell.class_bits == []
        assert ("no class" in {bits.name for bits in cell.class_bits}) == (cell.strategy == "drop")


def test_what_a_tokenizer_makes_of_words(every_column):
    comparison, _ = every_column
    by_column = {cell.column: cell for cell in comparison.done}
    for cell in comparison.done:
        assert cell.bits_per_byte == pytest.approx(
            cell.bits_per_character.total * comparison.corpus.test_characters / comparison.corpus.test_bytes
        )
        words_held_out = cell.tokens / cell.coverage.tokens_per_word
        assert words_held_out == pytest.approx(comparison.done[0].tokens / comparison.done[0].coverage.tokens_per_word)
        assert 0 < cell.coverage.renyi_efficiency <= 1
        assert 0 <= cell.coverage.whole_word_share <= 1
        for bands in (cell.by_frequency, cell.by_part_of_speech):
            for band in bands:
                assert band.bits == pytest.approx(sum(share.bits for share in band.documents))
                assert band.characters == sum(share.characters for share in band.documents)
                assert len(band.documents) == len(cell.documents)
    assert by_column["bpe"].coverage.tokens_per_word > by_column["word:keep"].coverage.tokens_per_word > 1
    assert by_column["word:unk"].coverage.whole_word_share < by_column["word:keep"].coverage.whole_word_share


def test_multiply_adds_are_those_of_the_products(found):
    """12 units over characters: 12 · 48 for the LSTM's recurrent product and 12 · V for the output, per character."""
    char = found.done[0]
    units, characters = 12, found.corpus.test_characters
    of_an_event = units * 4 * units + units * char.vocabulary_size
    assert char.multiply_adds_per_character.score == pytest.approx(of_an_event * char.tokens / characters)
    train = char.multiply_adds_per_character.train / (3 * of_an_event)
    assert 1 < train < 1.01  # one event per character, and the ends of documents


def test_scores_come_back_from_a_run_with_their_parts(every_column):
    from toolkit.inference.scores import scores_of

    comparison, out = every_column
    for cell in comparison.done:
        scores = scores_of(load_scores(out / cell.run))
        parts = sum(document.parts() for document in scores) / comparison.corpus.test_characters
        assert parts.tolist() == pytest.approx([getattr(cell.bits_per_character, part) for part in PARTS])


def test_more_of_training_is_replaced_by_documents_than_by_count(every_column):
    shares = {cell.column: cell.coverage.replaced_token_share_train for cell in every_column[0].done}
    assert shares["by-documents"] > shares["word:unk"] > shares["word:keep"] == 0


WHOLE = ["char-seed0", "char-seed1", "word-vowels-ngram-seed0", "word-vowels-ngram-seed1"]  # the runs that succeed
DIVERGING = {"bpe": {"train": {"learning_rate": 1e30}}}
PLUG_IN = """
import os
from pathlib import Path

from toolkit.rare_words import RARE_WORDS, RareWords


@RARE_WORDS.add("vowels")
class Vowels(RareWords):
    classes = ("MANY", "FEW")

    def fit(self, rare, kept):
        with Path(__file__).with_suffix(".log").open("a") as log:
            print(os.getpid(), file=log)
        return self

    def class_of(self, word):
        return self.classes[sum(map(word.text.count, "aeiou")) < 3]
"""


class Told(Silent):
    """Which cells were said to be in training, being verified, and finished, in this order."""

    def __init__(self):
        self.trained, self.verified, self.finished_cells = set(), set(), []

    def training(self, cell, progress):
        self.trained.add((cell, progress.updates > 0))

    def verifying(self, cell, done, characters):
        assert 0 < done <= characters
        self.verified.add(cell)

    def finished(self, cell):
        self.finished_cells.append((cell.column, cell.seed, cell.status))

    def save(self, file):
        """Keep what was told in a file."""
        file.write_text(json.dumps([list(self.trained), list(self.verified), self.finished_cells]), "utf-8")

    @classmethod
    def load(cls, file):
        """What ``save`` has kept."""
        told = cls()
        trained, verified, finished = json.loads(file.read_text("utf-8"))
        told.trained, told.verified = {tuple(cell) for cell in trained}, set(verified)
        told.finished_cells = [tuple(cell) for cell in finished]
        return told


@pytest.fixture(scope="module")
def here_and_in_workers(brief, quick_settings, made_once):
    """A verified comparison with someone else's strategy and a column that fails, computed here and by two workers.

    What the strategy is fitted and read by is the same for a model that counts, which decodes without TensorFlow.

    For each the folder, what was found and what was told; the processes in which the strategy was fitted; and the
    process that is here.
    """
    folder = made_once("workers", lambda folder: compare_here_and_in_workers(brief, quick_settings, folder))
    made = [
        (folder / workers, Comparison.load(folder / workers / "comparison.json"), Told.load(folder / f"{workers}.json"))
        for workers in ("1", "2")
    ]
    fitted, here = ((folder / name).read_text("utf-8") for name in ("vowels.log", "here"))
    return *made, [int(line) for line in fitted.split()], int(here)


def compare_here_and_in_workers(corpus, settings, folder):
    """Make the comparisons of ``here_and_in_workers``, and keep beside them what was told."""
    plug_in = folder / "vowels.py"
    plug_in.write_text(PLUG_IN, "utf-8")
    before = set(sys.modules)
    with RARE_WORDS.restored():
        code = {str(plug_in): load_code(plug_in)}
        columns = parse_columns(["bpe", "char", "word:vowels@ngram"], DIVERGING)
        for workers in (1, 2):
            asked = Request(corpus, columns, settings, seeds=(0, 1), code=code, verify=True, where=Where(workers))
            told = Told()
            out = folder / str(workers)
            assert compare(asked, out, told) == Comparison.load(out / "comparison.json")
            told.save(folder / f"{workers}.json")
    for name in {name for name in sys.modules if name.startswith("toolkit_code_")} - before:
        del sys.modules[name]
    (folder / "here").write_text(str(os.getpid()), "utf-8")


def without_seconds(record):
    """Nested values without those that the clock gave."""
    if isinstance(record, dict):
        times = ("seconds", "train_seconds", "characters_per_second")
        return {key: without_seconds(value) for key, value in record.items() if key not in times}
    return [without_seconds(value) for value in record] if isinstance(record, list) else record


def test_cells_are_the_same_from_workers_array_by_array(here_and_in_workers):
    (here, found, _), (there, found_there, _), *_ = here_and_in_workers
    runs = sorted(path.name for path in (here / "runs").iterdir())
    assert runs == WHOLE
    assert sorted(path.name for path in (there / "runs").iterdir()) == runs
    for run in runs:
        a, b = (folder / "runs" / run for folder in (here, there))
        arrays = "counts.safetensors" if "ngram" in run else "weights.safetensors"
        samples = ["samples.jsonl"] if run.endswith("seed0") else []
        for name in (arrays, "tokenizer/tokenizer.json", *samples, "config.toml"):
            assert (a / name).read_bytes() == (b / name).read_bytes(), (run, name)
        scores = [load_scores(folder) for folder in (a, b)]
        assert scores[0].keys() == scores[1].keys()
        assert all((scores[0][name] == scores[1][name]).all() for name in scores[0])
    assert [without_seconds(cell.model_dump()) for cell in found.cells] == [
        without_seconds(cell.model_dump()) for cell in found_there.cells
    ]
    for part in ("contrasts", "passages", "words", "baselines", "settings", "corpus"):
        assert getattr(found, part) == getattr(found_there, part)


def test_a_column_that_fails_in_a_worker_leaves_the_others(here_and_in_workers):
    _, (folder, found, _), *_ = here_and_in_workers
    assert [cell.status for cell in found.cells] == ["failed"] * 2 + ["done"] * 4
    assert "became nan" in found.cells[1].reason
    assert all(cell.verified.characters == found.corpus.test_characters for cell in found.done)
    assert "became nan" in (folder / "index.html").read_text("utf-8")


def test_workers_report_as_the_work_goes_on_and_cells_finish_in_order(here_and_in_workers):
    (*_, here), (*_, there), *_ = here_and_in_workers
    for told in (here, there):
        assert told.trained == {(run, "ngram" not in run) for run in WHOLE}  # what is counted has no updates
        assert told.verified == {*WHOLE, "char-ensemble-seed0-1"}
        assert told.finished_cells == [
            (column, seed, "failed" if column == "bpe" else "done")
            for column in ("bpe", "char", "word:vowels@ngram")
            for seed in (0, 1)
        ]


def test_someone_elses_column_is_fitted_in_processes_of_its_own_once_for_all_seeds_and_again_for_each_proof(
    here_and_in_workers,
):
    *_, fitted, here = here_and_in_workers
    assert len(set(fitted)) == len(fitted) == 2 * (1 + 2)
    assert here not in fitted


def test_the_number_of_workers_is_asked_for_where_the_clock_decides_only(corpus, tiny_settings):
    by_clock = tiny_settings.model_copy(
        update={"train": tiny_settings.train.model_copy(update={"budget_seconds": 90.0})}
    )
    for settings, matters in ((tiny_settings, False), (by_clock, True)):
        one, two = (request(corpus, settings, "char,bpe", where=Where(workers)) for workers in (1, 2))
        assert (one.asked() != two.asked()) == matters
        assert two.asked() == request(corpus, settings, "char,bpe", where=Where(9)).asked()  # there are no more cells
        assert request(corpus, settings, "char", where=Where(9)).asked() == request(corpus, settings, "char").asked()


def test_words_that_are_characters_are_warned_of(tmp_path):
    """As far as 1.0 characters per word: spaCy's Chinese tokenizer without jieba."""
    import spacy

    from toolkit.comparison.library import compare

    spacy.blank("zh").to_disk(tmp_path / "model")
    texts = ("\n\n".join("我们明天去北京大学学习，然后回家。"[n:] * 9 for _ in range(6)) for n in range(6))
    corpus = Corpus("chinese", tuple(Document(str(n), text) for n, text in enumerate(texts)), "zh")
    asked = {"settings": {"samples": {"characters": 60, "count": 2}}, "out": tmp_path / "out", "quiet": True}
    comparison = compare("word:unk@ngram", corpus, spacy_model=str(tmp_path / "model"), **asked)
    (warning,) = (warning for warning in comparison.warnings if warning.columns == ["word:unk@ngram"])
    assert (warning.kind, warning.value) == ("characters_as_words", pytest.approx(1.0, abs=0.05))
    assert comparison.done[0].word_perplexity < 1e6  # a clause as one word had 10^15
