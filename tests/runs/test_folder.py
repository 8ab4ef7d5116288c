"""A run's folder: plain files that are whole or absent, the same after loading, and rejected if damaged."""

import csv
import errno
import json
import os
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import numpy as safetensors

from tests.conftest import TINY
from toolkit.errors import MAX_NAMES, InputError
from toolkit.files import write_whole
from toolkit.results.cell import Cell
from toolkit.runs.folder import (
    CheckpointFile,
    fingerprint,
    is_run,
    load,
    load_cell,
    load_history,
    load_scores,
    load_spec,
    only_run,
    reading,
    recover,
    run_bytes,
    save_cell,
)
from toolkit.runs.isolated import copy_for_decoding
from toolkit.runs.spec import CellSpec
from toolkit.training.records import Position

FILES = {"config.toml", "environment.json", "tokenizer/tokenizer.json", "weights.safetensors", "history.csv",
         "scores.npz", "samples.jsonl", "files.json", "cell.json"}  # fmt: skip


@pytest.fixture
def copy(comparison_folder, tmp_path):
    """A function that returns a copy of a run of the comparison, which a test may damage."""
    return lambda name="char-seed0": shutil.copytree(comparison_folder / "runs" / name, tmp_path / name)


def contents(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def files_in(folder):
    return sorted(contents(folder))


def test_a_run_has_the_files_of_the_interface_in_plain_formats_with_the_usual_permissions(copy, tmp_path):
    run = copy("word-pos-seed0")
    assert contents(run).keys() == FILES
    assert tomllib.loads((run / "config.toml").read_text("utf-8"))["train"]["updates"] == TINY["train"]["updates"]
    assert json.loads((run / "environment.json").read_text("utf-8")).keys() == {"versions", "machine"}
    with (run / "history.csv").open(newline="", encoding="utf-8") as file:
        assert [int(row["updates"]) for row in csv.DictReader(file)] == [4, 8, 12]
    assert load_history(run) == load_cell(run).history
    assert load_history(tmp_path) == []
    samples = (run / "samples.jsonl").read_text("utf-8").splitlines()
    assert [len(json.loads(sample)["text"]) for sample in samples] == [200, 200]
    weights = safetensors.load_file(run / "weights.safetensors")
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}
    CheckpointFile(tmp_path, {}).save((Position(), {"a": np.zeros(3, np.float32)}))
    (tmp_path / "usual").touch()
    modes = {path.stat().st_mode for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {(tmp_path / "usual").stat().st_mode}


def test_a_loaded_run_is_the_one_that_was_saved(comparison_folder, corpus, split):
    run = comparison_folder / "runs" / "word-unk-seed0"
    files, spec, model = contents(run), load_spec(run), load(run)
    assert CellSpec.from_toml(spec.to_toml()) == spec
    assert spec.corpus_sha256 == corpus.sha256
    for document in split.test:
        encoding = model.tokenizer.encode(document)
        assert model.tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == document.text
    scores = load_scores(run)
    assert len(scores["starts"]) == len(split.test) + 1
    assert int(scores["widths"].sum()) == sum(document.characters for document in split.test)
    assert {array.dtype.kind for array in scores.values()} <= set("iuf")
    sizes = run_bytes(run)
    defining = [len(files[name]) for name in ("tokenizer/tokenizer.json", "weights.safetensors")]
    assert [sizes.tokenizer, sizes.model] == defining
    assert contents(run) == files


def test_a_comparison_stands_for_its_only_run_that_fits(tmp_path, subwords_folder):
    (run,) = (subwords_folder / "runs").iterdir()
    assert only_run(subwords_folder) == only_run(run) == run
    assert load(subwords_folder).run_fingerprint == fingerprint(run)
    runs = tmp_path / "runs"
    for name in ("a", "b", ".c.new"):
        shutil.copytree(run, runs / name)
    (runs / "a" / "weights.safetensors").unlink()  # as an n-gram
    assert only_run(tmp_path, "weights.safetensors") == runs / "b"
    with pytest.raises(InputError, match=f"2 runs.*{runs / 'a'}, {runs / 'b'}"):
        only_run(tmp_path)
    (runs / "b" / "cell.json").unlink()  # not finished
    assert only_run(tmp_path) == runs / "a"
    for i in range(20):
        shutil.copytree(runs / "a", runs / f"c{i:02}")
    with pytest.raises(InputError, match="21 runs") as error:
        only_run(tmp_path)
    assert str(error.value).count(str(runs)) == MAX_NAMES


def test_another_folder_is_rejected(tmp_path, comparison_folder):
    (tmp_path / "file").write_text("x", "utf-8")
    for path in (tmp_path / "file", tmp_path / "missing", comparison_folder):
        with pytest.raises(InputError, match=str(path)):
            load(path)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("config.toml", lambda data: data[:-30]),
        ("config.toml", lambda data: data.replace(b"units = 12", b"unit = 12")),
        ("weights.safetensors", lambda data: data[:-4]),
        ("weights.safetensors", None),
        ("tokenizer/tokenizer.json", lambda data: data.replace(b'"escapes": ', b'"escapes": -')),
    ],
)
def test_a_damaged_run_is_an_input_error_that_names_it(copy, name, damage):
    folder = copy("word-unk-seed0")
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage is not None:
        assert damage(content) != content
        (folder / name).write_bytes(damage(content))
    with pytest.raises(InputError, match="word-unk-seed0"):
        load(folder)


