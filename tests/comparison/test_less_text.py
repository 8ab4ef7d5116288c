"""A comparison over fractions of the training documents; its models are counted, which takes no training."""

import numpy as np
import pytest

import toolkit
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.library import make_request
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.stages import taken
from toolkit.errors import InputError
from toolkit.evaluation.scoring import scored_words
from toolkit.out_folder import mark
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split
from toolkit.text.neutral import band, training_counts

COLUMNS = ("char@ngram", "word:unk@ngram")
SHORT = {"samples": {"characters": 120, "count": 2}}


@pytest.fixture(scope="module")
def folder(corpus_folder, tmp_path_factory):
    """The folder of a comparison of two columns at two fractions."""
    out = tmp_path_factory.mktemp("fractions") / "out"
    toolkit.compare(COLUMNS, corpus_folder, fractions="0.5,1", settings=SHORT, out=out, quiet=True)
    return out


@pytest.fixture(scope="module")
def comparison(folder):
    """What it found."""
    return Comparison.load(folder / "comparison.json")


@pytest.mark.slow
def test_every_column_has_a_cell_at_every_fraction(comparison):
    assert [(cell.column, cell.fraction) for cell in comparison.done] == [
        (column, fraction) for column in COLUMNS for fraction in (0.5, 1.0)
    ]


def test_what_is_compared_is_what_learnt_from_everything(comparison):
    totals = {cell.column: cell.bits_per_character.total for cell in comparison.done if cell.fraction == 1}
    (contrast,) = comparison.contrasts
    assert contrast.difference == pytest.approx(totals[COLUMNS[0]] - totals[COLUMNS[1]])
    assert {line[0] for line in comparison.table()[1:3]} == set(COLUMNS)
    assert len(comparison.by_column[COLUMNS[0]]) == 1


def test_a_fraction_is_as_large_as_it_says_and_sees_less(comparison):
    half, whole = comparison.corpus.fractions
    assert half.characters == pytest.approx(0.5 * whole.characters, rel=0.5)
    assert half.types < whole.types
    assert half.unseen_token_share > whole.unseen_token_share == comparison.corpus.coverage.unseen_token_share
    assert whole.types == comparison.corpus.coverage.types
    assert whole.characters == comparison.corpus.train_characters


def test_bands_of_frequency_are_the_same_words_for_all(comparison):
    characters = [[band.characters for band in cell.by_frequency] for cell in comparison.done]
    assert characters == characters[:1] * 4


def test_a_words_band_is_that_of_all_training_documents_wherever_it_is_said(folder, comparison, corpus_folder):
    """So it is for the cell of a fraction on the page; ``toolkit score --per-word`` of its run says the same."""
    request = make_request(tokenizers=COLUMNS, corpus=corpus_folder, fractions="0.5,1")
    counts = training_counts(request.split.train)
    assert counts != training_counts(request.splits[0.5].train)
    (cell, *_) = (cell for cell in comparison.done if cell.fraction == 0.5)
    words = scored_words(folder / cell.run, request.split.test, None)
    assert [word["band"] for word in words] == [band(counts[word["word"]]) for word in words]


def test_a_run_knows_its_fraction(folder, comparison, corpus_folder):
    request = make_request(tokenizers=COLUMNS, corpus=corpus_folder, fractions="0.5,1")
    run = load_run(folder / comparison.done[0].run)
    assert (run.spec.fraction, run.folder.name) == (0.5, "char-ngram-fraction0.5-seed0")
    assert own_split(run.spec).train == request.splits[0.5].train
    assert own_split(run.spec).test == request.split.test


def test_less_text_gives_another_tokenizer(comparison):
    vocabularies = [cell.vocabulary_size for cell in comparison.done if cell.column == COLUMNS[1]]
    assert vocabularies[0] < vocabularies[1]


def test_the_scaling_is_that_of_the_cells(folder, comparison):
    (crossing,) = comparison.scaling.crossings
    totals = {(cell.column, cell.fraction): cell.bits_per_character.total for cell in comparison.done}
    for difference in crossing.differences:
        a, b = (totals[column, difference.at] for column in COLUMNS)
        assert difference.difference == pytest.approx(a - b)
        assert difference.low < difference.difference < difference.high
    assert 'id="scaling"' in (folder / "index.html").read_text("utf-8")


