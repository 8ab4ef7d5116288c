"""Rows made of finished cells: computed, scored, coded and kept by the same code as columns."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, compute_row, load_row, needs_proof, row_folder, row_specs
from toolkit.comparison.work import Work
from toolkit.errors import InputError
from toolkit.evaluation.contrasts import contrasts_of
from toolkit.files import too_long
from toolkit.inference.adapting import RULE
from toolkit.inference.scores import scores_of
from toolkit.plugins import load_code
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load_scores, save_scores
from toolkit.training import MODELS

pytestmark = pytest.mark.slow

COLUMNS = ["char@gru", "char@ngram", "word:unk@ngram"]
FOREIGN = """
from dataclasses import replace

from toolkit.inference.ngram import NGramModel
from toolkit.results.cell import HistoryRow
from toolkit.training import MODELS
from toolkit.training.kinds import Counted


class Hungry(NGramModel):
    def learner(self, rate):
        raise MemoryError


@MODELS.add("hungry")
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        check = HistoryRow.model_construct(**{name: 1 for name in HistoryRow.model_fields})
        return replace(trained, model=Hungry(tokenizer, trained.model.ngrams), history=[check])

    def restored(self, tokenizer, settings, arrays):
        return Hungry(tokenizer, super().restored(tokenizer, settings, arrays).ngrams)
