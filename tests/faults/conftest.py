"""A tiny comparison that faults happen to, and what it comes to without any."""

import time

import numpy as np
import pytest

from tests.faults.commands import Command
from tests.helpers.comparisons import contents

SETTINGS = (
    "network.units=8", "train.updates=8", "train.checks=2", "train.batch=2", "train.towers=1",
    "train.window_characters=40", "train.checkpoint_seconds=0", "samples.characters=20", "samples.count=2",
)  # fmt: skip


@pytest.fixture(scope="session")
def little(brief_folder):
    """The arguments of a comparison of such columns, in the folder ``out`` where it is started."""

    def arguments(columns, *more):
        settings = [argument for setting in SETTINGS for argument in ("--set", setting)]
        return ["compare", "--tokenizers", columns, "--corpus", brief_folder, *settings, "--out", "out", *more]

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


def results(folder):
    """Return the contents of a comparison's files, without what a command line, a clock or a compression decides."""
    files = contents(folder / "out")
    for path in folder.rglob("*.npz"):
        with np.load(path) as arrays:
            files[path.relative_to(folder / "out").as_posix()] = {name: a.tobytes() for name, a in arrays.items()}
    return {name: content for name, content in files.items() if name != "compare.toml"}


def assert_same(found, expected):
    """Two folders came to the same, and the first has nothing that a command leaves behind when it is ended."""
    ours, theirs = results(found), results(expected)
    assert ours.keys() == theirs.keys()
    assert [name for name, content in ours.items() if content != theirs[name]] == []
    left = [path for path in (found / "out").rglob("*") if path.name.startswith(".") or path.name == "checkpoint"]
    assert left == []
