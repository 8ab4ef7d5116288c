"""Comparisons of one split, joined: nothing is trained, and the result equals one comparison of all cells."""

from pathlib import Path

import pytest

from tests.helpers.comparisons import contents, request
from tests.report.comparison_example import comparison, made_row
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import CONTRASTS, METRICS, PLAN, Stored, load_stored
from toolkit.comparison.joining import join, reported
from toolkit.comparison.progress import Reporter
from toolkit.errors import KILLED, OUT_OF_MEMORY, InputError
from toolkit.evaluation.conclusions import concluded
from toolkit.files import LOCK
from toolkit.results.cell import FailedCell, OneCell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.results.corpus import FractionFacts
from toolkit.results.record import PAGE
from toolkit.results.resources import differing

CHAR, WORD, BPE = {"char": (2.5, 2.52)}, {"word:pos": (2.3, 2.31)}, {"bpe": (2.4, 2.41)}


def joined(*parts: Comparison) -> Comparison:
    """Return the comparisons of the folders a, b and so on, joined in the folder out."""
    return join(parts, [Path(name) for name in "abcd"[: len(parts)]], Path("out"))


def later(part: Comparison, more: int) -> Comparison:
    """Return a comparison whose seeds are larger."""
    part.cells = [cell.model_copy(update={"seed": cell.seed + more}) for cell in part.cells]
    return part


def saved(folder: Path, part: Comparison) -> Path:
    folder.mkdir()
    part.save(folder / FOUND)
    return folder


@pytest.fixture
def folders(tmp_path):
    """The folders of two comparisons, of one column each."""
    return [saved(tmp_path / "a", comparison(CHAR)), saved(tmp_path / "b", comparison(WORD))]