def test_a_full_disk_is_no_damage():
    with pytest.raises(OSError, match="ids"), reading(Path("run")):
        raise OSError(errno.ENOSPC, "No space left on device", "ids")


def test_results_of_another_run_are_rejected(copy):
    folder, other = copy(), copy("word-pos-seed0")
    save_cell(folder, load_cell(other))
    with pytest.raises(InputError, match="char-seed0"):
        load_cell(folder)
    (other / "config.toml").write_text(replace(load_spec(other), seed=1).to_toml(), "utf-8")
    with pytest.raises(InputError, match="word-pos-seed0"):
        load_cell(other)


def test_a_run_without_one_of_its_files_is_not_finished(copy):
    folder = copy()
    assert isinstance(load_cell(folder), Cell)
    for name in ("config.toml", "tokenizer/tokenizer.json", "scores.npz", "cell.json"):
        (folder / name).rename(folder / "elsewhere")
        assert load_cell(folder) is None
        (folder / "elsewhere").rename(folder / name)


def test_a_run_is_recognized_by_its_files_and_no_others(copy, tmp_path):
    folder = copy()
    CheckpointFile(folder, {}).save((Position(), {}))
    (folder / ".cell.json.0a1b2c3d.new").touch()  # of a killed process
    assert is_run(folder)
    (folder / "notes.txt").touch()
    assert not is_run(folder)
    assert not is_run(tmp_path / "missing")
    unfinished = tmp_path / "unfinished"
    (unfinished / "checkpoint").mkdir(parents=True)
    assert is_run(unfinished)
    for file in ("failed.json", "checkpoint/state.safetensors", "checkpoint/.state.safetensors.0a1b2c3d.new"):
        (unfinished / file).touch()
    assert is_run(unfinished)
    for file in ("checkpoint/thesis.txt", "model.safetensors"):  # anyone may have such files
        (unfinished / file).touch()
        assert not is_run(unfinished)
        (unfinished / file).unlink()


def test_a_folder_is_whole_or_absent_and_a_failed_write_keeps_the_previous_one(tmp_path):
    def fail(folder):
        (folder / "half").write_text("x", "utf-8")
        raise RuntimeError

    for files in ([], ["a/first"]):
        with pytest.raises(RuntimeError):
            write_whole(tmp_path / "a", fail)
        assert files_in(tmp_path) == files
        write_whole(tmp_path / "a", lambda folder: (folder / "first").touch())
    write_whole(tmp_path / "a", lambda folder: (folder / "second").touch())
    assert files_in(tmp_path) == ["a/second"]


def test_remains_of_killed_processes_are_put_back_or_removed(tmp_path):
    for name in (".a.0a1b2c3d.old/cell.json", ".a.0a1b2c3d.new/half", ".b.0a1b2c3d.new/half"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    recover(tmp_path / "a")
    assert (tmp_path / "a" / "cell.json").is_file()
    for name in (".cell.json.0a1b2c3d.new", "mine.txt"):
        (tmp_path / "a" / name).touch()
    os.rename(tmp_path / ".b.0a1b2c3d.new", tmp_path / ".a.4e5f6a7b.old")
    recover(tmp_path / "a")
    assert files_in(tmp_path) == ["a/cell.json", "a/mine.txt"]


def test_a_checkpoint_is_kept_for_its_key_and_another_one_names_the_difference(tmp_path):
    position, arrays = Position(updates=3, seconds=0.1), {"weights/a": np.arange(3, dtype=np.float32)}
    store = CheckpointFile(tmp_path / "run", {"train": {"updates": 4}})
    assert store.load() is None
    store.save((Position(), {}))
    store.save((position, arrays))
    assert files_in(tmp_path) == ["run/checkpoint/state.safetensors"]
    assert store.load()[0] == position
    np.testing.assert_array_equal(store.load()[1]["weights/a"], arrays["weights/a"])
    with pytest.raises(InputError, match=r"train\.updates"):
        CheckpointFile(tmp_path / "run", {"train": {"updates": 5}}).load()
    store.file.write_bytes(store.file.read_bytes()[:-4])
    with pytest.raises(InputError, match="run"):
        store.load()


def test_a_copy_for_decoding_has_neither_scores_nor_the_place_of_the_corpus(tmp_path, comparison_folder):
    run = comparison_folder / "runs" / "char-seed0"
    spec = load_spec(run)
    assert spec.corpus_path
    copy_for_decoding(run, spec, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == ["config.toml", "tokenizer/tokenizer.json", "weights.safetensors"]
    assert load_spec(tmp_path / "copy") == replace(spec, corpus_path="")
