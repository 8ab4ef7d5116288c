"""Folds: each is a comparison of its own in one folder, and the first has the conclusions over all documents."""

import shutil

import pytest

from tests.helpers.comparisons import Recorder, contents, request, written
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import saved_state
from toolkit.text.splits import Fold

pytestmark = pytest.mark.slow

FIVE = Fold(1, 5)


@pytest.fixture(scope="module")
def folder(brief, made_once):
    """The folder of a comparison of five folds with two seeds."""
    five = request(brief, fold=FIVE, seeds=(0, 1))
    return made_once("five-folds", lambda folder: compute(five, folder / "out", Reporter())) / "out"


@pytest.fixture
def copied(folder, tmp_path):
    """A copy of that folder, to be changed."""
    return shutil.copytree(folder, tmp_path / "out")


def comparisons_of(folder):
    """Return the comparisons of all folds."""
    places = [folder, *(folder / "folds" / str(number) for number in range(2, 6))]
    return [Comparison.load(place / "comparison.json") for place in places]


def test_conclusions_are_of_all_documents_held_out_once(folder, brief):
    comparisons = comparisons_of(folder)
    whole, folds = comparisons[0], comparisons[0].folds
    held_out = [name for comparison in comparisons for name in comparison.corpus.split.test]
    assert sorted(held_out) == sorted(document.name for document in brief.documents)
    assert [{cell.fold for cell in comparison.done} for comparison in comparisons] == [{n} for n in range(1, 6)]
    assert [comparison.folds is None for comparison in comparisons] == [False, True, True, True, True]
    assert [split.test for split in whole.corpus.splits] == [other.corpus.split.test for other in comparisons]
    assert whole.answering == (folds.totals, folds.contrasts)
    for column, total in folds.totals.items():
        cells = [cell for comparison in comparisons for cell in comparison.done if cell.column == column]
        bits = sum(document.bits for cell in cells for document in cell.documents) / 2  # two seeds
        assert total == pytest.approx(bits / brief.characters)


def test_each_fold_has_tokenizers_of_its_own_training_text(folder, brief):
    for fold in request(brief, fold=FIVE).folds():
        number = fold.fold.number
        run = (folder if number == 1 else folder / "folds" / str(number)) / "runs" / "word-unk-ngram-seed0"
        tokenizer = fold.tokenizer(fold.columns[1]).fit(fold.split.train, fold.split.valid)
        assert saved_state(run) == tokenizer.state()


def test_cells_computed_without_folds_are_those_of_the_first(folder, brief, tmp_path):
    plain = compute(request(brief, seeds=(0, 1)), tmp_path / "out", Reporter())
    assert plain.folds is None
    times = written(tmp_path / "out", "scores.npz")
    compute(request(brief, fold=FIVE, seeds=(0, 1)), tmp_path / "out", Reporter())
    assert written(tmp_path / "out", "scores.npz").items() >= times.items()
    assert contents(tmp_path / "out") == contents(folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_seed_more_is_computed_in_all_folds_and_others_are_kept(folder, brief, tmp_path, workers):
    """Whether the command names the folds or not, and also by two processes."""
    compute(request(brief, fold=FIVE), tmp_path / "out", Reporter())
    times = written(tmp_path / "out", "scores.npz")
    larger = request(brief, **({"fold": FIVE} if workers == 2 else {}), seeds=(0, 1), workers=workers)
    reporter = Recorder()
    compute(larger, tmp_path / "out", reporter)
    assert len(reporter.cells) == 2 * 5
    assert written(tmp_path / "out", "scores.npz").items() >= times.items()
    grown, whole = (
        {name: content for name, content in contents(place).items() if "runs/" in name}
        for place in (tmp_path / "out", folder)
    )
    assert grown == whole
    assert comparisons_of(tmp_path / "out")[0].folds == comparisons_of(folder)[0].folds
    compute(larger, tmp_path / "out", reporter)
    assert len(reporter.cells) == 2 * 5


def test_growth_that_is_interrupted_continues_in_all_folds(copied, brief):
    more = request(brief, "bpe@ngram", seeds=(0, 1), command="more")
    with pytest.raises(KeyboardInterrupt):
        compute(more, copied, Recorder(stop_after=3))
    times = written(copied, "scores.npz")
    whole = compute(more, copied, Reporter())
    assert written(copied, "scores.npz").items() >= times.items()
    names = ["char@ngram", "word:unk@ngram", "bpe@ngram"]
    assert list(whole.folds.totals) == names
    assert len(whole.folds.contrasts) == 3
    assert [comparison.columns for comparison in comparisons_of(copied)] == [names] * 5
    assert [comparison.command for comparison in comparisons_of(copied)] == ["toolkit compare; more"] * 5


def test_a_fresh_start_removes_the_folds(copied, brief):
    compute(request(brief, "char@ngram"), copied, Reporter(), fresh=True)
    assert not (copied / "folds").exists()
