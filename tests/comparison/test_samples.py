"""Samples are made for the smallest seed of a column, with all training text and in the first fold."""

import csv

import pytest

from tests.helpers.comparisons import request
from toolkit.comparison.alone import train_alone
from toolkit.comparison.compare import compute
from toolkit.comparison.joining import reported
from toolkit.comparison.progress import Reporter
from toolkit.report.columns import Results
from toolkit.report.explorer import blind
from toolkit.results.comparison import FOUND, Comparison
from toolkit.text.folds import Fold

pytestmark = pytest.mark.slow

SAMPLES = {"samples": {"characters": 400, "count": 2, "temperature": 0.8}}


def sampled_request(corpus, columns="char@ngram,word:unk@ngram", **fields):
    """Return the request of a command."""
    return request(corpus, columns, given=SAMPLES, **fields)


def sampled(comparison):
    """The column, fraction and seed of the cells with samples."""
    return [(cell.column, cell.fraction, cell.seed) for cell in comparison.done if cell.generated]


def sampled_runs(folder):
    """The runs with a file of samples."""
    return sorted(file.parent.name for file in folder.glob("runs/*/samples.jsonl"))


@pytest.fixture(scope="module")
def folder(corpus, made_once):
    """A comparison with two seeds and two fractions."""
    columns = sampled_request(corpus, seeds=(0, 1), fractions=(0.5, 1.0), verify=True)
    return made_once("samples-of-one-seed", lambda folder: compute(columns, folder / "out", Reporter())) / "out"


@pytest.fixture(scope="module")
def whole(folder):
    """The comparison in that folder."""
    return Comparison.load(folder / FOUND)


def test_the_smallest_seed_of_each_column_has_samples(folder, whole):
    assert sampled(whole) == [("char@ngram", 1.0, 0), ("word:unk@ngram", 1.0, 0)]
    assert sampled_runs(folder) == ["char-ngram-seed0", "word-unk-ngram-seed0"]
    assert all(cell.verified for cell in whole.done)
    assert list(whole.generated) == whole.columns
    assert {writer for _, writer in blind(Results(whole))["data"]["blind"]["passages"]} > set(whole.columns)


def test_tables_have_measures_only_where_there_are_samples(folder, whole):
    with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, cell in zip(rows, whole.done, strict=True):
        measured = cell.generated.measures["novelty_5"].value if cell.generated else ""
        assert row["novelty_5"] == str(measured)
    frame = whole.to_frame()
    assert list(frame["novelty_5"].isna()) == [cell.generated is None for cell in whole.done]


def test_a_later_smaller_seed_has_samples_of_its_own_and_the_first_keeps_its(corpus, whole, tmp_path):
    first = compute(sampled_request(corpus, "char@ngram", seeds=(1,)), tmp_path / "out", Reporter())
    assert sampled(first) == [("char@ngram", 1.0, 1)]
    larger = compute(sampled_request(corpus, "char@ngram", seeds=(0, 1)), tmp_path / "out", Reporter())
    assert sampled(larger) == [("char@ngram", 1.0, 0), ("char@ngram", 1.0, 1)]
    assert larger.done[1].generated == first.done[0].generated
    assert larger.done[0].generated == whole.generated["char@ngram"] == larger.generated["char@ngram"]


def test_comparisons_with_and_without_samples_can_be_joined(corpus, folder, whole, tmp_path):
    other = tmp_path / "bpe"
    compute(sampled_request(corpus, "bpe@ngram", seeds=(0, 1), fractions=(0.5, 1.0)), other, Reporter())
    subwords = Comparison.load(other / FOUND)
    for cell in subwords.done:
        cell.generated = None
    subwords.save(other / FOUND)
    joined = reported([folder, other], out=tmp_path / "joined")
    assert list(joined.generated) == whole.columns
    page = (tmp_path / "joined" / "index.html").read_text("utf-8")
    assert 'id="samples"' in page
    assert 'id="samples"' not in (reported([other]).folder / "index.html").read_text("utf-8")


def test_a_finished_run_without_samples_is_not_taken_over_where_they_are_needed(corpus, folder, tmp_path):
    columns = sampled_request(corpus, "char@ngram", seeds=(1,), fractions=(0.5, 1.0))
    alone = compute(columns, tmp_path / "out", Reporter(), beside=[folder])
    assert sampled(alone) == [("char@ngram", 1.0, 1)]


def test_only_the_first_fold_has_samples(corpus, tmp_path):
    compute(sampled_request(corpus, "char@ngram", fold=Fold(1, 5)), tmp_path / "out", Reporter())
    folds = [tmp_path / "out", *(tmp_path / "out" / "folds" / str(number) for number in range(2, 6))]
    assert [len(sampled(Comparison.load(fold / FOUND))) for fold in folds] == [1, 0, 0, 0, 0]
    pages = [(fold / "index.html").read_text("utf-8") for fold in folds]
    assert ['id="samples"' in page for page in pages] == [True, False, False, False, False]


def test_a_cell_alone_has_samples(corpus, tmp_path):
    cell = train_alone(sampled_request(corpus, "char@ngram", seeds=(3,)), tmp_path / "run", Reporter())
    assert len(cell.generated.samples) == 2
    assert (tmp_path / "run" / "samples.jsonl").is_file()