"""


def request(corpus, settings, columns=COLUMNS, **others):
    return Request(corpus, parse_columns(columns, {}), settings, seeds=(0, 1), adapt=0.3, **others)


@pytest.fixture(scope="module")
def comparison(brief, quick_settings, tmp_path_factory):
    """A comparison of other models with two seeds and rows that keep learning."""
    return compute(request(brief, quick_settings), tmp_path_factory.mktemp("reports") / "rows", Reporter())


@pytest.fixture(scope="module")
def specs(comparison):
    """The rows by column and kind; of several, that of the first seed."""
    return {(spec.column, spec.kind): spec for spec in reversed(row_specs(comparison.done, 0.3))}


@pytest.fixture
def copy(comparison, tmp_path):
    return shutil.copytree(comparison.folder, tmp_path / "copy")


def test_every_column_has_its_rows_in_order_and_those_that_learn_are_verified(comparison):
    assert [(row.column, row.kind, row.seeds, row.rate) for row in comparison.rows] == [
        ("char@gru", "ensemble", [0, 1], None),
        ("char@gru", "adapting", [0], 0.3),
        ("char@gru", "adapting", [1], 0.3),
        ("char@gru", "adapting ensemble", [0, 1], 0.3),
        ("char@ngram", "adapting", [0, 1], 0.3),  # counted: the same for every seed
        ("word:unk@ngram", "adapting", [0, 1], 0.3),
    ]
    assert all((row.verified is None) == (row.rate is None) for row in comparison.rows)
    assert [spec.kind for spec in row_specs(comparison.done, None)] == ["ensemble"]


def test_figures_of_a_row_are_those_of_its_scores(comparison, specs):
    tokens = {cell.column: cell.tokens for cell in comparison.done}
    for row in comparison.rows:
        whole = row.bits_per_character.total * comparison.corpus.test_characters
        assert sum(document.bits for document in row.documents) == pytest.approx(whole, rel=1e-9)
    for (column, _), spec in specs.items():
        bits = sum(scores.network_bits.sum() for scores in scores_of(load_scores(row_folder(comparison.folder, spec))))
        perplexity = load_row(comparison.folder, spec).perplexity_per_token
        assert perplexity == pytest.approx(2 ** (bits / tokens[column]), rel=1e-9)


def test_a_mean_is_of_probabilities_event_by_event_and_counting_on_is_cheaper(comparison, specs):
    gru = [scores_of(load_scores(comparison.folder / "runs" / f"char-gru-seed{seed}")) for seed in (0, 1)]
    mean = scores_of(load_scores(row_folder(comparison.folder, specs["char@gru", "ensemble"])))
    for a, b, both in zip(*gru, mean, strict=True):
        expected = -np.log2((2.0**-a.network_bits + 2.0**-b.network_bits) / 2)
        np.testing.assert_allclose(both.network_bits, expected, rtol=1e-5)
    counted = {cell.column: cell.bits_per_character.total for cell in comparison.done}
    for column in COLUMNS[1:]:
        assert load_row(comparison.folder, specs[column, "adapting"]).bits_per_character.total < counted[column]


def test_seeds_add_no_variance_to_counts(comparison):
    repeated = [
        row.model_copy(update={"seeds": seeds})
        for row in comparison.rows
        for seeds in ([[seed] for seed in row.seeds] if row.kind == "adapting" else [row.seeds])
    ]
    assert contrasts_of(comparison.model_copy(update={"rows": repeated})) == comparison.contrasts


@pytest.mark.parametrize("row", [("char@gru", "ensemble"), ("char@ngram", "adapting")])
def test_a_lost_row_is_computed_again_and_a_finished_one_is_kept(copy, brief, quick_settings, specs, row):
    work, spec = Work(request(brief, quick_settings), copy, Reporter()), specs[row]
    before, file = load_row(copy, spec), row_folder(copy, spec) / "row.json"
    written = file.stat().st_mtime_ns
    assert compute_row(work, spec) == before
    assert file.stat().st_mtime_ns == written
    shutil.rmtree(row_folder(copy, spec))
    assert compute_row(work, spec) == before == load_row(copy, spec)


def test_a_finished_row_is_verified_when_that_is_wanted(copy, brief, quick_settings, specs):
    spec = specs["char@gru", "ensemble"]
    before = load_row(copy, spec)
    assert needs_proof(spec, verify=True) > needs_proof(spec, verify=False)
    after = compute_row(Work(request(brief, quick_settings, verify=True), copy, Reporter()), spec)
    assert after.verified.bits == pytest.approx(sum(document.bits for document in before.documents))
    assert after.model_copy(update={"verified": None}) == before
    assert load_row(copy, spec) == after


def test_a_row_of_other_runs_or_of_another_rule_is_made_again(copy, specs):
    kinds = [("char@gru", "ensemble"), ("char@gru", "adapting"), ("char@ngram", "adapting")]
    ensemble, network, counted = (specs[row] for row in kinds)
    other = replace(ensemble, runs=(ensemble.runs[0], "runs/char-ngram-seed1"))  # as a run that was trained again
    assert load_row(copy, other) is None
    assert (load_row(copy, network).rule, load_row(copy, counted).rule) == (RULE, None)
    made_from = row_folder(copy, network) / "made_from.json"
    made_from.write_text(json.dumps([part for part in json.loads(made_from.read_text("utf-8")) if part != RULE]))
    assert load_row(copy, network) is None


@pytest.mark.parametrize("changed", ["row.json", "scores.npz"])
def test_a_row_that_disagrees_with_its_scores_is_refused(copy, specs, changed):
    spec = specs["char@gru", "adapting"]
    row, halved = row_folder(copy, spec), load_row(copy, spec)
    if changed == "row.json":
        halved.bits_per_character.total /= 2
        (row / changed).write_text(halved.model_dump_json(by_alias=True), "utf-8")
    else:
        arrays = load_scores(row)
        save_scores(row, {**arrays, "network_bits": arrays["network_bits"] / 2})
    with pytest.raises(InputError, match=row.name):
        load_row(copy, spec)


def test_rows_of_someone_elses_model_are_verified_and_left_out_where_memory_runs_out(brief, quick_settings, tmp_path):
    (tmp_path / "hungry.py").write_text(FOREIGN, "utf-8")
    with MODELS.restored():
        code = {str(tmp_path / "hungry.py"): load_code(tmp_path / "hungry.py")}
        wanted = request(brief, quick_settings, ["char@hungry"], code=code)
        comparison = compute(wanted, tmp_path / "out", Reporter())
    assert [(row.kind, row.verified is not None) for row in comparison.rows] == [("ensemble", True)]
    lacking = {name for warning in comparison.warnings if warning.kind == "failed" for name in warning.columns}
    assert lacking == {"char@hungry (adapting)", "char@hungry (adapting ensemble)"}
    assert len(list((tmp_path / "out" / "rows").iterdir())) == 1


def test_names_of_folders_differ_and_fit_a_file_system():
    specs = [RowSpec("a", "ensemble", ("runs/a-seed0",), tuple(range(n))) for n in (2, 300, 301)]
    assert len({spec.name for spec in specs}) == len(specs)
    assert not any(too_long(spec.name) for spec in specs)
