"""``toolkit train``: one cell as a run in a folder of its own."""

import os
from dataclasses import replace

import pytest

from tests.conftest import TINY
from tests.helpers.comparisons import Recorder, contents, request, written
from toolkit.comparison.alone import train_alone
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.config import merged
from toolkit.errors import InputError
from toolkit.runs.folder import load_cell, load_spec


@pytest.fixture
def counted(brief):
    """The request of one counted cell."""
    return request(brief, "char@ngram")


def test_a_run_alone_is_that_of_a_comparison_stays_and_is_verified_on_request(counted, tmp_path):
    cell = train_alone(counted, tmp_path / "run", Reporter())
    compute(counted, tmp_path / "out", Reporter())
    alone, other = contents(tmp_path / "run"), contents(tmp_path / "out" / "runs" / "char-ngram-seed0")
    assert (alone.pop("cell.json") | {"run": ""}, alone) == (other.pop("cell.json") | {"run": ""}, other)
    assert sorted(os.listdir(tmp_path)) == [".run.lock", "out", "run"]
    times = written(tmp_path / "run")
    assert train_alone(counted, tmp_path / "run", Reporter()) == cell
    assert written(tmp_path / "run") == times
    verified = train_alone(replace(counted, verify=True), tmp_path / "run", Reporter())
    assert load_cell(tmp_path / "run") == verified == cell.model_copy(update={"verified": verified.verified})
    assert verified.verified.characters == sum(document.characters for document in cell.documents)


def test_a_run_of_another_spec_is_refused_unless_fresh_replaces_it(counted, tmp_path):
    train_alone(counted, tmp_path / "run", Reporter())
    other, files_before = replace(counted, seeds=(3,)), contents(tmp_path)
    with pytest.raises(InputError, match="seed"):
        train_alone(other, tmp_path / "run", Reporter())
    assert contents(tmp_path) == files_before
    train_alone(other, tmp_path / "run", Reporter(), fresh=True)
    (tmp_path / "run" / "notes.md").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=str(tmp_path / "run")):
        train_alone(counted, tmp_path / "run", Reporter(), fresh=True)
    assert load_spec(tmp_path / "run").seed == 3


@pytest.mark.slow
def test_an_interrupted_training_is_resumed_and_has_the_same_weights(brief, tmp_path):
    columns = request(brief, "char", given=merged(TINY, {"train": {"checkpoint_seconds": 0.0}}))
    with pytest.raises(KeyboardInterrupt):
        train_alone(columns, tmp_path / "run", Recorder(stop_at=8))
    assert load_cell(tmp_path / "run") is None
    train_alone(columns, tmp_path / "run", resumed := Recorder())
    train_alone(columns, tmp_path / "once", Reporter())
    assert min(resumed.updates) > 1
    for file in ("weights.safetensors", "scores.npz", "samples.jsonl", "config.toml"):
        assert (tmp_path / "run" / file).read_bytes() == (tmp_path / "once" / file).read_bytes()
