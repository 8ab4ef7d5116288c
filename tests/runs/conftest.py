"""Specs of cells, and copies of runs that tests may damage."""

import shutil

import pytest

from toolkit.config import CompareSettings
from toolkit.runs.columns import parse_column
from toolkit.runs.spec import CellSpec


@pytest.fixture(scope="session")
def spec_of():
    """A function that returns the spec of a column by its name."""

    def make_spec(column, **changes):
        return CellSpec(
            column=parse_column(column, {}), settings=CompareSettings(), seed=0, corpus="tales", corpus_sha256="ab",
            language="en", split_seed=0, split={"train": [["a", 7]], "valid": [["b", 5]], "test": [["c", 3]]}, **changes
        )  # fmt: skip

    return make_spec


@pytest.fixture
def copy(comparison_folder, tmp_path):
    """A function that returns a copy of a run of the comparison, named as it is."""

    def make_copy(name="char-seed0"):
        return shutil.copytree(comparison_folder / "runs" / name, tmp_path / name)

    return make_copy
