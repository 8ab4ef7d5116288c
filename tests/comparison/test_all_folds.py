"""Folds: each is a comparison of its own, and what all say together stands in the first."""

import json
import shutil
from statistics import fmean

import numpy as np
import pytest

from toolkit.comparison import comparison as comparison_module
from toolkit.comparison.all_folds import later_folds
from toolkit.comparison.cell import Work
from toolkit.comparison.comparison import compare
from toolkit.comparison.default_folder import default_folder, folders_beside
from toolkit.comparison.joining import join
from toolkit.comparison.library import make_request
from toolkit.comparison.progress import Reporter as Silent
from toolkit.errors import InputError
from toolkit.evaluation.folds import FoldedColumns
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split
from toolkit.text.corpus import Corpus

pytestmark = pytest.mark.slow

TINY = {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}


def asked(corpus, folds=5, tokenizers="char@ngram,word:unk@ngram", settings=TINY, command="", **options):
    return make_request(
        tokenizers=tokenizers, corpus=corpus, folds=folds, settings=settings, **options, command=command
    )


@pytest.fixture(scope="module")
def folder(brief, made_once):
    """A comparison of five folds with two seeds."""
    made = made_once("five-folds", lambda folder: compare(asked(brief, seeds=2), folder / "out", Silent()))
    return made / "out"


@pytest.fixture
def copied(folder, tmp_path):
    """The same, to be changed."""
    return shutil.copytree(folder, tmp_path / "out")


def loaded(folder):
    return Comparison.load(folder / "comparison.json")


def all_of(folder):
    """The comparisons of all folds."""
    return [loaded(folder), *(loaded(folder / "folds" / str(number)) for number in range(2, 6))]


def runs(folder):
    """When each run's scores were written."""
    return {file: file.stat().st_mtime_ns for file in folder.rglob("scores.npz")}


def test_each_fold_is_a_comparison_of_other_documents_and_the_first_has_all(folder, brief):
    comparisons = all_of(folder)
    whole = comparisons[0]
    held_out = [name for one in comparisons for name in one.corpus.split.test]
    assert sorted(held_out) == sorted(document.name for document in brief.documents)
    assert [{cell.fold for cell in one.done} for one in comparisons] == [{number} for number in range(1, 6)]
    assert [one.folds is None for one in comparisons] == [False, True, True, True, True]
    folds = whole.folds
    assert [fold.folder for fold in folds.folds] == [".", *(f"folds/{number}" for number in range(2, 6))]
    for column in folds.columns:
        assert [document.name for document in column.documents] == held_out
        cells = [cell for one in comparisons for cell in one.done if cell.column == column.column]
        bits = sum(document.bits for cell in cells for document in cell.documents) / 2  # two seeds
        assert (column.seeds, column.bits_per_character) == (2, pytest.approx(bits / brief.characters))
    (contrast,) = folds.contrasts
    a, b = (column.bits_per_character for column in folds.columns)
    assert contrast.difference == pytest.approx(a - b)
    bits = [np.array([[document.bits for document in column.documents]]) for column in folds.columns]
    numbers = np.array([document.fold - 1 for document in folds.columns[0].documents])
    lengths = np.array([document.characters for document in folds.columns[0].documents], float)
    overlap = fmean(fold.characters / fold.train_characters for fold in folds.folds)
    (by_hand,) = FoldedColumns(bits, lengths, folds=numbers, overlap=overlap).contrasts()
    assert contrast.high - contrast.difference == pytest.approx(by_hand.half_width)
    assert by_hand.seed_variance > 0
    assert overlap > 0.2
    facts = comparisons[2].corpus
    third = folds.folds[2]
    assert (third.characters, third.train_characters) == (facts.test_characters, facts.train_characters)
    assert {cell.fold for cell in comparisons[2].done} == {3}
    assert [split.test for split in whole.corpus.splits] == [one.corpus.split.test for one in comparisons]
    page = (folder / "index.html").read_text("utf-8")
    assert "Every document, held out once" in page
    assert 'href="folds/4/index.html"' in page
    assert whole.answering == (folds.totals, folds.contrasts)


