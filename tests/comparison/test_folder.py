"""A comparison's folder: one comparison, and nothing of anyone else's touched."""

import csv
import json
from functools import partial

import pytest

from tests.report.comparison_example import comparison
from toolkit.comparison.comparison import compare
from toolkit.comparison.folder import save, save_metrics, take
from toolkit.comparison.library import make_request
from toolkit.comparison.pages import reported
from toolkit.comparison.progress import Reporter as Silent
from toolkit.config import CompareSettings
from toolkit.errors import InputError
from toolkit.out_folder import locked
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Folds

ASKED = {
    "seeds": [0],
    "corpus": {"name": "tales", "sha256": "ab"},
    "spacy_model": None,
    **CompareSettings().model_dump(),
}


def changed(**values):
    return ASKED | values


def test_a_comparison_json_that_cannot_be_read_is_refused_and_stays_until_it_is_to_be_replaced(brief, tmp_path):
    """An earlier version wrote it, a later one, or nobody."""
    tiny = {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}
    request = make_request(tokenizers="char@ngram", corpus=brief, settings=tiny)
    before = compare(request, tmp_path, Silent())
    file = tmp_path / FOUND
    whole = json.loads(file.read_text("utf-8"))
    without_corpus = {key: value for key, value in whole.items() if key != "corpus"}
    for other in ("", "{", 100_000 * "[", json.dumps(whole | {"schema": 2}), json.dumps(without_corpus)):
        file.write_text(other, "utf-8")
        for refused in (partial(compare, request, tmp_path, Silent()), partial(reported, [tmp_path])):
            with pytest.raises(InputError) as error:
                refused()
            assert all(part in str(error.value) for part in (str(file), "--fresh", "--out"))
            assert "\n" not in str(error.value)
        assert file.read_text("utf-8") == other
    after = compare(request, tmp_path, Silent(), fresh=True)
    assert after.totals == before.totals
    assert Comparison.load(file) == after


def test_the_same_settings_resume(tmp_path):
    take(tmp_path, ASKED, fresh=False)
    (tmp_path / "runs").mkdir()
    take(tmp_path, ASKED, fresh=False)
    assert (tmp_path / "runs").is_dir()


@pytest.mark.parametrize(
    ("other", "key"),
    [
        (changed(seeds=[1]), "seeds"),
        (changed(corpus={"name": "tales", "sha256": "cd"}), "corpus.sha256"),
        (changed(spacy_model="en_core_web_md"), "spacy_model"),
        (changed(columns={"word:pos": {"rare_max_count": 2}}), "columns.word:pos.rare_max_count"),
    ],
)
def test_other_settings_are_refused_naming_the_first_that_differs(tmp_path, other, key):
    take(tmp_path, ASKED, fresh=False)
    before = (tmp_path / "compare.toml").read_bytes()
    with pytest.raises(InputError, match=f"there {key} is ") as error:
        take(tmp_path, other, fresh=False)
    assert "--fresh" in str(error.value)
    assert "\n" not in str(error.value)
    assert (tmp_path / "compare.toml").read_bytes() == before


def test_fresh_replaces_another_comparison(tmp_path):
    take(tmp_path, ASKED, fresh=False)
    (tmp_path / "runs" / "char-seed0").mkdir(parents=True)
    (tmp_path / "index.html").write_text("old")
    take(tmp_path, changed(seeds=[5]), fresh=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compare.toml"]
    take(tmp_path, changed(seeds=[5]), fresh=False)


def test_fresh_leaves_what_it_did_not_write(tmp_path):
    take(tmp_path, ASKED, fresh=False)
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "lock").write_text("mine too")
    with locked(tmp_path):
        take(tmp_path, changed(seeds=[5]), fresh=True)
    assert (tmp_path / "notes.md").read_text() == "mine"
    assert (tmp_path / "lock").read_text() == "mine too"


