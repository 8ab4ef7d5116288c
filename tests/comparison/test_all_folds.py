"""Folds: each is a comparison of its own, and what all say together stands in the first."""

import json
import shutil

import pytest

from toolkit.cli.conditions import parse_condition
from toolkit.comparison import comparison as comparison_module
from toolkit.comparison.all_folds import later_folds
from toolkit.comparison.arguments import make_request
from toolkit.comparison.comparison import compare
from toolkit.comparison.reporter import Silent
from toolkit.errors import InputError
from toolkit.evaluation.folds import folds_of
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split

pytestmark = pytest.mark.slow

TINY = {"samples": {"characters": 60, "count": 2}}


def asked(corpus, folds=5, tokenizers="char@ngram,word:unk@ngram", **options):
    return make_request(tokenizers=tokenizers, corpus=corpus, folds=folds, settings=TINY, **options)


@pytest.fixture(scope="module")
def folder(corpus, made_once):
    """A comparison of five folds."""
    return made_once("five-folds", lambda folder: compare(asked(corpus), folder / "out", Silent())) / "out"


@pytest.fixture
def copied(corpus, made_once, tmp_path):
    """A comparison of two folds, to be changed."""
    made = made_once("two-folds", lambda folder: compare(asked(corpus, folds=2), folder / "out", Silent()))
    return shutil.copytree(made / "out", tmp_path / "out")


def loaded(folder):
    return Comparison.load(folder / "comparison.json")


def runs(folder):
    """When each run's scores were written."""
    return {file: file.stat().st_mtime_ns for file in folder.rglob("scores.npz")}


def test_each_fold_is_a_comparison_of_other_documents_and_the_first_has_all(folder, corpus):
    whole = loaded(folder)
    comparisons = [whole, *(loaded(folder / "folds" / str(number)) for number in range(2, 6))]
    held_out = [name for one in comparisons for name in one.corpus.split.test]
    assert sorted(held_out) == sorted(document.name for document in corpus.documents)
    assert [{cell.fold for cell in one.done} for one in comparisons] == [{number} for number in range(1, 6)]
    assert [one.folds is None for one in comparisons] == [False, True, True, True, True]
    folds = whole.folds
    assert [fold.folder for fold in folds.folds] == [".", *(f"folds/{number}" for number in range(2, 6))]
    for column in folds.columns:
        assert [document.name for document in column.documents] == held_out
        cells = [cell for one in comparisons for cell in one.done if cell.column == column.column]
        bits = sum(document.bits for cell in cells for document in cell.documents)
        assert column.bits_per_character == pytest.approx(bits / corpus.characters)
    (contrast,) = folds.contrasts
    a, b = (column.bits_per_character for column in folds.columns)
    assert contrast.difference == pytest.approx(a - b)
    assert folds == folds_of(comparisons, [fold.folder for fold in folds.folds])
    assert "fold 3 of 5" in " ".join(loaded(folder / "folds" / "3").corpus.notes)
    page = (folder / "index.html").read_text("utf-8")
    assert "Every document, held out once" in page
    assert 'href="folds/4/index.html"' in page
    assert whole.verdicts[0].endswith("with this recipe and this much training text).")


def test_the_first_of_five_is_the_comparison_without_folds(folder, corpus, tmp_path):
    plain = compare(asked(corpus, folds=1), tmp_path / "plain", Silent())
    first = loaded(folder)
    assert plain.folds is None
    assert [(cell.column, cell.documents) for cell in plain.done] == [(c.column, c.documents) for c in first.done]
    assert plain.contrasts == first.contrasts
    assert (tmp_path / "plain" / "compare.toml").read_bytes() == (folder / "compare.toml").read_bytes()
    before = runs(tmp_path / "plain")
    grown = compare(asked(corpus), tmp_path / "plain", Silent())
    assert runs(tmp_path / "plain").items() >= before.items()
    assert grown.folds == first.folds


