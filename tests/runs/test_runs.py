"""A run's folder: plain formats, whole or not there, the same after loading."""

import csv
import json
import math
import shutil
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from toolkit.errors import InputError
from toolkit.runs.folder import (
    fingerprint,
    finished_cell,
    load_cell,
    load_run,
    load_scores,
    recover,
    save_scores,
    write_whole,
)
from toolkit.runs.spec import CellSpec

PLAIN = {".toml", ".json", ".csv", ".npz", ".jsonl", ".safetensors"}
ODD = st.sampled_from("\"'\\#=[]\n\t\x7f\u2028é😀.")
NAMES = st.text(st.one_of(ODD, st.characters(exclude_categories=["Cs"])), max_size=8)


@pytest.fixture(scope="module")
def folders(comparison_folder):
    return sorted((comparison_folder / "runs").iterdir())


@pytest.fixture
def copy(folders, tmp_path):
    """A copy of the character run, to be broken."""
    return shutil.copytree(folders[0], tmp_path / "copy")


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_those_of_the_interface_in_plain_formats(folders):
    for folder in folders:
        names = set(contents(folder))
        assert {"config.toml", "environment.json", "weights.safetensors", "history.csv", "scores.npz",
                "samples.jsonl"} <= names  # fmt: skip
        assert any(name.startswith("tokenizer/") for name in names)
        assert {path.suffix for path in folder.rglob("*") if path.is_file()} <= PLAIN


def test_nothing_in_a_run_is_a_pickle(folders):
    for folder in folders:
        with np.load(folder / "scores.npz", allow_pickle=False) as arrays:
            assert {arrays[name].dtype.kind for name in arrays} <= set("iuf")
        assert {array.dtype for array in load_file(folder / "weights.safetensors").values()} == {np.dtype("float32")}
        for name, data in contents(folder).items():
            if not name.endswith((".npz", ".safetensors")):
                assert data.decode("utf-8").isprintable() or b"\n" in data


def test_each_file_is_what_its_name_says(folders):
    for folder in folders:
        assert tomllib.loads((folder / "config.toml").read_text("utf-8"))["corpus"] == "tales"
        environment = json.loads((folder / "environment.json").read_text("utf-8"))
        assert environment.keys() == {"versions", "machine"}
        assert environment["machine"]["compiled"] == (["fused.cc"] if environment["machine"]["compiler"] else [])
        with (folder / "history.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["updates"]) for row in rows] == sorted({int(row["updates"]) for row in rows})
        samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text("utf-8").splitlines()]
        assert [len(sample["text"]) for sample in samples] == [200, 200]


def test_config_comes_back(run):
    assert CellSpec.from_toml(run.spec.to_toml()) == run.spec
    assert (run.folder / "config.toml").read_text("utf-8") == run.spec.to_toml()


