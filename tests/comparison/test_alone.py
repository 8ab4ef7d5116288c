"""A run without a comparison, and two processes that make the same."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import models, pre_tokenizers

from toolkit.comparison.alone import train_alone
from toolkit.comparison.library import make_request
from toolkit.comparison.progress import Reporter as Silent
from toolkit.errors import InputError
from toolkit.files import MOST_BYTES
from toolkit.runs import folder
from toolkit.tokenizers.subwords import byte_level

BRIEF = {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}


@pytest.fixture
def request_of(brief_folder):
    return make_request(tokenizers="char@ngram", corpus=str(brief_folder), settings=BRIEF)


def test_a_second_process_is_refused_while_a_first_one_writes_a_run(request_of, tmp_path, monkeypatch):
    """Also while the folder that was there before is moved aside: it would be put back."""
    run, refused = tmp_path / "it", []
    (run / "checkpoint").mkdir(parents=True)
    plain = folder.rename_for_good

    def while_it_is_aside(temporary, path):
        monkeypatch.setattr(folder, "rename_for_good", plain)
        with pytest.raises(InputError, match="Another process is using") as error:
            train_alone(request_of, run, Silent())
        refused.append(error)
        plain(temporary, path)

    monkeypatch.setattr(folder, "rename_for_good", while_it_is_aside)
    assert train_alone(request_of, run, Silent()).status == "done"
    assert refused
    assert (run / "cell.json").is_file()
    assert not (run / "checkpoint").exists()
    assert sorted(os.listdir(tmp_path)) == [".it.lock", "it"]


def test_what_is_not_a_run_is_refused_and_nothing_is_left_beside_it(request_of, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.md").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="mine already exists; choose another folder"):
        train_alone(request_of, tmp_path / "mine", Silent())
    assert os.listdir(tmp_path) == ["mine"]


def test_a_name_that_no_disk_takes_is_refused_at_once(request_of, tmp_path):
    with pytest.raises(InputError, match="is not a name for a run"):
        train_alone(request_of, tmp_path / ("a" * (MOST_BYTES + 1)), Silent())
    assert os.listdir(tmp_path) == []


def test_what_is_killed_while_it_removes_a_run_can_be_started_again(request_of, tmp_path, monkeypatch):
    run, right = tmp_path / "it", folder.shutil.rmtree
    train_alone(request_of, run, Silent())

    def killed(path, *options, **more):
        path = Path(path)
        if path.name.startswith(".it.") and (path / "cell.json").exists():
            monkeypatch.setattr(folder.shutil, "rmtree", right)
            (path / "cell.json").unlink()
            raise KeyboardInterrupt
        right(path, *options, **more)

    monkeypatch.setattr(folder.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        train_alone(request_of, run, Silent(), fresh=True)
    assert not (run / "config.toml").exists()
    assert train_alone(request_of, run, Silent()).status == "done"
    assert sorted(os.listdir(tmp_path)) == [".it.lock", "it"]


def test_what_is_not_ours_stays_in_a_runs_folder_whatever_is_asked_for(request_of, tmp_path):
    run = tmp_path / "it"
    train_alone(request_of, run, Silent())
    (run / "notes.md").write_text("mine", "utf-8")
    train_alone(replace(request_of, verify=True), run, Silent(), fresh=True)
    assert (run / "notes.md").read_text("utf-8") == "mine"


def test_a_finished_run_of_a_given_tokenizer_is_accepted_until_its_file_changes(brief_folder, tmp_path):
    file, run = tmp_path / "given.json", tmp_path / "it"
    library = byte_level(models.BPE({token: i for i, token in enumerate(pre_tokenizers.ByteLevel.alphabet())}, []))
    library.save(str(file))
    request = make_request(tokenizers=f"hf:{file}@ngram", corpus=str(brief_folder), settings=BRIEF)
    cell = train_alone(request, run, Silent())
    before = (run / "cell.json").stat().st_mtime_ns
    assert train_alone(request, run, Silent()) == cell
    assert (run / "cell.json").stat().st_mtime_ns == before
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(InputError, match=r"given\.json has changed"):
        train_alone(request, run, Silent())