def test_the_first_of_five_is_the_comparison_without_folds_and_that_goes_on(folder, brief, tmp_path):
    plain = compare(asked(brief, folds=1, seeds=2), tmp_path / "plain", Silent())
    first = loaded(folder)
    assert plain.folds is None
    assert [(cell.column, cell.documents) for cell in plain.done] == [(c.column, c.documents) for c in first.done]
    assert plain.contrasts == first.contrasts
    before = runs(tmp_path / "plain")
    shutil.copytree(folder / "folds", tmp_path / "plain" / "folds")
    asked_for = asked(brief, seeds=2, command="toolkit compare --folds 5")
    grown = compare(asked_for, tmp_path / "plain", Silent())
    assert compare(asked_for, tmp_path / "plain", Silent()).command == grown.command
    assert grown.settings["folds"] == 5
    assert "--more" not in (grown.answer.command or "")
    assert runs(tmp_path / "plain").items() >= before.items()
    assert grown.folds == first.folds
    assert grown.command.endswith("toolkit compare --folds 5")
    assert {cell.fold for cell in grown.done} == {1}


@pytest.mark.parametrize("settings", [{}, {"train": {"epochs": 2}}, {"train": {"budget_seconds": 9.0}}])
def test_all_columns_have_the_same_settings_in_every_fold(corpus, settings):
    first = asked(corpus, tokenizers="char,word:unk,bpe,char@gru", settings=settings, fractions="0.5,1")
    requests = [first, *later_folds(first)]
    of_folds = [[spec.basis.settings for spec in one.specs() if spec.fraction == 1] for one in requests]
    assert len(of_folds) == 5
    assert all(settings == of_folds[0] for settings in of_folds)


def test_what_more_text_gives_is_computed_in_the_first_fold_alone(copied, brief):
    found = compare(asked(brief, fractions="0.5,1"), copied, Silent())
    assert {cell.fraction for cell in found.cells} == {0.5, 1}
    for fold in range(2, 6):
        assert {cell.fraction for cell in loaded(copied / "folds" / str(fold)).cells} == {1}