def test_computed_comparisons_joined_have_the_numbers_of_one(brief, tmp_path):
    """The page has no passages."""
    for name, columns in (("a", "char@ngram"), ("b", "word:unk@ngram"), ("once", "char@ngram,word:unk@ngram")):
        compute(request(brief, columns), tmp_path / name, Reporter())
    both = reported([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    once = Comparison.load(tmp_path / "once" / FOUND)
    assert (both.contrasts, both.leads, both.baselines) == (once.contrasts, once.leads, once.baselines)
    assert [cell.documents for cell in both.done] == [cell.documents for cell in once.done]
    assert all((tmp_path / "out" / cell.run / "cell.json").is_file() for cell in both.done)
    assert both.passages == both.words.words == []
    pages = [(tmp_path / name / PAGE).read_text("utf-8") for name in ("once", "out")]
    assert ['id="explorer"' in page for page in pages] == [True, False]


def test_seeds_of_a_column_are_united_and_an_equal_cell_is_kept_once():
    first, second = comparison(CHAR | WORD), later(comparison(CHAR), 1)
    second.cells[0] = first.cells[1]  # seed 2 of char
    both = joined(first, second)
    assert [cell.seed for cell in both.by_column["char"]] == [1, 2, 3]
    assert [cell.run for cell in both.by_column["char"]] == ["../a/runs/char-1", "../a/runs/char-2", "../b/runs/char-2"]


@pytest.mark.parametrize("field", ["digest", "documents"])
def test_another_digest_or_other_bits_of_a_cell_are_refused(field):
    """By the clock, equal digests may give other bits."""
    other = comparison(CHAR)
    value = {"digest": "0" * 64, "documents": comparison({"char": (2.4,)}).cells[0].documents}[field]
    other.cells[0] = other.cells[0].model_copy(update={field: value})
    with pytest.raises(InputError, match="char, seed 1"):
        joined(comparison(CHAR), other)


@pytest.mark.parametrize(
    "reason", [KILLED, OUT_OF_MEMORY, "its code raises KeyError: 'a'"], ids=["killed", "memory", "code"]
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_result_replaces_a_failure_of_the_moment_but_no_other(reason, backwards):
    whole, other = comparison(CHAR | WORD), comparison(CHAR | WORD)
    facts = {key: getattr(other.cells[0], key) for key in OneCell.model_fields}
    other.cells[0] = FailedCell(**facts, reason=reason)
    parts = [other, whole] if backwards else [whole, other]
    if not other.cells[0].may_succeed:
        with pytest.raises(InputError, match="char, seed 1"):
            joined(*parts)
        return
    both = joined(*parts)
    assert [(cell.column, cell.seed) for cell in both.done] == [(cell.column, cell.seed) for cell in whole.done]
    assert both.done[0].run.startswith("../b/" if backwards else "../a/")


def test_other_settings_become_those_of_columns_and_two_of_one_column_are_refused():
    large, again = comparison(BPE), later(comparison(CHAR), 2)
    for part in (large, again):
        part.settings["network"] = part.settings["network"] | {"units": 512}
    assert joined(comparison(CHAR), large).settings["columns"]["bpe"] == {"network": {"units": 512}}
    with pytest.raises(InputError, match=r"char.*network\.units"):
        joined(comparison(CHAR), again)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_setting_of_one_comparison_is_that_of_its_columns(backwards):
    first, other = comparison(CHAR), comparison(BPE)
    first.settings |= {"train": {"batch": 32, "epochs": 2.0}, "recipe": "large"}
    other.settings["train"] = {"batch": 32}
    both = joined(*([other, first] if backwards else [first, other]))
    assert both.settings["train"] == {"batch": 32}
    assert "recipe" not in both.settings
    assert both.settings["columns"] == {"char": {"train": {"epochs": 2.0}, "recipe": "large"}}
    assert differing(both)["train.epochs"] == {"char": 2.0, "bpe": None}
    assert joined(both, later(other, 2)).settings["columns"] == both.settings["columns"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("stages", [1.0, 2.0]), ("spacy_model", "another"), ("files", {"char": "0a1b"}), ("samples", {"characters": 9})],
)
def test_seeds_made_in_other_ways_are_no_seeds_of_one_column(key, value):
    again = later(comparison(CHAR), 2)
    again.settings[key] = value
    with pytest.raises(InputError, match=key.removesuffix("s")):
        joined(comparison(CHAR), again)
    again.settings = comparison(CHAR).settings | {"match": "params"}  # which decides nothing by itself
    assert "match" not in joined(comparison(CHAR), again).settings


FRACTION = FractionFacts(
    fraction=0.5, documents=3, characters=900, tokens=9, types=5, unseen_token_share=0.1, recipe="small"
)


@pytest.mark.parametrize(("field", "value"), [
    ("sha256", "0" * 64), ("language", "de"), ("unit", "segment"), ("split", None), ("fractions", [FRACTION]),
])  # fmt: skip
def test_other_splits_are_refused(field, value):
    other = comparison(WORD)
    split = other.corpus.split
    swapped = split.model_copy(update={"train": split.test, "test": split.train})
    other.corpus = other.corpus.model_copy(update={field: value or swapped})
    with pytest.raises(InputError, match=field):
        joined(comparison(CHAR), other)


def test_sweeps_of_one_setting_are_united_with_one_best_value():
    def swept(**totals: float) -> Comparison:
        part = comparison({name: (total, total + 0.01) for name, total in totals.items()})
        swept_values = [SweptValue(value=int(name[1:]), column=name) for name in totals]
        part.sweeps = [Sweep(column="bpe", key="vocabulary_size", values=swept_values)]
        return concluded(part)

    (sweep,) = joined(swept(v300=2.5, v600=2.4), swept(v900=2.3, v1200=2.6)).sweeps
    assert [value.column for value in sweep.values] == ["v300", "v600", "v900", "v1200"]
    assert sweep.best == "v900"


@pytest.mark.parametrize(
    ("parts", "independent"),
    [
        ([[0, 1], [0, 1, 2], [0, 1, 2, 3]], [[0, 1, 2, 3]]),
        ([[0, 1, 2, 3], [0, 1], [4, 5]], [[0, 1, 2, 3], [4, 5]]),
        ([[0, 1], [1, 2]], [[0, 1]]),
    ],
)
def test_ensembles_with_a_seed_in_common_are_not_independent(parts, independent):
    row, documents = made_row("char", 0, "ensemble"), comparison(CHAR).done[0].documents
    rows = [row.model_copy(update={"seeds": seeds, "documents": documents}) for seeds in parts]
    assert [row.seeds for row in joined(*(comparison(CHAR, made=[row]) for row in rows)).rows] == independent


def test_a_joined_folder_has_the_files_of_a_comparison_and_leads_to_the_runs(folders, tmp_path):
    out = tmp_path / "deeper" / "out"
    for _ in range(2):
        both = reported(folders, out)
        assert {path.name for path in out.iterdir()} == {PAGE, FOUND, METRICS, CONTRASTS, PLAN, LOCK}
    assert load_stored(out) == Stored(joined=["../../a", "../../b"])
    assert Comparison.load(out / FOUND) == both
    assert (out / METRICS).read_text("utf-8").count("\n") == 1 + 4
    runs = [(out / cell.run).resolve().parent.parent for cell in both.cells]
    assert runs == [folders[0].resolve()] * 2 + [folders[1].resolve()] * 2
    with pytest.raises(InputError, match=r"test_a_joined.*b as well"):  # not given again
        reported([folders[0], saved(tmp_path / "c", comparison(BPE))], out)


def test_folders_that_no_joined_comparison_is_written_to_stay(folders, tmp_path):
    Stored().save(folders[1])
    files_before = contents(tmp_path)
    for places, out in ((folders, folders[1]), (folders, folders[0]), (folders[:1], tmp_path / "out"),
                        ([folders[0], folders[0] / "."], tmp_path / "out")):  # fmt: skip
        with pytest.raises(InputError):
            reported(places, out)
    assert contents(tmp_path) == files_before