def test_the_recipe_is_that_of_the_fraction(corpus_folder):
    request = make_request(tokenizers="char,word:unk", corpus=corpus_folder, fractions="0.5,1")
    updates = {spec.fraction: spec.basis.settings.train.updates for spec in request.specs()}
    characters = {f: sum(len(d.text) for d in split.train) for f, split in request.splits.items()}
    for fraction, count in updates.items():
        train = request.spec(request.columns[0], 0, fraction).basis.settings.train
        assert count == pytest.approx(20 * characters[fraction] / (train.batch * train.window_characters), abs=1)
    assert updates[1.0] == request.settings.train.updates


def test_settings_of_a_column_are_its_own(corpus_folder):
    settings = {"network": {"units": 24}, "columns": {"char": {"network": {"units": 48}, "train": {"batch": 4}}}}
    request = make_request(tokenizers="char,word:unk", corpus=corpus_folder, settings=settings)
    char, word = (spec.basis.settings for spec in request.specs())
    assert (char.network.units, word.network.units) == (48, 24)
    assert char.train.batch == 4
    assert char.network.recurrent_dropout == word.network.recurrent_dropout
    assert (char.network.dropout, word.network.dropout) == (0.3, 0.5)  # the recipe's, of characters and of words
    assert request.asked()["columns"] == {"char": {"network": {"units": 48}, "train": {"batch": 4}}}


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"network": {"unitz": 4}}, "network.unitz"),
        ({"network": {"units": 0}}, "network.units cannot be 0"),
        ({"network": {"cell": "gru"}}, "char@gru"),
    ],
)
def test_a_setting_of_a_column_that_cannot_be_is_refused(corpus_folder, table, what):
    with pytest.raises(InputError, match=what):
        make_request(tokenizers="char,word:unk", corpus=corpus_folder, settings={"columns": {"char": table}})


def test_rarity_by_documents_is_refused_where_a_fraction_is_one_document(corpus_folder):
    """All its words would be in no other document, and so be spelled."""

    def request(fractions, columns=COLUMNS):
        return make_request(tokenizers=columns, corpus=corpus_folder, fractions=fractions, rare_max_documents=1)

    said = "documents needs more than one training document, and 0.1 of the training text is one; give a larger"
    with pytest.raises(InputError, match=said):
        request("0.1,0.5,1").check()
    request("0.5,1").check()
    request("0.1,0.5,1", COLUMNS[:1]).check()  # characters are not rare


@pytest.mark.slow
def test_a_column_with_rarity_by_documents_does_not_come_to_a_fraction_of_one(corpus_folder, tmp_path):
    out, asked = tmp_path / "out", {"settings": SHORT, "out": tmp_path / "out", "quiet": True}
    toolkit.compare(COLUMNS[0], corpus_folder, fractions="0.1,1", **asked)
    before = (out / "comparison.json").read_bytes()
    with pytest.raises(InputError, match=r"and 0\.1 of the training text is one"):
        toolkit.compare(COLUMNS[1], corpus_folder, rare_max_documents=1, **asked)
    assert (out / "comparison.json").read_bytes() == before


def test_a_folder_that_has_such_a_fraction_goes_on(corpus_folder, tmp_path):
    asked = {"tokenizers": "word:unk@ngram", "corpus": corpus_folder, "rare_max_documents": 1}
    mark(tmp_path, make_request(fractions="0.1,1", **asked).asked(), COMPARISON)
    together = taken(tmp_path, make_request(seeds=2, **asked), Silent(), fresh=False)
    assert (together.fractions, together.seeds) == ((0.1, 1.0), (0, 1))


def test_training_further_is_refused_with_fractions(corpus_folder):
    with pytest.raises(InputError, match="each has its own"):
        make_request(tokenizers="char", corpus=corpus_folder, fractions="0.5,1", more="2x")


def test_scores_of_a_fraction_are_not_those_of_the_whole(comparison):
    half, whole = (cell.documents for cell in comparison.done[:2])
    assert np.any([a.bits != b.bits for a, b in zip(half, whole, strict=True)])


def test_fractions_that_are_the_same_documents_are_refused(corpus_folder):
    request = make_request(tokenizers="char@ngram", corpus=corpus_folder, fractions="0.5,0.999,1")
    with pytest.raises(InputError, match=r"--fractions 0\.999 and 1 of the training text are the same documents"):
        _ = request.splits
