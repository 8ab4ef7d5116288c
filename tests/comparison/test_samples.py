"""Samples are made for the smallest seed of a column, with all training text."""

import pytest

from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.report.columns import Results
from toolkit.report.explorer import blind
from toolkit.results.comparison import FOUND, Comparison

pytestmark = pytest.mark.slow

SAMPLES = {"samples": {"characters": 400, "count": 2, "temperature": 0.8}}


def sampled_request(corpus, columns="char@ngram", **fields):
    """Return the request of a command."""
    return request(corpus, columns, given=SAMPLES, **fields)


def sampled(comparison):
    """Return the column, fraction and seed of the cells with samples."""
    return [(cell.column, cell.fraction, cell.seed) for cell in comparison.done if cell.generated]


@pytest.fixture(scope="module")
def folder(corpus, made_once):
    """The folder of a comparison with two seeds and two fractions."""
    columns = sampled_request(corpus, "char@ngram,word:unk@ngram", seeds=(0, 1), fractions=(0.5, 1.0))
    return made_once("samples-of-one-seed", lambda folder: compute(columns, folder / "out", Reporter())) / "out"


@pytest.fixture(scope="module")
def whole(folder):
    """The comparison in that folder."""
    return Comparison.load(folder / FOUND)


def test_the_smallest_seed_of_each_column_has_samples(folder, whole):
    assert sampled(whole) == [("char@ngram", 1.0, 0), ("word:unk@ngram", 1.0, 0)]
    files = sorted(file.parent.name for file in folder.glob("runs/*/samples.jsonl"))
    assert files == ["char-ngram-seed0", "word-unk-ngram-seed0"]
    assert list(whole.generated) == whole.columns
    assert {writer for _, writer in blind(Results(whole))["data"]["blind"]["passages"]} > set(whole.columns)
    assert list(whole.to_frame()["novelty_5"].isna()) == [cell.generated is None for cell in whole.done]


def test_a_later_smaller_seed_has_samples_of_its_own_and_the_first_keeps_its(corpus, whole, tmp_path):
    first = compute(sampled_request(corpus, seeds=(1,)), tmp_path / "out", Reporter())
    assert sampled(first) == [("char@ngram", 1.0, 1)]
    larger = compute(sampled_request(corpus, seeds=(0, 1)), tmp_path / "out", Reporter())
    assert sampled(larger) == [("char@ngram", 1.0, 0), ("char@ngram", 1.0, 1)]
    assert larger.done[1].generated == first.done[0].generated
    assert larger.done[0].generated == whole.generated["char@ngram"] == larger.generated["char@ngram"]
