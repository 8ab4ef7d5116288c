"""The row of a mixture: made of columns of characters and of spaced words, coded before it is shown, and kept."""

import json
import shutil

import pytest

from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter as Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import load_row, row_folder, row_specs
from toolkit.comparison.where import Where
from toolkit.inference.mixture import LEARNING_RATE, WEIGHING, Mixture
from toolkit.plugins import load_code
from toolkit.report import render
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.runs.isolated import model_of
from toolkit.training import MODELS

pytestmark = pytest.mark.slow

COLUMNS = ["spaced", "char@ngram", "char", "spaced@ngram", "word:unk@ngram"]
MIXED = "char@ngram + char + spaced:unk + spaced:unk@ngram"


def request(corpus, settings, **others):
    options = {"seeds": (0,), "command": "toolkit compare"} | others
    return Request(corpus, parse_columns(COLUMNS, {}), settings, **options)


@pytest.fixture(scope="module")
def folder(brief, quick_settings, tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "mixture"
    compute(request(brief, quick_settings), out, Reporter())
    return out


@pytest.fixture(scope="module")
def comparison(folder):
    return Comparison.load(folder / "comparison.json")


def test_it_is_made_of_what_can_be_mixed_and_confirmed_by_a_coder(comparison):
    (row,) = comparison.rows
    assert (row.column, row.kind, row.seeds, row.rate) == (MIXED, "mixture", [0], LEARNING_RATE)
    assert row.title == "mixture"
    assert sum(document.bits for document in row.documents) / comparison.corpus.test_characters == pytest.approx(
        row.bits_per_character.total, rel=1e-9
    )
    assert row.verified.bits / 8 - 16 <= row.verified.bytes <= row.verified.bits / 8 * 1.005 + 16
    assert row.bits_per_character.total < min(
        cell.bits_per_character.total for cell in comparison.done if cell.column in MIXED.split(" + ")
    )


def test_it_is_in_the_page_and_in_the_table_of_numbers_but_not_compared_with_columns(comparison):
    assert f"{MIXED}, mixed character by character" in render(comparison)
    assert [line[0] for line in comparison.table()][-2:] == ["mixture", "PPMd"]
    assert not any("mixture" in contrast.a + contrast.b for contrast in comparison.contrasts)


def test_it_is_kept_and_the_same_from_workers(folder, brief, quick_settings, tmp_path):
    before = Comparison.load(folder / "comparison.json")
    file = row_folder(folder, row_specs(before.done, None)[0]) / "row.json"
    written = file.stat().st_mtime_ns
    assert compute(request(brief, quick_settings), folder, Reporter()) == before
    assert file.stat().st_mtime_ns == written
    out = shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(out / "rows")
    (out / "comparison.json").unlink()
    assert compute(request(brief, quick_settings, where=Where(2)), out, Reporter()).rows == before.rows


def test_one_that_was_weighed_otherwise_is_made_again(comparison, folder):
    (spec,) = row_specs(comparison.done, None)
    assert load_row(folder, spec) is not None
    made_from = folder / "rows" / spec.name / "made_from.json"
    before = made_from.read_text("utf-8")
    made_from.write_text(json.dumps([part for part in json.loads(before) if part != WEIGHING]), "utf-8")
    try:
        assert load_row(folder, spec) is None
    finally:
        made_from.write_text(before, "utf-8")


def test_there_is_none_without_both_kinds_of_columns(comparison):
    cells = comparison.done
    letters = [cell for cell in cells if cell.tokenizer == "char"]
    assert row_specs(letters, None) == []
    assert row_specs([cell for cell in cells if cell.tokenizer != "char" and not cell.counted], None) == []
    (*_, spec) = row_specs([*letters, *(cell for cell in cells if cell.column == "spaced:unk")], 0.5)
    assert (spec.column, spec.rate) == ("char@ngram + char + spaced:unk", 0.5)


def test_its_model_is_a_mixture_of_the_runs(comparison, folder):
    (spec,) = row_specs(comparison.done, None)
    model = model_of([folder / run for run in spec.runs], spec.rate)
    assert isinstance(model, Mixture)
    assert [type(one.tokenizer).__name__ for one in model.models] == ["Characters"] * 2 + ["Spaced"] * 2
    assert model.parameters == sum(
        cell.parameters for cell in comparison.done if cell.column in spec.column.split(" + ")
    )


def test_someone_elses_model_in_any_of_its_columns_is_known_to_the_process_that_decodes(
    brief, quick_settings, tmp_path
):
    file = tmp_path / "mine.py"
    file.write_text(
        "from toolkit.training import MODELS\nfrom toolkit.training.kinds import Counted\n\n\n"
        "@MODELS.add('of-a-mixture')\nclass Mine(Counted):\n    pass\n",
        "utf-8",
    )
    with MODELS.restored():
        code = {str(file): load_code(file)}
        columns = parse_columns(["char@ngram", "spaced:unk@of-a-mixture"], {})
        (row,) = compute(Request(brief, columns, quick_settings, code=code), tmp_path / "out", Reporter()).rows
    assert row.column == "char@ngram + spaced:unk@of-a-mixture"
    assert row.verified
