"""Comparisons of one split, joined: nothing is trained, and the result is that of one comparison of all cells."""

from pathlib import Path

import pytest

from tests.helpers.comparisons import contents, request
from tests.report.comparison_example import comparison
from toolkit.comparison.compare import compare
from toolkit.comparison.folder import CONTRASTS, METRICS, PLAN, Stored, load_stored
from toolkit.comparison.joining import join, reported
from toolkit.comparison.reporter import Silent
from toolkit.errors import KILLED, OUT_OF_MEMORY, InputError
from toolkit.evaluation.conclusions import concluded
from toolkit.out_folder import LOCK, locked
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.results.corpus import FractionFacts
from toolkit.results.record import PAGE
from toolkit.results.resources import differing
from toolkit.results.rows import Row

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


def test_conclusions_are_those_of_one_comparison():
    both, whole = joined(comparison(CHAR | WORD), comparison(BPE)), concluded(comparison(CHAR | WORD | BPE))
    assert both.columns == ["char", "word:pos", "bpe"]
    assert (both.contrasts, both.leads, both.noise) == (whole.contrasts, whole.leads, whole.noise)
    assert (both.answer.column, both.passages, both.words.words, both.folds) == ("word:pos", [], [], None)


def test_computed_comparisons_joined_have_the_numbers_of_one(brief, tmp_path):
    """With folds in one of them; the page has neither passages nor words."""
    for name, columns in (("a", "char@ngram"), ("b", "word:unk@ngram"), ("once", "char@ngram,word:unk@ngram")):
        compare(request(brief, columns), tmp_path / name, Silent())
    both = reported([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    once = Comparison.load(tmp_path / "once" / FOUND)
    assert (both.contrasts, both.leads, both.baselines) == (once.contrasts, once.leads, once.baselines)
    assert [cell.documents for cell in both.done] == [cell.documents for cell in once.done]
    assert all((tmp_path / "out" / cell.run / "cell.json").is_file() for cell in both.done)
    assert 'id="explorer"' not in (tmp_path / "out" / PAGE).read_text("utf-8")


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


@pytest.mark.parametrize("reason", [KILLED, OUT_OF_MEMORY], ids=["killed", "memory"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_result_replaces_a_failure_of_the_moment_but_no_other(reason, backwards):
    keys = ("column", "tokenizer", "strategy", "model", "seed", "fraction", "run")
    parts = [comparison(CHAR | WORD), comparison(CHAR | WORD)]
    kept = {key: getattr(parts[1].cells[0], key) for key in keys}
    for failure in (reason, "its code raises KeyError: 'a'"):
        parts[1].cells[0] = FailedCell(**kept, reason=failure)
        ordered = parts[::-1] if backwards else parts
        if failure == reason:
            both = joined(*ordered)
            assert [(cell.column, cell.seed) for cell in both.done] == [(c.column, c.seed) for c in parts[0].done]
            assert both.done[0].run.startswith("../b/" if backwards else "../a/")
        else:
            with pytest.raises(InputError, match="char, seed 1"):
                joined(*ordered)


def test_other_settings_become_those_of_columns_and_two_of_one_column_are_refused():
    large, again = comparison(BPE), later(comparison(CHAR), 2)
    for part in (large, again):
        part.settings["network"] = part.settings["network"] | {"units": 512}
    assert joined(comparison(CHAR), large).settings["columns"]["bpe"] == {"network": {"units": 512}}
    with pytest.raises(InputError, match=r"char.*network\.units"):
        joined(comparison(CHAR), again)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_setting_of_one_comparison_is_that_of_its_columns(backwards):
    one, other = comparison(CHAR), comparison(BPE)
    one.settings |= {"train": {"batch": 32, "epochs": 2.0}, "recipe": "large"}
    other.settings["train"] = {"batch": 32}
    both = joined(*([other, one] if backwards else [one, other]))
    assert both.settings["train"] == {"batch": 32}
    assert "recipe" not in both.settings
    assert both.settings["columns"] == {"char": {"train": {"epochs": 2.0}, "recipe": "large"}}
    assert differing(both)["train.epochs"] == {"char": 2.0, "bpe": None}
    assert joined(both, later(other, 2)).settings["columns"] == both.settings["columns"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stages", [1.0, 2.0]),
        ("spacy_model", "another"),
        ("files", {"char": "0a1b"}),
        ("match", "params"),
        ("samples", {"characters": 9}),
    ],
)
def test_seeds_made_in_other_ways_are_no_seeds_of_one_column(key, value):
    again = later(comparison(CHAR), 2)
    again.settings[key] = value
    if key == "match":  # settings decide, not the option
        assert "match" not in joined(comparison(CHAR), again).settings
        return
    with pytest.raises(InputError, match=key.removesuffix("s")):
        joined(comparison(CHAR), again)
    if key != "samples":
        joined(comparison(WORD), again)


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
        values = [SweptValue(value=int(name[1:]), column=name) for name in totals]
        part.sweeps = [Sweep(column="bpe", key="vocabulary_size", values=values)]
        return concluded(part)

    (sweep,) = joined(swept(v300=2.5, v600=2.4), swept(v900=2.3, v1200=2.6)).sweeps
    assert [value.column for value in sweep.values] == ["v300", "v600", "v900", "v1200"]
    assert sweep.best == "v900"


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([(0, 1), (0, 1, 2), (0, 1, 2, 3)], [[0, 1, 2, 3]]),
        ([(0, 1, 2, 3), (0, 1), (4, 5)], [[0, 1, 2, 3], [4, 5]]),
        ([(0, 1), (1, 2)], [[0, 1]]),
        ([(0, 1), (0, 1)], [[0, 1]]),
    ],
    ids=str,
)
def test_ensembles_with_a_seed_in_common_are_not_independent(parts, kept):
    def with_ensemble(seeds: tuple[int, ...]) -> Comparison:
        part = comparison({"char": (2.5,) * len(seeds)})
        part.cells = [cell.model_copy(update={"seed": seed}) for cell, seed in zip(part.done, seeds, strict=True)]
        cell = part.done[0]
        row = Row(column="char", kind="ensemble", seeds=list(seeds), rate=None, rule=None, bits_per_byte=2.0,
                  bits_per_character=cell.bits_per_character, perplexity_per_token=5.7, documents=cell.documents,
                  verified=None)  # fmt: skip
        return part.model_copy(update={"rows": [row]})

    assert [row.seeds for row in joined(*map(with_ensemble, parts)).rows] == kept


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
    with pytest.raises(InputError, match="test_a_joined.*b as well"):  # not given again
        reported([folders[0], saved(tmp_path / "c", comparison(BPE))], out)


def test_folders_that_no_joined_comparison_is_written_to_stay(folders, tmp_path):
    Stored().save(folders[1])
    before = contents(tmp_path)
    for places, out in ((folders, folders[1]), (folders, folders[0]), (folders[:1], tmp_path / "out"),
                        ([folders[0], folders[0] / "."], tmp_path / "out")):  # fmt: skip
        with pytest.raises(InputError):
            reported(places, out)
    assert contents(tmp_path) == before


def test_the_page_of_a_folder_in_use_can_be_written(folders):
    Stored().save(folders[0])
    with locked(folders[0]):
        reported(folders[:1])
    assert (folders[0] / PAGE).exists()
