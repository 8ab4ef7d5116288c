"""Other models beside the LSTM, and rows made of finished cells: trained, scored, coded and kept by the same code."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from toolkit.comparison import rows
from toolkit.comparison.comparison import compare
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, load_row, row_folder, row_specs
from toolkit.comparison.where import Where
from toolkit.config import merged, parse_settings
from toolkit.errors import KILLED, InputError, KilledError
from toolkit.evaluation.contrasts import contrasts_of
from toolkit.evaluation.metrics import MEASURES, Measure
from toolkit.inference.adapting import RULE
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.scores import scores_of
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load_run, load_scores, save_scores
from toolkit.runs.spec import CellSpec

pytestmark = pytest.mark.slow

COLUMNS = ["char@gru", "char@ngram", "word:unk@ngram"]


def request(corpus, settings, columns=COLUMNS, **others):
    options = {"seeds": (0, 1), "adapt": 0.3, "command": "toolkit compare"} | others
    return Request(corpus, parse_columns(columns, {}), settings, **options)


@pytest.fixture(scope="module")
def folder(brief, quick_settings, tmp_path_factory):
    """A comparison of other models with two seeds and rows that keep learning."""
    out = tmp_path_factory.mktemp("reports") / "rows"
    compare(request(brief, quick_settings), out, Silent())
    return out


@pytest.fixture(scope="module")
def comparison(folder):
    return Comparison.load(folder / "comparison.json")


def test_each_model_is_trained_and_named(comparison):
    assert [(cell.column, cell.model, cell.seed) for cell in comparison.done] == [
        (column, column.partition("@")[2], seed) for column in COLUMNS for seed in (0, 1)
    ]
    counted = [cell for cell in comparison.done if cell.model == "ngram"]
    assert all(cell.updates == 0 and cell.history == [] and cell.parameters > 0 for cell in counted)


def test_runs_keep_what_their_kind_needs(folder):
    gru, ngram = folder / "runs" / "char-gru-seed0", folder / "runs" / "char-ngram-seed0"
    assert {path.name for path in gru.iterdir()} >= {"weights.safetensors", "history.csv"}
    assert not {path.name for path in ngram.iterdir()} & {"weights.safetensors", "history.csv"}
    assert (ngram / "counts.safetensors").is_file()
    assert "gru_0/gru_cell/recurrent_kernel" in load_run(gru).model.network.named_weights


@pytest.mark.parametrize("run", ["char-gru-seed0", "char-ngram-seed0", "word-unk-ngram-seed1"])
def test_a_loaded_run_pays_what_was_reported(folder, comparison, brief_split, run):
    model = load_run(folder / "runs" / run).model
    (cell,) = (cell for cell in comparison.done if cell.run == f"runs/{run}")
    scores = model.score([model.tokenizer.encode(document) for document in brief_split.test])
    assert [of_document.total for of_document in scores] == pytest.approx([d.bits for d in cell.documents], rel=1e-6)


def test_every_column_has_its_rows_in_order(comparison):
    assert [(row.column, row.kind, row.seeds, row.rate) for row in comparison.rows] == [
        ("char@gru", "ensemble", [0, 1], None),
        ("char@gru", "adapting", [0], 0.3),
        ("char@gru", "adapting", [1], 0.3),
        ("char@gru", "adapting ensemble", [0, 1], 0.3),
        ("char@ngram", "adapting", [0, 1], 0.3),  # counted: the same for every seed
        ("word:unk@ngram", "adapting", [0, 1], 0.3),
    ]


def test_what_learns_is_shown_only_once_a_coder_has_confirmed_it(comparison):
    for row in comparison.rows:
        bits = sum(document.bits for document in row.documents)
        assert bits / comparison.corpus.test_characters == pytest.approx(row.bits_per_character.total, rel=1e-9)
        if row.rate is None:
            assert row.verified is None  # nobody asked
        else:
            assert row.verified.bits / 8 - 16 <= row.verified.bytes <= row.verified.bits / 8 * 1.005 + 16


def test_counting_on_is_cheaper_and_a_mean_of_networks_too(comparison):
    totals = {(row.column, row.kind, *row.seeds): row.bits_per_character.total for row in comparison.rows}
    cells = {(cell.column, cell.seed): cell.bits_per_character.total for cell in comparison.done}
    for column in COLUMNS[1:]:
        assert totals[column, "adapting", 0, 1] < cells[column, 0]
    assert totals["char@gru", "ensemble", 0, 1] < (cells["char@gru", 0] + cells["char@gru", 1]) / 2


def test_a_row_has_the_perplexity_of_its_columns_tokens(folder, comparison):
    tokens = {cell.column: cell.tokens for cell in comparison.done}
    for row, spec in zip(comparison.rows, row_specs(comparison.done, 0.3), strict=True):
        bits = sum(of_document.network_bits.sum() for of_document in scores_of(load_scores(row_folder(folder, spec))))
        assert row.perplexity_per_token == pytest.approx(2 ** (bits / tokens[row.column]), rel=1e-9)


def test_the_mean_is_of_probabilities_event_by_event(folder):
    gru = [scores_of(load_scores(folder / "runs" / f"char-gru-seed{seed}")) for seed in (0, 1)]
    mean = scores_of(load_scores(folder / "rows" / "char-gru-ensemble-seed0-1"))
    for a, b, both in zip(*gru, mean, strict=True):
        expected = -np.log2((2.0**-a.network_bits + 2.0**-b.network_bits) / 2)
        np.testing.assert_allclose(both.network_bits, expected, rtol=1e-5)


def test_contrasts_of_rows_follow_those_of_the_columns_like_with_like(comparison):
    pairs = [(a, b) for i, a in enumerate(COLUMNS) for b in COLUMNS[i + 1 :]]
    assert [(c.a, c.b) for c in comparison.contrasts] == pairs + [
        (f"{a} (adapting)", f"{b} (adapting)") for a, b in pairs
    ]
    assert len(comparison.column_contrasts) == len(pairs)
    assert {contrast.kind for contrast in comparison.contrasts[len(pairs) :]} == {"adapting"}
    assert contrasts_of(comparison) == comparison.contrasts


def test_seeds_add_no_variance_to_a_counted_column(comparison):
    """Its one row is known to be that of all seeds, as two equal rows are."""
    repeated = []
    for row in comparison.rows:
        repeated += (
            [row.model_copy(update={"seeds": [seed]}) for seed in row.seeds] if row.kind == "adapting" else [row]
        )
    assert len(repeated) == len(comparison.rows) + 2
    assert contrasts_of(comparison.model_copy(update={"rows": repeated})) == comparison.contrasts


def test_finished_rows_are_not_computed_again_and_a_lost_one_is(folder, brief, quick_settings, tmp_path, monkeypatch):
    out = shutil.copytree(folder, tmp_path / "copy")
    before = json.loads((out / "comparison.json").read_text("utf-8"))
    lost = out / "rows" / "char-ngram-adapting-0.3-seed0-1"
    shutil.rmtree(lost)
    (out / "comparison.json").unlink()
    computed = []
    right = RowSpec.model
    monkeypatch.setattr(RowSpec, "model", lambda self, out: computed.append(self.name) or right(self, out))
    compare(request(brief, quick_settings), out, Silent())
    assert set(computed) == {lost.name}
    after = json.loads((out / "comparison.json").read_text("utf-8"))
    assert after["rows"] == before["rows"]


def test_a_row_of_runs_that_were_trained_again_is_made_again(folder):
    cells = Comparison.load(folder / "comparison.json").done
    (spec,) = (spec for spec in row_specs(cells, None) if spec.column == "char@gru")
    assert load_row(folder, spec) is not None
    other = replace(spec, runs=(spec.runs[0], "runs/char-ngram-seed1"))  # of the same name, as a run trained again is
    assert other.name == spec.name
    assert load_row(folder, other) is None


def test_a_row_whose_network_learnt_by_another_rule_is_made_again_and_one_that_counts_is_not(folder):
    cells = Comparison.load(folder / "comparison.json").done
    learning = {spec.column: spec for spec in row_specs(cells, 0.3) if spec.kind == "adapting"}
    network, counted = learning["char@gru"], learning["char@ngram"]
    assert load_row(folder, network).rule == RULE
    assert load_row(folder, counted).rule is None
    made_from = folder / "rows" / network.name / "made_from.json"
    before = made_from.read_text("utf-8")
    made_from.write_text(json.dumps([run for run in json.loads(before) if run != RULE]), "utf-8")
    try:
        assert load_row(folder, network) is None
    finally:
        made_from.write_text(before, "utf-8")


def test_without_seeds_and_without_a_rate_there_are_no_rows(comparison):
    assert row_specs(comparison.done[:1], None) == []


def test_a_cell_can_be_said_for_all_columns(brief, quick_settings, folder, tmp_path):
    settings = parse_settings(merged(quick_settings.model_dump(), {"network": {"cell": "gru"}}), quick_settings)
    out = tmp_path / "gru"
    said = compare(request(brief, settings, ["char"], seeds=(0,), adapt=None), out, Silent())
    assert said.done[0].model == "gru"
    a, b = (load_run(path).model.network.arrays() for path in (out / "runs/char-seed0", folder / "runs/char-gru-seed0"))
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name])


def test_an_unknown_cell_is_refused_before_anything_is_computed(corpus, tiny_settings, tmp_path):
    settings = parse_settings(merged(tiny_settings.model_dump(), {"network": {"cell": "ngram"}}), tiny_settings)
    with pytest.raises(InputError, match="There is no cell 'ngram'"):
        compare(request(corpus, settings, ["char"]), tmp_path / "out", Silent())
    assert not (tmp_path / "out").exists()


def test_the_default_model_by_name_and_another_cell_for_all_contradict_each_other(corpus, tiny_settings, tmp_path):
    settings = parse_settings(merged(tiny_settings.model_dump(), {"network": {"cell": "gru"}}), tiny_settings)
    with pytest.raises(InputError, match=r"names the model 'lstm', but network\.cell is 'gru'"):
        compare(request(corpus, settings, ["char@lstm", "word:unk"]), tmp_path / "out", Silent())


@pytest.mark.parametrize("column", ["char@gru", "char@ngram", "char"])
def test_a_run_comes_back_with_its_model(corpus, tiny_settings, column):
    spec = request(corpus, tiny_settings, [column]).specs()[0]
    again = CellSpec.from_toml(spec.to_toml())
    assert again.model == spec.model == (column.partition("@")[2] or "lstm")
    assert again.kind().file == spec.kind().file


def test_the_same_command_without_a_rate_keeps_the_rows_that_are_there(folder, brief, quick_settings, tmp_path):
    out = shutil.copytree(folder, tmp_path / "copy")
    before = Comparison.load(out / "comparison.json")
    after = compare(request(brief, quick_settings, adapt=None), out, Silent())
    assert after == before


def test_rows_are_the_same_from_workers(folder, brief, quick_settings, tmp_path):
    out = shutil.copytree(folder, tmp_path / "copy")
    before = Comparison.load(out / "comparison.json")
    (out / "comparison.json").unlink()
    for name in ("char-gru-adapting-0.3-seed0", "word-unk-ngram-adapting-0.3-seed0-1"):
        shutil.rmtree(out / "rows" / name)
    assert compare(request(brief, quick_settings, where=Where(2)), out, Silent()).rows == before.rows


@pytest.mark.parametrize("error", [MemoryError(), KilledError(KILLED)], ids=["memory", "killed"])
def test_a_row_without_memory_is_left_out_until_the_same_command_computes_it(
    brief, quick_settings, tmp_path, monkeypatch, error
):
    new_row = rows.new_row

    def failing(work, spec, folder, *, proof_needed):
        if spec.kind == "adapting":
            raise error
        return new_row(work, spec, folder, proof_needed=proof_needed)

    asked = request(brief, quick_settings, ["char@ngram"])
    with monkeypatch.context() as patch:
        patch.setattr(rows, "new_row", failing)
        made = compare(asked, tmp_path / "out", Silent())
    assert made.rows == []
    (warning,) = (one for one in made.warnings if one.kind == "failed")
    assert warning.columns == ["char@ngram (adapting)"]
    assert "the same command" in warning.value
    again = compare(asked, tmp_path / "out", Silent())
    assert len(again.rows) == 1
    assert not [one for one in again.warnings if one.kind == "failed"]


def test_models_of_different_tokenizers_are_no_ensemble(folder):
    runs = [load_run(folder / "runs" / name).model for name in ("char-ngram-seed0", "word-unk-ngram-seed0")]
    with pytest.raises(InputError, match="different tokenizers"):
        Ensemble(runs)


def test_what_is_not_a_measure_is_refused_before_training(corpus, tiny_settings, tmp_path):
    with MEASURES.restored():
        MEASURES.add("plain")(lambda texts, reference: 0.0)  # noqa: ARG005
        with pytest.raises(InputError, match="The measure 'plain' is a function; register a Measure"):
            compare(request(corpus, tiny_settings, ["char@ngram"]), tmp_path / "out", Silent())
    with MEASURES.restored():
        facts = {"label": "Broken", "unit": "share", "definition": "fails"}
        MEASURES.add("broken")(Measure(lambda texts, reference: 1 / 0, **facts))  # noqa: ARG005
        with pytest.raises(ZeroDivisionError):
            compare(request(corpus, tiny_settings, ["char@ngram"]), tmp_path / "out", Silent())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("file", ["row.json", "scores.npz"])
def test_a_row_whose_bits_are_not_those_of_its_scores_is_refused(folder, brief, quick_settings, tmp_path, file):
    out = shutil.copytree(folder, tmp_path / "copy")
    (out / "comparison.json").unlink()
    row = out / "rows" / "char-gru-adapting-0.3-seed0"
    if file == "row.json":
        content = json.loads((row / file).read_text("utf-8"))
        content["bits_per_character"]["total"] = 1.0
        (row / file).write_text(json.dumps(content), "utf-8")
    else:
        arrays = load_scores(row)
        save_scores(row, {**arrays, "network_bits": arrays["network_bits"] / 2})
    with pytest.raises(InputError, match="its bits are not those of its scores"):
        compare(request(brief, quick_settings), out, Silent())


def test_seeds_are_not_asked_for_where_they_make_no_difference(comparison):
    (counted,) = (c for c in comparison.contrasts if (c.a, c.b) == ("char@ngram", "word:unk@ngram"))
    assert counted.limit != "seeds"