@pytest.mark.parametrize("settings", [{}, {"train": {"epochs": 2}}, {"train": {"budget_seconds": 9.0}}])
def test_in_every_fold_all_columns_make_as_many_passes_over_its_own_text(corpus, settings):
    first = make_request(tokenizers="char,word:unk,bpe,char@gru", corpus=corpus, folds=2, settings=settings)
    passes = []
    for request in (first, *later_folds(first)):
        lengths = {(spec.basis.settings.train.counted_in, spec.basis.settings.train.length) for spec in request.specs()}
        ((unit, length),) = lengths
        train = request.settings.train
        read = length * train.batch * train.window_characters / request.training_characters(1.0)
        passes.append(read if unit == "updates" else length)
    assert passes[0] == pytest.approx(passes[1], rel=0.02)


def test_a_run_of_a_fold_knows_what_was_held_out(folder):
    run = load_run(folder / "folds" / "2" / "runs" / "char-ngram-seed0")
    names = loaded(folder / "folds" / "2").corpus.split.test
    assert [document.name for document in own_split(run.spec).test] == names


def test_what_is_finished_is_not_computed_again_and_more_goes_on_in_all_folds(copied, corpus):
    before = runs(copied)
    compare(asked(corpus, folds=2), copied, Silent())
    assert runs(copied) == before
    more = compare(asked(corpus, folds=1, tokenizers="bpe@ngram"), copied, Silent())  # what the folder has stays
    assert runs(copied).items() >= before.items()
    assert len(runs(copied)) == len(before) + 2
    assert [column.column for column in more.folds.columns] == ["char@ngram", "word:unk@ngram", "bpe@ngram"]
    assert len(more.folds.contrasts) == 3


def test_what_is_interrupted_goes_on_with_the_fold_that_it_was_in(corpus, tmp_path, monkeypatch):
    compared, number = comparison_module.compared, []

    def interrupted(*arguments):
        number.append(1)
        if len(number) == 2:
            raise KeyboardInterrupt
        return compared(*arguments)

    monkeypatch.setattr(comparison_module, "compared", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare(asked(corpus, folds=2), tmp_path / "out", Silent())
    assert loaded(tmp_path / "out").folds is None  # the first is a comparison by itself
    before = runs(tmp_path / "out")
    assert len(before) == 2
    compare(asked(corpus, folds=2), tmp_path / "out", Silent())
    assert runs(tmp_path / "out").items() >= before.items()
    assert len(loaded(tmp_path / "out").folds.folds) == 2


def test_a_fresh_start_leaves_no_fold_and_other_folds_are_refused(copied, corpus):
    with pytest.raises(InputError, match=r"corpus\.fold"):
        compare(asked(corpus, folds=3), copied, Silent())
    (copied / "folds" / "9").mkdir()
    again = compare(asked(corpus, folds=2, tokenizers="char@ngram"), copied, Silent(), fresh=True)
    assert [column.column for column in again.folds.columns] == ["char@ngram"]
    assert again.folds.contrasts == []
    assert [path.name for path in (copied / "folds").iterdir()] == ["2"]


def test_the_command_tells_of_all_folds_and_checks_conditions_on_them(copied, corpus_folder, monkeypatch, capsys):
    from toolkit.cli import main

    words = ["toolkit", "compare", "--tokenizers", "char@ngram,word:unk@ngram", "--corpus", str(corpus_folder)]
    words += ["--folds", "2", "--out", str(copied), "--quiet"]
    words += ["--set", "samples.characters=60", "--set", "samples.count=2"]

    def call(*more):
        monkeypatch.setattr("sys.argv", [*words, *more])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr()

    code, printed = call()
    assert code == 0
    assert "All folds: " in printed.out
    condition = 'folds."char@ngram"."word:unk@ngram".difference'
    assert call("--fail-if", f"{condition} > 100")[0] == 0
    code, printed = call("--fail-if", f"{condition} < 100", "--json")
    assert code == 1
    assert "so the condition < 100 of --fail-if holds" in printed.err
    assert len(json.loads(printed.out)["folds"]["folds"]) == 2
    told = parse_condition("folds.char.bpe.difference > 0").failure(loaded(copied / "folds" / "2"))
    assert "no folds" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folds": 0}, "--folds"),
        ({"folds": 6}, "needs at least 12 documents"),
        ({"distribute": "mirrored"}, "--folds trains"),
    ],
)
def test_what_folds_cannot_do_is_refused_before_anything_is_computed(corpus, options, said):
    with pytest.raises(InputError, match=said):
        asked(corpus, **options)
