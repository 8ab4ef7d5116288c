"""The row of a mixture: made of columns of characters and of spaced words, coded before it is shown, and kept."""

import json
import shutil

import pytest

from tests.conftest import QUICK
from toolkit.comparison.compare import compare
from toolkit.comparison.reporter import Silent
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, load_row, mixtures, row_specs
from toolkit.comparison.where import Where
from toolkit.inference.mixture import LEARNING_RATE, WEIGHING, Mixture
from toolkit.plugins import load_code
from toolkit.report import render
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.training import MODELS

pytestmark = pytest.mark.slow

COLUMNS = ["spaced", "char@ngram", "char", "spaced@ngram", "word:unk@ngram"]
MIXED = "char@ngram + char + spaced:unk + spaced:unk@ngram"


def request(corpus, **others):
    return Request(corpus, parse_columns(COLUMNS, {}), QUICK, command="toolkit compare", **others)


@pytest.fixture(scope="module")
def folder(brief, tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "mixture"
    compare(request(brief), out, Silent())
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


def test_it_is_kept_and_the_same_from_workers(folder, brief, tmp_path, monkeypatch):
    first = Comparison.load(folder / "comparison.json")
    computed = []
    right = RowSpec.model
    monkeypatch.setattr(RowSpec, "model", lambda self, out: computed.append(self.name) or right(self, out))
    assert compare(request(brief), folder, Silent()) == first
    assert computed == []
    out = shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(out / "rows")
    (out / "comparison.json").unlink()
    assert compare(request(brief, where=Where(2)), out, Silent()).rows == first.rows


def test_one_that_was_weighed_otherwise_is_made_again(comparison, folder):
    (spec,) = row_specs(comparison.done, None)
    assert load_row(folder, spec) is not None
    made_from = folder / "rows" / spec.name / "made_from.json"
    text = made_from.read_text("utf-8")
    made_from.write_text(json.dumps([part for part in json.loads(text) if part != WEIGHING]), "utf-8")
    try:
        assert load_row(folder, spec) is None
    finally:
        made_from.write_text(text, "utf-8")


def test_there_is_none_without_both_kinds_of_columns(comparison):
    cells = comparison.done
    letters = [cell for cell in cells if cell.tokenizer == "char"]
    assert row_specs(letters, None) == []
    assert mixtures([cell for cell in cells if cell.tokenizer != "char"], 0.3) == []
    (spec,) = mixtures([*letters, *(cell for cell in cells if cell.column == "spaced:unk")], 0.5)
    assert (spec.column, spec.rate) == ("char@ngram + char + spaced:unk", 0.5)


def test_its_model_is_a_mixture_of_the_runs(comparison, folder):
    (spec,) = row_specs(comparison.done, None)
    model = spec.model(folder)
    assert isinstance(model, Mixture)
    assert [type(part.tokenizer).__name__ for part in model.models] == ["Characters"] * 2 + ["Spaced"] * 2
    assert model.parameters == sum(
        cell.parameters for cell in comparison.done if cell.column in spec.column.split(" + ")
    )


def test_someone_elses_model_in_any_of_its_columns_is_known_to_the_process_that_decodes(brief, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from toolkit.training import MODELS\nfrom toolkit.training.kinds import Counted\n\n\n"
        "@MODELS.add('of-a-mixture')\nclass Mine(Counted):\n    pass\n",
        "utf-8",
    )
    with MODELS.restored():
        code = {str(file): load_code(file)}
        columns = parse_columns(["char@ngram", "spaced:unk@of-a-mixture"], {})
        (row,) = compare(Request(brief, columns, QUICK, code=code), tmp_path / "out", Silent()).rows
    assert row.column == "char@ngram + spaced:unk@of-a-mixture"
    assert row.verified
