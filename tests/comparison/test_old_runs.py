"""What the toolkit wrote before there were several kinds of models is still read, scored, proven, resumed and shown.

``tests/data/before_models`` was made by that version, on tales that ``conftest.story`` tells:

    toolkit compare --tokenizers char,word --corpus tales --set network.units=8 --set train.updates=60 \
        --set train.checks=4 --set train.batch=4 --set train.window_characters=40 --set samples.count=2 \
        --set samples.characters=120 --set train.checkpoint_seconds=0 --workers 1

``interrupted`` is the checkpoint of ``word:pos`` in another such comparison, killed after seven updates.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from toolkit.cli import main
from toolkit.network import before_keras
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data" / "before_models"
SETTINGS = (
    "network.units=8", "train.updates=60", "train.checks=4", "train.batch=4", "train.window_characters=40",
    "samples.count=2", "samples.characters=120", "train.checkpoint_seconds=0",
)  # fmt: skip
COLUMNS = ("char", "word-pos")


def laid_out(folder):
    """A copy of the old comparison, with its corpus beside it, which its runs then name."""
    shutil.copytree(DATA, folder, copy_function=shutil.copyfile)
    for config in folder.glob("comparison/runs/*/config.toml"):
        config.write_text(config.read_text("utf-8").replace("/elsewhere", str(folder)), "utf-8")
    return folder / "comparison"


@pytest.fixture
def old(tmp_path, monkeypatch):
    """The old comparison, in a working folder that has its corpus."""
    laid_out(tmp_path / "data")
    monkeypatch.chdir(tmp_path / "data")
    return tmp_path / "data" / "comparison"


@pytest.fixture(scope="module")
def measured_once(made_once):
    """The old comparison twice: as it was, and after its command was given again, which measures what is new."""

    def make(folder):
        laid_out(folder / "data")
        shutil.copytree(folder / "data" / "comparison", folder / "before")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder / "data")
            assert called(patch, *compare("--out", "comparison")) == 0

    return made_once("old-comparison-measured", make)


@pytest.fixture
def measured(measured_once, tmp_path, monkeypatch):
    """A copy of the comparison that was measured again, in a working folder that has its corpus."""
    shutil.copytree(measured_once / "data", tmp_path / "measured")
    monkeypatch.chdir(tmp_path / "measured")
    return tmp_path / "measured" / "comparison"


def called(patch, *arguments):
    """Give a command; its exit code."""
    patch.setattr("sys.argv", ["toolkit", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.fixture
def toolkit(monkeypatch, capsys):
    """Runs a command; its output. It must end with 0."""

    def run(*arguments):
        code = called(monkeypatch, *arguments)
        output = capsys.readouterr()
        assert code == 0, output.err
        return output.out

    return run


def compare(*more):
    settings = (part for setting in SETTINGS for part in ("--set", setting))
    return ("compare", "--tokenizers", "char,word", "--corpus", "tales", "--workers", "1", *settings, *more)


@pytest.mark.parametrize("column", COLUMNS)
def test_it_is_scored_as_it_was(old, toolkit, column):
    before = Comparison.load(old / "comparison.json").done[COLUMNS.index(column)]
    names = [f"tales/{document.name}.txt" for document in before.documents]
    said = toolkit("score", old / "runs" / f"{column}-seed0", *names)
    for document in before.documents:
        assert f"{document.bits:,.2f} bits" in said


@pytest.mark.parametrize("column", COLUMNS)
def test_it_is_verified_and_writes(old, toolkit, column):
    run = old / "runs" / f"{column}-seed0"
    assert "verified: the canonical text came back" in toolkit("verify", run, "--characters", "300", "--quiet")
    assert len(toolkit("generate", run, "--prompt", "The lamp", "--length", "40")) >= 48


@pytest.mark.parametrize("command", ["report", "compare"])
def test_its_page_is_made_again(request, toolkit, command):
    folder = request.getfixturevalue("old" if command == "report" else "measured")
    if command == "report":
        toolkit("report", folder)
    page = (folder / "index.html").read_text("utf-8")
    assert "word:pos" in page
    assert "Letter frequencies" in page  # what older versions left to the page to say
    assert ("What noise costs was not measured" in page) == (command == "report")


def test_the_same_command_trains_nothing_and_measures_what_is_new(measured_once, measured, toolkit):
    """Nothing that was trained changes; its cells are scored again, since there is more to say of them now."""
    before = Comparison.load(measured_once / "before" / "comparison.json").done
    made = contents(measured_once / "before" / "runs")
    found = contents(measured / "runs")
    assert found.keys() >= made.keys()
    assert {path.name for path, content in made.items() if found[path] != content} <= {
        "cell.json", "scores.npz", "samples.jsonl"
    }  # fmt: skip
    after = Comparison.load(measured / "comparison.json")
    assert after.version == 2
    for then, now in zip(before, after.done, strict=True):
        assert not then.is_current
        assert now.is_current
        assert [noise.extra is None for noise in now.noise] == [False] * 3
        assert now.bits_per_character.total == pytest.approx(then.bits_per_character.total, rel=1e-6)
        assert (now.history, now.updates, now.train_seconds) == (then.history, then.updates, then.train_seconds)
    toolkit(*compare("--out", measured))
    again = contents(measured / "runs")
    assert {path: again[path] for path in made} == {path: found[path] for path in made}  # and once is enough


def contents(folder):
    """The bytes of all files, by their paths in the folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_its_temperature_is_kept_and_new_folders_are_matched(measured, toolkit):
    for cell in Comparison.load(measured / "comparison.json").done:
        assert (cell.generated.temperature, cell.generated.matched) == (0.8, False)
        assert cell.generated.sweep is not None
        assert load_run(measured / cell.run).spec.basis.settings.samples.temperature == 0.8
    for file in (measured / "compare.toml", *measured.glob("runs/*/config.toml")):  # as this version writes them
        file.write_text(file.read_text("utf-8").replace("temperature = 0.8\n", ""), "utf-8")
    for cell in measured.glob("runs/*/cell.json"):
        record = json.loads(cell.read_text("utf-8"))
        record["generated"]["sweep"] = None  # to be evaluated again
        cell.write_text(json.dumps(record), "utf-8")
    toolkit(*compare("--out", measured))
    for cell in Comparison.load(measured / "comparison.json").done:
        assert cell.generated.matched
        assert cell.generated.temperature == cell.generated.sweep.matched


