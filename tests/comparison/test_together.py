"""A cell over several devices or processes: the numbers of one, within what the order of sums changes."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import toolkit
from tests.conftest import TINY
from toolkit.cli.settings import assigned_settings
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.together import refuse_towers
from toolkit.errors import InputError

SETTINGS = [*TINY, "train.batch=4", "train.towers=2", "samples.temperature=0.8", "samples.characters=60",
            "network.dropout=0.2", "network.input_dropout=0.1", "network.recurrent_dropout=0.1",
            "train.forgotten=0.3"]  # fmt: skip
OPTIONS = [f"--set={setting}" for setting in SETTINGS]
TOLERANCE = 1e-5


def weights(run):
    return load_file(run / "weights.safetensors")


def assert_alike(run, other):
    """Two runs have the same weights within the tolerance."""
    these, others = weights(run), weights(other)
    assert these.keys() == others.keys()
    for name, array in these.items():
        np.testing.assert_allclose(array, others[name], rtol=0, atol=TOLERANCE, err_msg=name)


@pytest.fixture(scope="module")
def alone(brief_folder, tmp_path_factory):
    """The run of one device."""
    out = tmp_path_factory.mktemp("alone") / "run"
    toolkit.train("word:unk", brief_folder, settings=assigned_settings(None, SETTINGS), out=out, quiet=True)
    return out


def started(number, ports, *arguments, folder):
    """A process of two that are given the same command."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": number}})
    command = [sys.executable, "-m", "toolkit", *arguments, "--distribute", "multiworker"]
    environment = os.environ | {"TF_CONFIG": config}
    return subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_ports():
    with socket.socket() as first, socket.socket() as second:
        for free in (first, second):
            free.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def together(tmp_path, *arguments):
    """What two processes with a command came to: exit code and output of each."""
    ports, folders = free_ports(), [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    processes = [started(number, ports, *arguments, folder=folder) for number, folder in enumerate(folders)]
    try:
        return [(process.communicate(timeout=300), process.returncode) for process in processes]
    finally:
        for process in processes:
            process.kill()


@pytest.mark.slow
def test_two_processes_give_what_one_gives_and_one_of_them_writes(alone, brief_folder, tmp_path):
    """With a counted column, which nobody shares, beside the trained one. A first process that ends ends the other."""
    command = [
        "compare",
        "--tokenizers",
        "word:unk,char@ngram",
        "--corpus",
        str(brief_folder),
        "--out",
        "out",
        *OPTIONS,
    ]
    (first, second) = together(tmp_path, *command, "--json")
    assert (first[1], second[1]) == (0, 0), (first, second)
    assert_alike(tmp_path / "first" / "out" / "runs" / "word-unk-seed0", alone)
    said = json.loads(first[0][0])
    assert any("several devices together" in note for note in said["corpus"]["notes"])
    assert [cell["status"] for cell in said["cells"]] == ["done", "done"]
    assert "computed by 2 devices together" in first[0][1]
    assert second[0][0] == ""
    assert list((tmp_path / "second").iterdir()) == []
    (first, second) = together(tmp_path, *command, "--set", "network.units=13")
    assert (first[1], second[1]) == (2, 2)
    assert "holds another comparison" in first[0][1]
    assert "have lost each other" in second[0][1]


MIRRORED = """
import sys
from toolkit.errors import InputError
from toolkit.network.backend import tf
import toolkit

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
toolkit.train("word:unk", sys.argv[1], settings=sys.argv[2], out=sys.argv[3], distribute="mirrored", quiet=True)
"""


@pytest.mark.slow
def test_two_devices_of_a_process_give_what_one_gives(alone, brief_folder, tmp_path):
    import tomli_w

    (tmp_path / "settings.toml").write_text(tomli_w.dumps(assigned_settings(None, SETTINGS)), "utf-8")
    arguments = [str(brief_folder), str(tmp_path / "settings.toml"), str(tmp_path / "run")]
    subprocess.run([sys.executable, "-c", MIRRORED, *arguments], check=True, timeout=300)
    assert_alike(tmp_path / "run", alone)


def asked(corpus, **more):
    usual = [setting for setting in TINY if "updates" not in setting or "budget" not in more]
    settings = assigned_settings(None, [*usual, *more.pop("settings", ())])
    return Arguments(tokenizers="char", corpus=corpus, settings=settings, **more).request()


def test_towers_that_cannot_be_shared_equally_are_refused(brief_folder):
    request = asked(brief_folder, settings=["train.batch=6", "train.towers=3"], distribute="mirrored")
    refuse_towers(request, 3)
    with pytest.raises(InputError, match=r"among 2 devices, and char has 3; give a multiple of 2, such as --set"):
        refuse_towers(request, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distribute": "sharded"}, r"'sharded' is not mirrored or multiworker"),
        ({"distribute": "mirrored", "workers": 2}, "leave out --workers"),
        ({"distribute": "multiworker", "budget": "5m"}, r"--budget ends training by the clock.*--distribute multi"),
        ({"distribute": "multiworker", "scheduler": "tcp://127.0.0.1:8786"}, "leave out one of the two"),
    ],
)
def test_what_does_not_go_with_it_is_refused(brief_folder, options, message):
    with pytest.raises(InputError, match=message):
        asked(brief_folder, **options)


def test_one_cell_after_another_is_computed_whatever_the_number_of_cores(brief_folder):
    assert asked(brief_folder, distribute="mirrored", workers=None, seeds=4).at_once == 1


@pytest.mark.parametrize(
    "config",
    [
        None,
        "{",
        "[]",
        '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
        '{"cluster": {"worker": ["a:1"], "chief": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
    ],
)
def test_processes_that_are_not_listed_are_a_sentence(monkeypatch, config):
    from toolkit.network.distribution import own_number

    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(InputError, match="needs TF_CONFIG in the environment, such as"):
        own_number()
