"""``--more 2x``: a finished comparison is trained further, to the same end however often it is interrupted or asked."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from toolkit.comparison.comparison import compare
from toolkit.comparison.options import factor, times_as_long
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.request import Request
from toolkit.config import TrainSettings
from toolkit.errors import InputError
from toolkit.results.comparison import Comparison
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load_cell, load_run, load_spec
from toolkit.training import trainer
from toolkit.training.trained import DivergedError

pytestmark = pytest.mark.slow

COLUMNS = ("char", "word:unk@gru", "char@ngram")
TRAINED = [f"{column}-seed{seed}" for column in ("char", "word-unk-gru") for seed in (0, 1)]
COUNTED = [f"char-ngram-seed{seed}" for seed in (0, 1)]


def with_train(settings, **changes):
    return settings.model_copy(update={"train": settings.train.model_copy(update=changes)})


def asked(corpus, settings, names=COLUMNS, more=None, **others):
    """The request of a comparison with two seeds, or that of training it ``more`` times as long."""
    further = None if more is None else times_as_long(settings.train, more)
    options = {"seeds": (0, 1), "command": "toolkit compare"} | others
    return Request(corpus, parse_columns(list(names), {}), settings, further=further, **options)


@pytest.fixture(scope="module")
def folders(brief, quick_settings, made_once):
    """A comparison, and a copy that was trained twice as long and verified."""

    def make(folder):
        compare(asked(brief, quick_settings), folder / "once", Silent())
        shutil.copytree(folder / "once", folder / "twice")
        compare(asked(brief, quick_settings, more=2, verify=True), folder / "twice", Silent())

    made = made_once("further", make)
    return made / "once", made / "twice"


@pytest.fixture
def twice(folders, tmp_path):
    """A copy of the comparison trained twice as long, to be changed."""
    return shutil.copytree(folders[1], tmp_path / "twice")


@pytest.fixture
def once(folders, tmp_path):
    """A copy of the comparison as it was before, to be trained further."""
    return shutil.copytree(folders[0], tmp_path / "once")


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def assert_same_networks(a, b, runs):
    """Assert that two comparisons have the same weights, histories and scores, array by array."""
    for run in runs:
        weights, others = (load_file(folder / "runs" / run / "weights.safetensors") for folder in (a, b))
        assert weights.keys() == others.keys()
        for name, array in weights.items():
            np.testing.assert_array_equal(array, others[name], err_msg=f"{run} {name}")
        assert load_spec(a / "runs" / run) == load_spec(b / "runs" / run)
        assert not (b / "runs" / run / "checkpoint").exists()
    cells, others = (Comparison.load(folder / "comparison.json").cells for folder in (a, b))
    clock = {"seconds", "train_seconds", "characters_per_second", "digest"}  # checkpoints may differ, as by the clock
    for cell, other in zip(cells, others, strict=True):
        assert without(cell.model_dump(), clock) == without(other.model_dump(), clock)


def without(record, keys):
    if isinstance(record, dict):
        return {key: without(value, keys) for key, value in record.items() if key not in keys}
    return [without(value, keys) for value in record] if isinstance(record, list) else record


def test_a_history_goes_on_in_one_line(folders):
    before, after = (Comparison.load(folder / "comparison.json") for folder in folders)
    pairs = [(a, b) for a, b in zip(before.done, after.done, strict=True) if a.model != "ngram"]
    assert len(pairs) == 4
    for cell, longer in pairs:
        assert (cell.updates, longer.updates) == (12, 24)
        assert longer.history[: len(cell.history)] == cell.history
        assert len(longer.history) > len(cell.history)
        for name in ("updates", "characters_seen", "seconds"):
            values = [getattr(row, name) for row in longer.history]
            assert values == sorted(set(values)), name
        last = longer.history[-1]
        assert (last.updates, last.characters_seen, last.seconds) == (24, longer.characters_seen, longer.train_seconds)
        assert longer.verified.bits == pytest.approx(sum(document.bits for document in longer.documents))


def test_the_best_check_of_the_whole_history_gives_the_weights(folders, brief_split):
    for run in TRAINED:
        before, after = (folder / "runs" / run for folder in folders)
        bits = []
        for folder in (before, after):
            model = load_run(folder).model
            scores = model.score([model.tokenizer.encode(document) for document in brief_split.valid])
            bits.append(sum(s.total for s in scores) / sum(len(d.text) for d in brief_split.valid))
        history = json.loads((after / "cell.json").read_text("utf-8"))["history"]
        assert bits[1] == pytest.approx(min(row["valid_bits_per_character"] for row in history), rel=1e-6)
        assert bits[1] <= bits[0]


def test_what_is_counted_stays_as_it_is(folders):
    for run in COUNTED:
        before, after = (folder / "runs" / run for folder in folders)
        names = {path.relative_to(before) for path in before.rglob("*") if path.is_file()}
        assert names == {path.relative_to(after) for path in after.rglob("*") if path.is_file()}
        assert all((before / name).read_bytes() == (after / name).read_bytes() for name in names - {Path("cell.json")})
        assert load_cell(before) == load_cell(after).model_copy(update={"verified": None})


def test_rows_and_contrasts_are_made_anew(folders):
    before, after = (Comparison.load(folder / "comparison.json") for folder in folders)
    assert [row.column for row in after.rows] == [column for column in COLUMNS if column != "char@ngram"]
    for row, longer in zip(before.rows, after.rows, strict=True):
        assert row.bits_per_character != longer.bits_per_character
        assert longer.verified.bits == pytest.approx(sum(document.bits for document in longer.documents))
    assert all(a.difference != b.difference for a, b in zip(before.contrasts, after.contrasts, strict=True))


def test_what_is_recorded_says_that_training_was_taken_up_again(folders):
    for folder, updates, continued in zip(folders, (12, 24), ((), (12,)), strict=True):
        assert all(load_spec(folder / "runs" / run).basis.continued == continued for run in TRAINED)
        assert all(load_spec(folder / "runs" / run).basis.settings.train.updates == updates for run in TRAINED)
        found = Comparison.load(folder / "comparison.json")
        assert found.settings.get("continued") == (list(continued) or None)
        assert found.settings["train"]["updates"] == updates
        page = (folder / "index.html").read_text("utf-8")
        assert ("trained for 24 updates in all, taken up again after 12" in page) == bool(continued)
    assert "continued" not in (folders[0] / "compare.toml").read_text("utf-8")
    assert "continued" not in (folders[0] / "runs" / "char-seed0" / "config.toml").read_text("utf-8")


def test_asked_again_it_trains_nothing(brief, quick_settings, twice, monkeypatch):
    monkeypatch.setattr(trainer, "train", None)
    before = files(twice / "runs") | files(twice / "rows")
    found = Comparison.load(twice / "comparison.json")
    for verify in (True, False):
        assert compare(asked(brief, quick_settings, more=2, verify=verify), twice, Silent()) == found
    assert files(twice / "runs") | files(twice / "rows") == before


@pytest.mark.parametrize("more", [None, 1.5])
def test_less_training_than_the_folder_has_is_refused(brief, quick_settings, twice, more):
    before = files(twice)
    with pytest.raises(InputError, match=r"there train\.updates is 24, here it is 1[28]; repeat its --more, ") as error:
        compare(asked(brief, quick_settings, more=more), twice, Silent())
    assert "--fresh" in str(error.value)
    assert files(twice) == before


@pytest.mark.parametrize("more", [None, 2, 4])
def test_other_settings_are_refused_by_the_first_that_differs(brief, quick_settings, twice, more):
    before = files(twice)
    others = (
        ({"batch": 4}, r"train\.batch is 2, here it is 4"),
        ({"updates": 6}, r"train\.updates is 24, here it is 6"),
    )
    for changes, said in others:
        with pytest.raises(InputError, match=f"holds another comparison: there {said}"):
            compare(asked(brief, with_train(quick_settings, **changes), more=more), twice, Silent())
    assert files(twice) == before


def test_without_a_comparison_there_is_nothing_to_train_further(brief, quick_settings, tmp_path, once):
    with pytest.raises(InputError, match=r"has no comparison that could be trained further; .* without --more"):
        compare(asked(brief, quick_settings, more=2), tmp_path / "new", Silent())
    assert not (tmp_path / "new").exists()
    before = files(once)
    with pytest.raises(InputError, match="--fresh replaces it; give only one"):
        compare(asked(brief, quick_settings, more=2), once, Silent(), fresh=True)
    assert files(once) == before


class KilledError(Exception):
    """What ends a training from within, as SIGKILL would from without."""


@pytest.fixture
def killed_after(monkeypatch):
    """Kills at the given save of a checkpoint, counted from now."""

    def kill(saves):
        plain, left = CheckpointFile.save, iter(range(saves - 1))

        def save(store, checkpoint):
            plain(store, checkpoint)
            if next(left, None) is None:
                monkeypatch.setattr(CheckpointFile, "save", plain)
                raise KilledError

        monkeypatch.setattr(CheckpointFile, "save", save)

    return kill


def with_checkpoints_every(seconds, folder):
    """A comparison whose settings say how often a checkpoint is kept, which changes no number."""
    for file in (folder / "compare.toml", *folder.glob("runs/*/config.toml")):
        lines = file.read_text("utf-8").splitlines()
        changed = [f"checkpoint_seconds = {seconds}" if "checkpoint_seconds" in line else line for line in lines]
        file.write_text("\n".join(changed), "utf-8")
    return folder


def test_killed_again_and_again_it_ends_as_if_it_was_not(brief, quick_settings, folders, once, killed_after):
    """Also with a run that was missing, which goes through both stages."""
    often = with_train(quick_settings, checkpoint_seconds=0.0)
    killed = with_checkpoints_every(0.0, once)
    shutil.rmtree(killed / "runs" / "word-unk-gru-seed1")
    for saves in (1, 9, 40):
        killed_after(saves)
        with pytest.raises(KilledError):
            compare(asked(brief, often, more=2, verify=True), killed, Silent())
        assert (killed / "runs" / "char-seed1" / "cell.json").is_file()  # what is finished stays until it is replaced
    with pytest.raises(InputError, match="has been trained further"):
        compare(asked(brief, often, verify=True), killed, Silent())
    found = compare(asked(brief, often, more=2, verify=True), killed, Silent())
    assert [cell.updates for cell in found.done] == [24, 24, 24, 24, 0, 0]
    assert_same_networks(folders[1], with_checkpoints_every(30.0, killed), TRAINED)


def test_a_checkpoint_that_goes_on_from_other_weights_is_refused(brief, quick_settings, once, killed_after):
    killed_after(1)
    with pytest.raises(KilledError):
        compare(asked(brief, quick_settings, more=2), once, Silent())
    file = once / "runs" / "char-seed0" / "weights.safetensors"
    save_file({name: array * 2 for name, array in load_file(file).items()}, file)
    with pytest.raises(InputError, match="left by another training: there run is"):
        compare(asked(brief, quick_settings, more=2), once, Silent())


@pytest.fixture(scope="module")
def small(brief, quick_settings, made_once):
    """A comparison of one cell that was trained for four updates, and what asks for it."""
    settings = with_train(quick_settings, updates=4, checks=1)

    def request(more=None):
        return asked(brief, settings, ["char"], more, seeds=(0,))

    return made_once("one-cell", lambda folder: compare(request(), folder / "out", Silent())) / "out", request


def test_from_twice_to_four_times_it_goes_on_through_every_stage(small, tmp_path, killed_after):
    once, request = small
    in_order, cut_off = (shutil.copytree(once, tmp_path / name) for name in ("in-order", "cut-off"))
    for more in (2, 4):
        found = compare(request(more), in_order, Silent())
    assert [cell.updates for cell in found.done] == [16]
    assert found.settings["continued"] == [4, 8]
    killed_after(1)
    with pytest.raises(KilledError):
        compare(request(2), cut_off, Silent())
    compare(request(4), cut_off, Silent())
    assert_same_networks(in_order, cut_off, ["char-seed0"])
    with pytest.raises(InputError, match="has been trained further"):
        compare(request(2), in_order, Silent())


@pytest.mark.parametrize("more", [None, 2])
def test_where_further_training_fails_the_comparison_is_there_as_it_was(small, tmp_path, monkeypatch, more):
    def failing(*_):
        raise DivergedError("the training loss became nan within 3 updates")

    once, request = small
    folder = shutil.copytree(once, tmp_path / "out")
    asked_for, cells = request(more), compare(request(more), folder, Silent()).cells
    before, marked = files(folder / "runs"), (folder / "compare.toml").read_text("utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "train", failing)
        assert not compare(request(4), folder, Silent()).done
        found = compare(asked_for, folder, Silent())
    assert found.cells == cells
    assert files(folder / "runs") == before
    assert (folder / "compare.toml").read_text("utf-8") == marked
    assert [cell.updates for cell in compare(request(4), folder, Silent()).done] == [16]
    with pytest.raises(InputError, match="has been trained further"):
        compare(asked_for, folder, Silent())


@pytest.mark.parametrize("more", ["2x", "2", "2.0", 2, 2.0])
def test_a_factor_is_a_number_with_or_without_the_x(more):
    assert factor(more) == 2


@pytest.mark.parametrize(
    "more", ["x", "", "1", "1x", "2xx", "0.5x", "-2x", "nanx", "infx", "2 x 3", "two", 1, 0, -2, True]
)
def test_what_is_no_factor_above_1_is_refused(more):
    with pytest.raises(InputError, match=r"--more .* is not a factor above 1; write 2x, 1\.5x or 3x") as error:
        factor(more)
    assert repr(more) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "more", "length"),
    [
        ({"updates": 1000}, 2.0, 2000),
        ({"updates": 5}, 1.5, 8),
        ({"epochs": 10}, 1.1, 11),
        ({"budget_seconds": 90.0}, 1.1, 99.0),
        ({"epochs": 4, "budget_seconds": 90.0}, 1.5, 6),
    ],
)
def test_a_factor_is_of_updates_epochs_or_the_budget(settings, more, length):
    train = TrainSettings(**settings)
    assert times_as_long(train, more) == length
    longer = train.lasting(length)
    assert longer.length == length
    assert longer.lasting(train.length) == train
    if len(settings) == 2:
        assert longer.budget_seconds == 135.0


@pytest.mark.parametrize(
    ("settings", "more", "said"),
    [({"epochs": 3}, 1.5, "of 3 epochs is 4.5"), ({"updates": 100}, 1.001, "of 100 updates is not an update more")],
)
def test_a_factor_that_gives_no_longer_training_is_refused(settings, more, said):
    with pytest.raises(InputError, match=said):
        times_as_long(TrainSettings(**settings), more)
