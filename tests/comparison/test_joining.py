"""Comparisons of one split, joined: nothing is trained, and the result equals one comparison of all cells."""

from pathlib import Path

import pytest

from tests.helpers.comparisons import contents, request
from tests.report.comparison_example import comparison
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import METRICS, PLAN, Stored, load_stored
from toolkit.comparison.joining import join, reported
from toolkit.comparison.progress import Reporter
from toolkit.errors import KILLED, InputError
from toolkit.files import LOCK
from toolkit.results.cell import FailedCell, OneCell
from toolkit.results.comparison import FOUND, Comparison, differing
from toolkit.results.corpus import SplitNames
from toolkit.results.record import PAGE

CHAR, WORD, BPE = {"char": (2.5, 2.52)}, {"word:pos": (2.3, 2.31)}, {"bpe": (2.4, 2.41)}


def joined(*parts: Comparison) -> Comparison:
    """Return the comparisons of the folders a, b and so on, joined in the folder out."""
    return join([(Path(name), part) for name, part in zip("abcd", parts, strict=False)], Path("out"))


def later(part: Comparison, more: int) -> Comparison:
    """Return a comparison whose seeds are larger."""
    part.cells = [cell.model_copy(update={"seed": cell.seed + more}) for cell in part.cells]
    return part


def test_computed_comparisons_joined_have_the_numbers_of_one(brief, tmp_path):
    for name, columns in (("a", "char@ngram"), ("b", "word:unk@ngram"), ("once", "char@ngram,word:unk@ngram")):
        compute(request(brief, columns), tmp_path / name, Reporter())
    both = reported([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    once = Comparison.load(tmp_path / "once" / FOUND)
    assert (both.contrasts, both.leads, both.baselines) == (once.contrasts, once.leads, once.baselines)
    assert [cell.documents for cell in both.done] == [cell.documents for cell in once.done]
    assert all((tmp_path / "out" / cell.run / "cell.json").is_file() for cell in both.done)
    assert both.passages == []
    with pytest.raises(InputError, match="joined"):
        compute(request(brief, "bpe@ngram"), tmp_path / "out", Reporter())


def test_seeds_of_a_column_are_united_and_an_equal_cell_is_kept_once():
    first, second = comparison(CHAR | WORD), later(comparison(CHAR), 1)
    second.cells[0] = first.cells[1]  # seed 2 of char
    both = joined(first, second)
    assert [cell.seed for cell in both.by_column["char"]] == [1, 2, 3]
    runs = [cell.run for cell in both.by_column["char"]]
    assert runs == ["../a/runs/char-1", "../a/runs/char-2", "../b/runs/char-2"]


SWAPPED = {"train": ["tale_36"], "valid": [], "test": ["tale_00"]}


@pytest.mark.parametrize(
    ("part", "changes", "named"),
    [
        ("cells", {"digest": "0" * 64}, "char, seed 1"),
        ("cells", {"documents": []}, "char, seed 1"),  # by the clock, equal digests may give other bits
        ("settings", {"network": {"units": 512}}, "network"),
        ("settings", {"stages": [1.0, 2.0]}, "stages"),
        ("settings", {"samples": {"characters": 9}}, "samples"),
        ("settings", {"match": "flops"}, "match"),
        ("corpus", {"sha256": "0" * 64}, "sha256"),
        ("corpus", {"split": SplitNames(**SWAPPED)}, "split"),
    ],
    ids=str,
)
def test_other_results_settings_or_splits_for_a_column_are_refused(part, changes, named):
    other = comparison(CHAR)
    if part == "cells":
        other.cells = [cell.model_copy(update=changes) for cell in other.cells]
    elif part == "settings":
        other.settings |= changes
    else:
        other.corpus = other.corpus.model_copy(update=changes)
    with pytest.raises(InputError, match=named):
        joined(comparison(CHAR), other)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_result_replaces_a_failure(backwards):
    whole, other = comparison(CHAR | WORD), comparison(CHAR | WORD)
    facts = {key: getattr(other.cells[0], key) for key in OneCell.model_fields}
    other.cells[0] = FailedCell(**facts, reason=KILLED)
    both = joined(*([other, whole] if backwards else [whole, other]))
    assert [(cell.column, cell.seed) for cell in both.done] == [(cell.column, cell.seed) for cell in whole.done]
    assert both.done[0].run.startswith("../b/" if backwards else "../a/")


def test_a_setting_of_one_comparison_becomes_a_setting_of_its_columns():
    first, other = comparison(CHAR), comparison(BPE)
    first.settings |= {"train": {"batch": 32, "epochs": 2.0}, "recipe": "large"}
    other.settings["train"] = {"batch": 32}
    assert joined(other, first).settings["columns"] == joined(first, other).settings["columns"]
    both = joined(first, other)
    assert both.settings["train"] == {"batch": 32}
    assert "recipe" not in both.settings
    assert both.settings["columns"] == {"char": {"train": {"epochs": 2.0}, "recipe": "large"}}
    assert differing(both)["train.epochs"] == {"char": 2.0, "bpe": None}
    assert joined(both, later(other, 2)).settings["columns"] == both.settings["columns"]


def test_a_joined_folder_has_the_files_of_a_comparison_and_other_folders_stay(tmp_path):
    """A foreign folder, and a computed comparison."""
    folders, out = [tmp_path / "a", tmp_path / "b"], tmp_path / "deeper" / "out"
    for folder, column in zip(folders, (CHAR, WORD), strict=True):
        folder.mkdir()
        comparison(column).save(folder / FOUND)
    for _ in range(2):
        both = reported(folders, out)
        assert {path.name for path in out.iterdir()} == {PAGE, FOUND, METRICS, PLAN, LOCK}
    assert load_stored(out) == Stored(joined=["../../a", "../../b"])
    assert Comparison.load(out / FOUND) == both
    runs = [(out / cell.run).resolve().parent.parent for cell in both.cells]
    assert runs == [folders[0].resolve()] * 2 + [folders[1].resolve()] * 2
    Stored().save(folders[1])
    files_before = contents(tmp_path)
    for place in folders:
        with pytest.raises(InputError, match=str(place)):
            reported(folders, place)
    assert contents(tmp_path) == files_before
