"""Rows made of finished cells: means of seeds, models that keep learning, and mixtures of columns."""

import json
import shutil
from dataclasses import replace

import pytest

from tests.conftest import QUICK
from tests.helpers.comparisons import request
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.rows import compute_row, load_row, row_folder, row_specs
from toolkit.comparison.work import Work
from toolkit.inference.combined import LEARNING_RATE, RULE, WEIGHING
from toolkit.inference.scores import scores_of
from toolkit.runs.folder import load_scores

pytestmark = pytest.mark.slow

COLUMNS = ["char@gru", "char@ngram", "spaced:unk@ngram"]
MIXTURE = " + ".join(COLUMNS)
FIELDS = {"columns": ",".join(COLUMNS), "given": QUICK, "seeds": (0, 1), "adapt": 0.3, "ensembles": True}


@pytest.fixture(scope="module")
def comparison(brief, tmp_path_factory):
    """A comparison with two seeds and rows that keep learning."""
    return compute(request(brief, **FIELDS), tmp_path_factory.mktemp("reports") / "rows", Reporter())


@pytest.fixture(scope="module")
def specs(brief):
    """The rows by kind, then by column; the row of the first seed if there are several."""
    asked = request(brief, **FIELDS)
    return {(spec.kind, spec.column): spec for spec in reversed(row_specs(asked.specs(), asked))}


@pytest.fixture
def copy(comparison, tmp_path):
    """A copy of the comparison's folder, to be changed."""
    return shutil.copytree(comparison.folder, tmp_path / "copy")


def test_columns_have_their_rows_in_order_and_models_that_learn_are_verified(comparison):
    assert [(row.column, row.kind, row.seeds, row.rate) for row in comparison.rows] == [
        ("char@gru", "ensemble", [0, 1], None),
        ("char@gru", "adapting", [0], 0.3),
        ("char@gru", "adapting", [1], 0.3),
        ("char@gru", "adapting ensemble", [0, 1], 0.3),
        ("char@ngram", "adapting", [0, 1], 0.3),  # counted: the same for every seed
        ("spaced:unk@ngram", "adapting", [0, 1], 0.3),
        (MIXTURE, "mixture", [0, 1], 0.3),
    ]
    for row in comparison.rows:
        assert (row.verified is None) == (row.rate is None)
        if row.verified:
            assert row.verified.bits / 8 - 16 <= row.verified.bytes <= row.verified.bits / 8 * 1.005 + 16
    assert not any("mixture" in contrast.a + contrast.b for contrast in comparison.contrasts)


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"adapt": None}, [("ensemble", None), ("mixture", LEARNING_RATE)]),
        ({"adapt": None, "columns": "char,char@ngram"}, [("ensemble", None)]),  # nothing to mix them with
        ({"adapt": None, "ensembles": False}, [("mixture", LEARNING_RATE)]),
        ({"columns": "char", "ensembles": False}, [("adapting", 0.3)] * 2),
        ({"quick": True}, []),
    ],
)
def test_rows_are_made_where_they_are_asked_for(brief, changes, kinds):
    asked = request(brief, **FIELDS | changes)
    assert [(spec.kind, spec.rate) for spec in row_specs(asked.specs(), asked)] == kinds


def test_figures_of_a_row_are_those_of_its_scores(comparison, specs):
    tokens = {cell.column: cell.tokens for cell in comparison.done}
    for row in comparison.rows:
        whole = row.bits_per_character.total * comparison.corpus.test_characters
        assert sum(document.bits for document in row.documents) == pytest.approx(whole, rel=1e-9)
    for spec in specs.values():
        if spec.kind != "mixture":
            scores = scores_of(load_scores(row_folder(comparison.folder, spec)))
            bits = sum(of_document.network_bits.sum() for of_document in scores)
            perplexity = load_row(comparison.folder, spec).perplexity_per_token
            assert perplexity == pytest.approx(2 ** (bits / tokens[spec.column]), rel=1e-9)


def test_a_mixture_needs_fewer_bits_than_any_of_its_columns(comparison, specs):
    mixture = load_row(comparison.folder, specs["mixture", MIXTURE]).bits_per_character.total
    assert mixture < min(cell.bits_per_character.total for cell in comparison.done)


def test_a_lost_row_is_computed_again_and_a_finished_one_is_kept(copy, brief, specs):
    work = Work(request(brief, **FIELDS), copy, Reporter())
    for spec in (specs["ensemble", "char@gru"], specs["adapting", "char@ngram"]):
        first, file = load_row(copy, spec), row_folder(copy, spec) / "row.json"
        written = file.stat().st_mtime_ns
        assert compute_row(work, spec) == first
        assert file.stat().st_mtime_ns == written
        shutil.rmtree(row_folder(copy, spec))
        assert compute_row(work, spec) == first == load_row(copy, spec)


def test_a_row_of_other_runs_or_of_another_rule_is_computed_again(copy, specs):
    ensemble = specs["ensemble", "char@gru"]
    other = replace(ensemble, runs=(ensemble.runs[0], "runs/char-ngram-seed1"))  # as a run that was trained again
    assert load_row(copy, ensemble) is not None
    assert load_row(copy, ensemble, verify=True) is None
    assert load_row(copy, other) is None
    network, mixture = specs["adapting", "char@gru"], specs["mixture", MIXTURE]
    rules = [load_row(copy, spec).rule for spec in (network, specs["adapting", "char@ngram"])]
    assert rules == [RULE, None]
    for spec, rule in ((network, RULE), (mixture, WEIGHING)):
        file = row_folder(copy, spec) / "made_from.json"
        parts = json.loads(file.read_text("utf-8"))
        assert rule in parts
        file.write_text(json.dumps([part for part in parts if part != rule]), "utf-8")
        assert load_row(copy, spec) is None