def test_the_recipe_of_much_text_is_the_same_in_every_fold_though_not_all_have_much(monkeypatch):
    from toolkit.training import recipes

    texts = ["word " * (200 + 40 * i) for i in range(12)]
    corpus = made(texts)
    first = asked(corpus, tokenizers="char", settings={"recipe": "large"})
    lengths = {sum(d.characters for d in one.split.train) for one in (first, *later_folds(first))}
    monkeypatch.setattr(recipes, "MUCH_TEXT", sorted(lengths)[len(lengths) // 2])
    first = asked(corpus, tokenizers="char", settings={"recipe": "large"})
    settings = [one.specs()[0].basis.settings for one in (first, *later_folds(first))]
    assert all(of_fold == settings[0] for of_fold in settings)


def made(texts):
    from toolkit.text.corpus import Document

    return Corpus("uneven", tuple(Document(f"d{i:02}", text) for i, text in enumerate(texts)))


def test_a_run_of_a_fold_knows_what_was_held_out(folder):
    run = load_run(folder / "folds" / "2" / "runs" / "char-ngram-seed0")
    names = loaded(folder / "folds" / "2").corpus.split.test
    assert [document.name for document in own_split(run.spec).test] == names


def test_what_is_finished_is_not_computed_again(copied, brief):
    before = runs(copied)
    compare(asked(brief, seeds=2), copied, Silent())
    assert runs(copied) == before


def test_growth_that_is_interrupted_goes_on_in_all_folds(copied, brief, monkeypatch):
    compared, number = comparison_module.compared, []

    def interrupted(*arguments):
        number.append(1)
        if len(number) == 2:
            raise KeyboardInterrupt
        return compared(*arguments)

    more = asked(brief, folds=1, tokenizers="bpe@ngram", command="toolkit compare b")  # what is there stays
    monkeypatch.setattr(comparison_module, "compared", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare(more, copied, Silent())
    assert [column for column in loaded(copied).columns if column == "bpe@ngram"]
    before = runs(copied)
    monkeypatch.undo()
    again = compare(more, copied, Silent())
    assert runs(copied).items() >= before.items()
    names = ["char@ngram", "word:unk@ngram", "bpe@ngram"]
    assert [(column.column, column.seeds) for column in again.folds.columns] == [(name, 2) for name in names]
    assert len(again.folds.contrasts) == 3
    assert again.settings["folds"] == 5
    assert again.command.count("toolkit compare b") == 1
    assert loaded(copied / "folds" / "4").command.count("toolkit compare b") == 1
    assert {cell.fold for cell in again.done} == {1}


def test_a_fresh_start_leaves_no_fold_and_a_link_in_place_of_one_is_refused(copied, brief, tmp_path):
    (copied / "folds" / "2024").mkdir()
    compare(asked(brief, folds=1, tokenizers="char@ngram"), copied, Silent(), fresh=True)
    assert [path.name for path in (copied / "folds").iterdir()] == ["2024"]
    shutil.rmtree(copied / "folds")
    (copied / "folds").mkdir()
    (copied / "folds" / "2").symlink_to(tmp_path)
    with pytest.raises(InputError, match="is a link"):
        compare(asked(brief, tokenizers="char@ngram"), copied, Silent())


def test_what_fails_in_a_later_fold_is_said_and_ends_with_1(copied, brief_folder, monkeypatch, capsys):
    right = Work.cell

    def failing(self, spec, fitted, run=None):
        if self.request.fold.number == 2 and spec.column.name == "bpe@ngram":
            return FailedCell(
                column="bpe@ngram", tokenizer="bpe", strategy=None, model="ngram", seed=spec.seed, fraction=1.0,
                run="r", reason="bad",
            )  # fmt: skip
        return right(self, spec, fitted, run)

    monkeypatch.setattr(Work, "cell", failing)
    code, printed = command(brief_folder, copied, monkeypatch, capsys, "--tokenizers", "bpe@ngram", "--workers", "1")
    assert code == 1
    assert "Fold 2: bpe@ngram: no result. bad" in printed.out
    whole = loaded(copied)
    assert [column.column for column in whole.folds.columns] == ["char@ngram", "word:unk@ngram"]
    assert "Fold 2: bpe@ngram: no result. bad" in " ".join((copied / "index.html").read_text("utf-8").split())


def command(brief_folder, out, monkeypatch, capsys, *more):
    """A command on the copied comparison: its exit code, and what it printed."""
    from toolkit.cli import main

    tales = out.parent / "tales"  # the corpus' name
    if not tales.exists():
        shutil.copytree(brief_folder, tales)
    words = ["toolkit", "compare", "--corpus", str(tales), "--out", str(out), "--quiet"]
    words += ["--set", "samples.characters=60", "--set", "samples.count=2", "--set", "samples.temperature=0.8"]
    monkeypatch.setattr("sys.argv", [*words, *more])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr()


def test_the_command_tells_of_all_folds(copied, brief_folder, monkeypatch, capsys):
    def call(*more):
        columns = ("--tokenizers", "char@ngram,word:unk@ngram", "--folds", "5")
        return command(brief_folder, copied, monkeypatch, capsys, *columns, *more)

    code, printed = call()
    assert code == 0
    whole = loaded(copied)
    assert whole.headline in " ".join(printed.out.split())
    assert "few_units" not in {warning.kind for warning in (*whole.warnings, *whole.folds.warnings)}
    code, printed = call("--json")
    assert code == 0
    assert len(json.loads(printed.out)["folds"]["folds"]) == 5


def test_joined_comparisons_have_no_folds(folder, tmp_path):
    (one,) = [loaded(folder)]
    other = one.model_copy(update={"cells": [c.model_copy(update={"seed": c.seed + 7}) for c in one.done]})
    joined = join([one, other], [folder, folder], tmp_path)
    assert joined.folds is None
    assert "folds" not in joined.settings
    assert {cell.fold for cell in joined.done} == {None}


def test_cells_of_another_division_are_never_taken_over(brief, tmp_path, monkeypatch):
    """Its first fold holds out other documents: nothing of it may pass for a cell of the usual split."""
    monkeypatch.chdir(tmp_path)
    six = Corpus("tales", (*brief.documents, *made(["Some words, and no more. " * 60] * 4).documents))
    compare(
        asked(six, folds=6, tokenizers="char@ngram"),
        default_folder(asked(six, folds=6, tokenizers="char@ngram")),
        Silent(),
    )
    more = asked(six, folds=1)
    out = default_folder(more)
    found = compare(more, out, Silent(), beside=folders_beside(more))
    assert [d.name for d in found.done[0].documents] == found.corpus.split.test
    with pytest.raises(InputError, match=r"corpus\.fold"):
        compare(
            asked(six, folds=7, tokenizers="char@ngram"),
            default_folder(asked(six, folds=6, tokenizers="char@ngram")),
            Silent(),
        )
    again = asked(six, folds=1, tokenizers="char@ngram")
    assert default_folder(again) != default_folder(asked(six, folds=6, tokenizers="char@ngram"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folds": 0}, "--folds"),
        ({"folds": 3}, "too few"),
        ({"folds": 6}, "needs at least 12 documents"),
        ({"match": "chars"}, "5 folds here, and --match makes other numbers equal"),
        ({"more": "2x"}, "5 folds here, and --more goes on"),
    ],
)
def test_what_folds_cannot_do_is_refused_before_anything_is_computed(brief, options, said):
    with pytest.raises(InputError, match=said):
        asked(brief, tokenizers="char,bpe", **options)