@given(NAMES, st.lists(NAMES, max_size=3), st.dictionaries(NAMES, st.one_of(st.integers(0, 9), NAMES), max_size=2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_config_comes_back_whatever_things_are_called(folders, name, documents, options):
    spec = CellSpec.from_toml((folders[0] / "config.toml").read_text("utf-8"))
    basis = replace(spec.basis, corpus_path=name, split={"train": documents})
    spec = replace(spec, basis=basis, column=replace(spec.column, name=name, options=options))
    assert CellSpec.from_toml(spec.to_toml()) == spec


def test_config_knows_what_verify_and_score_need(run, corpus, split):
    assert run.spec.basis.corpus_sha256 == corpus.sha256
    assert run.spec.basis.split["test"] == [document.name for document in split.test]


def test_a_loaded_run_encodes_and_decodes(run, split):
    for document in split.test:
        encoding = run.model.tokenizer.encode(document)
        assert run.model.tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == document.text
        assert encoding.ids.max() < len(run.model.tokenizer.vocabulary)


def test_loading_changes_nothing(folders):
    before = contents(folders[0])
    load_run(folders[0])
    assert contents(folders[0]) == before


def test_scores_cover_the_held_out_text(run, split):
    scores = load_scores(run.folder)
    assert len(scores["starts"]) == len(split.test) + 1
    assert int(scores["widths"].sum()) == sum(len(document.text) for document in split.test)
    assert set(scores) == {
        "starts",
        "ids",
        "parts",
        "widths",
        "network_bits",
        "spelling_bits",
        "outside_bits",
        "ending_bits",
        "spelling_part",
    }


def test_scores_come_back(tmp_path):
    arrays = {"a": np.arange(3), "b": np.array([0.1, np.pi])}
    save_scores(tmp_path, arrays)
    loaded = load_scores(tmp_path)
    assert loaded.keys() == arrays.keys()
    assert all((loaded[name] == arrays[name]).all() for name in arrays)


def test_objects_are_not_saved(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        save_scores(tmp_path, {"a": np.array([{}], dtype=object)})


def test_what_is_no_run_is_refused(tmp_path, comparison_folder):
    (tmp_path / "file").write_text("x")
    for folder, give in (
        (tmp_path, "give a folder in runs/ of a comparison."),
        (tmp_path / "file", "give a folder in runs/ of a comparison, and files after it."),
        (comparison_folder, f"{comparison_folder / 'runs' / 'char-seed0'}, "),
        (comparison_folder / "runs", f"{comparison_folder / 'runs' / 'char-seed0'}, "),
    ):
        with pytest.raises(InputError, match="is not a run") as error:
            load_run(folder)
        assert str(folder) in str(error.value)
        assert give in str(error.value)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("config.toml", lambda data: b""),  # noqa: ARG005
        ("config.toml", lambda data: data[:-30]),
        ("config.toml", lambda data: b"mode = 3\n" + data),
        ("config.toml", lambda data: data.replace(b"units = 12", b"units = 13")),
        ("config.toml", lambda data: data.replace(b"units = 12", b"unit = 12")),
        ("config.toml", lambda data: b"\xff" + data),
        ("weights.safetensors", lambda data: b""),  # noqa: ARG005
        ("weights.safetensors", lambda data: data[:-4]),
        ("tokenizer/tokenizer.json", None),
        ("tokenizer/tokenizer.json", lambda data: data[:-4]),
        ("tokenizer/tokenizer.json", lambda data: b"{}"),  # noqa: ARG005
    ],
)
def test_a_damaged_run_is_an_input_error_that_names_it(copy, name, damage):
    path = copy / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=str(copy)):
        load_run(copy)


def test_a_damaged_cell_is_an_input_error_that_names_it(copy):
    (copy / "cell.json").write_text('{"column": "char"}')
    with pytest.raises(InputError, match=str(copy)):
        load_cell(copy)


@pytest.mark.parametrize("name", ["cell.json", "config.toml"])
@pytest.mark.parametrize(("key", "value"), [("column", "bpe"), ("seed", 1), ("fraction", 0.5)])
def test_the_results_of_another_run_are_not_taken_for_this_one_s(copy, name, key, value):
    spec = load_run(copy).spec
    if name == "cell.json":
        cell = json.loads((copy / name).read_text("utf-8"))
        (copy / name).write_text(json.dumps(cell | {key: value}), "utf-8")
    else:
        changed = {"column": replace(spec.column, name=value)} if key == "column" else {key: value}
        (copy / name).write_text(replace(spec, **changed).to_toml(), "utf-8")
    with pytest.raises(InputError, match=r"is damaged .*has the results of"):
        load_cell(copy)
    with pytest.raises(InputError, match="is damaged"):
        finished_cell(copy, spec)


@pytest.mark.parametrize(("length", "continued", "is_finished"), [(12, (), True), (24, (), False), (12, (6,), False)])
def test_a_run_is_finished_for_its_own_length_and_stages_alone(folders, length, continued, is_finished):
    spec = load_run(folders[0]).spec
    longer = spec.basis.settings.model_copy(update={"train": spec.basis.settings.train.lasting(length)})
    asked_for = replace(spec, basis=replace(spec.basis, settings=longer, continued=continued))
    assert (finished_cell(folders[0], asked_for) is not None) is is_finished


def test_a_whole_run_in_the_place_of_another_is_not_taken_for_it(folders):
    char, word, *_ = (load_run(folder).spec for folder in folders)
    with pytest.raises(InputError, match=r"has the results of char, seed 0, fraction 1, and not of word-pos-seed0"):
        finished_cell(folders[0], word)
    assert finished_cell(folders[0], char).column == "char"


def test_an_unfinished_run_has_no_cell(tmp_path):
    assert load_cell(tmp_path / "nowhere") is None