@pytest.mark.parametrize("fresh", [False, True])
def test_a_foreign_folder_is_refused_and_left_as_it_was(tmp_path, fresh):
    """A web site, say: it too may have an index.html."""
    (tmp_path / "index.html").write_text("<p>my home page")
    (tmp_path / "photo.jpg").write_bytes(b"jpg")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "marathon.gpx").write_text("gpx")
    with pytest.raises(InputError, match="is not a comparison") as error:
        take(tmp_path, ASKED, fresh=fresh)
    assert "--out" in str(error.value)
    assert (tmp_path / "index.html").read_text() == "<p>my home page"
    assert (tmp_path / "runs" / "marathon.gpx").is_file()
    assert not (tmp_path / "compare.toml").exists()


@pytest.mark.parametrize("content", [b"", b"seeds = [", b"\xff"])
def test_a_broken_compare_toml_is_an_input_error(tmp_path, content):
    take(tmp_path, ASKED, fresh=False)
    (tmp_path / "compare.toml").write_bytes(content)
    with pytest.raises(InputError, match="--fresh"):
        take(tmp_path, ASKED, fresh=False)


def test_metrics_has_a_row_per_finished_cell(tmp_path, comparison_folder):
    comparison = Comparison.load(comparison_folder / "comparison.json")
    save_metrics(tmp_path, comparison)
    assert (tmp_path / "metrics.csv").read_bytes() == (comparison_folder / "metrics.csv").read_bytes()
    with (tmp_path / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["column"] for row in rows] == ["char", "word:pos", "word:unk"]
    for row, cell in zip(rows, comparison.done, strict=True):
        assert float(row["bits_per_character_total"]) == cell.bits_per_character.total
        assert float(row["the_per_10k"]) == cell.generated.measures["the_per_10k"].value


def test_contrasts_has_a_row_per_contrast_with_its_interval_in_full_precision(comparison_folder):
    comparison = Comparison.load(comparison_folder / "comparison.json")
    with (comparison_folder / "contrasts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(comparison.contrasts) == 3
    for row, contrast in zip(rows, comparison.contrasts, strict=True):
        numbers = ("difference", "low", "high", "p", "smallest_detectable")
        assert [float(row[name]) for name in numbers] == [getattr(contrast, name) for name in numbers]
        assert (row["a"], row["b"], row["verdict"]) == (contrast.a, contrast.b, contrast.verdict)


def test_with_folds_contrasts_has_those_over_all_folds_and_says_which_are_of_the_first(tmp_path):
    """Those of the first fold alone would be taken for the result."""
    plain = comparison({"char": (2.5,), "word:pos": (2.3,)})
    over_all = plain.contrasts[0].model_copy(update={"difference": 0.125, "verdict": "over all folds"})
    folded = plain.model_copy(update={"folds": Folds(folds=[], columns=[], deviation=0.0, contrasts=[over_all])})
    of = {"without": [("comparison", plain.contrasts[0])]}
    of["with"] = [("all folds", over_all), ("fold 1", plain.contrasts[0])]
    for folder, whole in (("without", plain), ("with", folded)):
        (tmp_path / folder).mkdir()
        save(tmp_path / folder, whole)
        with (tmp_path / folder / "contrasts.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0])[:3] == ["of", "a", "b"]
        assert [(row["of"], float(row["difference"]), row["verdict"]) for row in rows] == [
            (name, contrast.difference, contrast.verdict) for name, contrast in of[folder]
        ]


def test_a_finished_comparison_has_the_files_of_the_interface(comparison_folder):
    names = {path.name for path in comparison_folder.iterdir()}
    assert names == {"index.html", "comparison.json", "metrics.csv", "contrasts.csv", "compare.toml", "lock", "runs"}
    assert {path.name for path in (comparison_folder / "runs").iterdir()} == {
        "char-seed0", "word-pos-seed0", "word-unk-seed0",
    }  # fmt: skip
