"""A tiny comparison that faults happen to, and what it comes to without any."""

import json
import time
import zipfile

import pytest
from safetensors.numpy import load_file

from tests.conftest import story
from tests.faults.commands import Command

SETTINGS = (
    "network.units=8", "train.updates=8", "train.checks=2", "train.batch=2", "train.towers=1",
    "train.window_characters=40", "train.checkpoint_seconds=0", "samples.characters=20", "samples.count=2",
)  # fmt: skip
TIMES = {"created", "seconds", "train_seconds", "characters_per_second"}


@pytest.fixture(scope="session")
def little_corpus(made_once):
    """Ten tales of a few sentences: as many as five folds need."""

    def make(folder):
        for seed in range(10):
            (folder / f"tale{seed}.txt").write_text(story(seed, 4), "utf-8")

    return made_once("little", make)


@pytest.fixture(scope="session")
def little(little_corpus):
    """The arguments of a comparison of such columns, in the folder ``out`` where it is started."""

    def arguments(columns, *more):
        settings = [argument for setting in SETTINGS for argument in ("--set", setting)]
        return ["compare", "--tokenizers", columns, "--corpus", little_corpus, *settings, "--out", "out", *more]

    return arguments


@pytest.fixture(scope="session")
def undisturbed(made_once, little):
    """The folder in which such a comparison was made that nothing happened to; ``seconds`` says how long it took."""

    def folder(*arguments):
        def make(place):
            assert Command(place, "--version").code() == 0  # what is imported once has been
            start = time.monotonic()
            command = Command(place, *little(*arguments))
            assert command.code() == 0, command.said()
            (place / "seconds").write_text(str(time.monotonic() - start), "utf-8")

        return made_once("undisturbed " + " ".join(arguments).replace("/", "-"), make)

    return folder


def without_times(value):
    """What comparison.json has, apart from when it was and how long it took."""
    if isinstance(value, dict):
        return {key: without_times(entry) for key, entry in value.items() if key not in TIMES}
    return [without_times(entry) for entry in value] if isinstance(value, list) else value


def results(folder):
    """Return the numbers of a comparison and of its folds, and the arrays and texts of each run; no times."""
    folder = folder / "out"
    runs = {
        path.parent.relative_to(folder).as_posix(): path.parent for path in sorted(folder.rglob("scores.npz"))
    }
    arrays = {
        name: {key: array.tobytes() for key, array in model_arrays(run).items()}
        for name, run in runs.items()
        if name.rpartition("/")[0].endswith("runs")
    }
    samples = {file.parent.name: file.read_bytes() for file in folder.rglob("samples.jsonl")}
    scores = {}
    for name, run in runs.items():
        with zipfile.ZipFile(run / "scores.npz") as packed:
            scores[name] = {member: packed.read(member) for member in packed.namelist()}
    comparisons = sorted(folder.rglob("comparison.json"))
    numbers = [without_times(json.loads(file.read_text("utf-8"))) for file in comparisons]
    return numbers, arrays, samples, scores


def model_arrays(run):
    """The arrays of a run's model."""
    (file,) = run.glob("*.safetensors")
    return load_file(file)


def assert_same(found, expected):
    """Two folders came to the same, and the first has nothing that a command leaves behind when it is ended."""
    for one, other in zip(results(found), results(expected), strict=True):
        assert one == other
    left = [path for path in (found / "out").rglob("*") if path.name.startswith(".") or path.name == "checkpoint"]
    assert left == []