def test_fingerprints_tell_runs_apart_and_copies_alike(folders, copy):
    assert len({fingerprint(folder) for folder in folders}) == len(folders)
    assert fingerprint(copy) == fingerprint(folders[0])
    weights = bytearray((copy / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "weights.safetensors").write_bytes(bytes(weights))
    assert fingerprint(copy) != fingerprint(folders[0])
    assert len(fingerprint(copy)) == 8


def test_a_folder_is_whole_or_not_there(tmp_path):
    def half(folder):
        (folder / "first").write_text("x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "runs" / "a", half)
    assert not (tmp_path / "runs" / "a").exists()
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_whole_folder_replaces_the_one_that_was_there(tmp_path):
    write_whole(tmp_path / "a", lambda folder: (folder / "old").write_text("x"))
    write_whole(tmp_path / "a", lambda folder: (folder / "new").write_text("x"))
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a", "a/new"]


def test_a_failed_write_keeps_the_folder_that_was_there(tmp_path):
    write_whole(tmp_path / "a", lambda folder: (folder / "old").write_text("x"))

    def fail(folder):
        raise RuntimeError(folder)

    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "a", fail)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["old"]


def test_a_folder_moved_aside_by_a_process_that_ended_is_put_back(tmp_path):
    write_whole(tmp_path / "a", lambda folder: (folder / "old").write_text("x"))
    shutil.move(tmp_path / "a", tmp_path / ".a.0a1b2c3d.old")
    recover(tmp_path / "a")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a", "a/old"]


@pytest.mark.parametrize(
    "name", ["config.toml", "tokenizer/tokenizer.json", "weights.safetensors", "scores.npz", "cell.json"]
)
def test_a_run_without_one_of_its_files_is_not_finished(copy, name):
    assert load_cell(copy) is not None
    (copy / name).write_bytes(b"")  # after a power cut
    assert load_cell(copy) is None
    (copy / name).unlink()
    assert load_cell(copy) is None


@pytest.fixture
def words_copy(tmp_path, comparison_folder):
    """A copy of a run of words, with its speller."""
    return Path(shutil.copytree(comparison_folder / "runs" / "word-unk-seed0", tmp_path / "copy"))


@pytest.mark.parametrize("value", ["x", [1], math.nan, math.inf, -1, 10**9, True, None, 10**40])
@pytest.mark.parametrize("key", ["order", "lexicon_share", "concentration", "shared_concentration", "escapes"])
def test_a_speller_whose_numbers_are_none_is_refused_when_it_is_loaded(words_copy, key, value):
    if value is None and key.endswith("concentration"):
        pytest.skip("None means no cache")
    file = words_copy / "tokenizer" / "tokenizer.json"
    state = json.loads(file.read_text("utf-8"))
    state["speller"][key] = value
    file.write_text(json.dumps(state), "utf-8")
    with pytest.raises(InputError, match="is damaged"):
        load_run(words_copy)


@pytest.mark.parametrize(
    ("key", "value"),
    [("surprises", -1), ("events", -1), ("trained", []), ("outside", [[1, 0.5], [2, 0.6]]), ("kept", [1, 2]),
     ("alphabet", 3), ("strategy", "x"), ("fillings", 5)],
)  # fmt: skip
def test_a_vocabulary_that_is_no_distribution_is_refused_when_it_is_loaded(words_copy, key, value):
    file = words_copy / "tokenizer" / "tokenizer.json"
    state = json.loads(file.read_text("utf-8"))
    assert key in state
    state[key] = value
    file.write_text(json.dumps(state), "utf-8")
    with pytest.raises(InputError, match="is damaged"):
        load_run(words_copy)


@pytest.mark.parametrize("damage", [np.nan, -np.inf, "int32"])
def test_weights_that_are_no_numbers_of_ours_are_refused(copy, damage):
    file = copy / "weights.safetensors"
    arrays = load_file(file)
    name = max(arrays, key=lambda one: arrays[one].size)
    if damage == "int32":
        arrays[name] = arrays[name].astype(np.int32)
    else:
        arrays[name].flat[0] = damage
    save_file(arrays, file)
    with pytest.raises(InputError, match="is damaged"):
        load_run(copy)


def test_scores_that_are_empty_or_promise_more_than_they_have_are_damaged(copy):
    (copy / "scores.npz").write_bytes(b"")
    with pytest.raises(InputError, match="is damaged"):
        load_scores(copy)
    whole = np.zeros(10)
    np.savez_compressed(copy / "scores.npz", a=whole)
    with zipfile.ZipFile(copy / "scores.npz") as packed:
        content = packed.read("a.npy").replace(b"(10,)", b"(2000000000,)")
    with zipfile.ZipFile(copy / "scores.npz", "w") as packed:
        packed.writestr("a.npy", content)
    with pytest.raises(InputError, match="is damaged"):
        load_scores(copy)
