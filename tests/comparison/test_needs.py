"""What a worker must have is looked at where it works, and said so that it can be mended."""

import shutil
from pathlib import Path

import pytest

from toolkit.comparison import needs
from toolkit.comparison.needs import Needs
from toolkit.environment import versions

PACKAGE = Path(needs.__file__).parents[1]


def of_the_command(tmp_path, compiler=True, **others):
    asked = {"versions": versions(), "source": needs.source_sha256(), "files": {}} | others
    return Needs(compiler=compiler, marker=tmp_path / "marker", token="token", **asked)


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (["c++"], True, None),
        ([], False, None),
        ([], True, "it has no C++ compiler, the command has one"),
        (["c++"], False, "it has a C++ compiler, the command has none"),
    ],
)
def test_a_worker_trains_by_the_loop_that_the_command_has(here, there, said, tmp_path, monkeypatch):
    monkeypatch.setattr(needs, "compiler", lambda: here)
    lacking = of_the_command(tmp_path, compiler=there).lacking()
    assert lacking is None if said is None else lacking.startswith(said)


@pytest.mark.parametrize("name", ["errors.py", "network/fused.cc"])
def test_source_code_of_any_language_must_be_the_same(name, tmp_path, monkeypatch):
    other = tmp_path / "toolkit"
    shutil.copytree(PACKAGE, other, ignore=shutil.ignore_patterns("corpora", "__pycache__"))
    monkeypatch.setattr(needs, "__file__", str(other / "comparison" / "needs.py"))
    same = needs.source_sha256.__wrapped__()
    assert same == needs.source_sha256()
    with (other / name).open("a") as file:
        file.write("// changed")
    assert needs.source_sha256.__wrapped__() != same