def test_its_training_goes_on(old, toolkit):
    expected = load_file(old / "runs" / "word-pos-seed0" / "weights.safetensors")
    (old / "comparison.json").unlink()
    run = old / "runs" / "word-pos-seed0"
    shutil.rmtree(run)
    (run / "checkpoint").mkdir(parents=True)
    with safe_open(old.parent / "interrupted" / "state.safetensors", "numpy") as kept:
        header, arrays = kept.metadata(), {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
    marked = json.loads(header["position"]) | {"characters_seen": 1_000_000}  # to tell it from a new beginning
    save_file(arrays, run / "checkpoint" / "state.safetensors", header | {"position": json.dumps(marked)})
    toolkit(*compare("--out", old))
    assert Comparison.load(old / "comparison.json").done[1].characters_seen > 1_000_000
    network = load_run(run).model.network
    for name, array in before_keras.weights(expected, network).items():
        np.testing.assert_allclose(
            network.named_weights[name], array, atol=1e-3, err_msg=name
        )  # other processors round otherwise


def test_it_is_trained_further(old, toolkit):
    before = Comparison.load(old / "comparison.json").done
    toolkit(*compare("--out", old, "--more", "4x"))
    for cell, longer in zip(before, Comparison.load(old / "comparison.json").done, strict=True):
        assert longer.history[: len(cell.history)] == cell.history
        assert longer.updates == 4 * cell.updates == 240
        best = [min(row.valid_bits_per_character for row in c.history) for c in (cell, longer)]
        assert best[1] < best[0]
