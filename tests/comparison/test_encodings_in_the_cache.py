"""A cell whose training encodings do not fit in memory has the numbers that it would have if they did."""

import pytest

from tests.conftest import TINY
from toolkit.cache import entry
from toolkit.comparison.alone import train_alone
from toolkit.comparison.progress import Silent
from toolkit.comparison.request import Request
from toolkit.results.cell import Cell
from toolkit.runs.columns import parse_columns
from toolkit.training import stored_encodings

MEASURED = {"run", "run_bytes", "train_seconds", "characters_per_second", "history", "verified"}  # and not the same


@pytest.mark.slow
def test_a_cell_is_the_same(corpus, comparison_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stored_encodings, "fits", lambda _: False)
    request = Request(corpus, parse_columns(["word:unk"], {}), TINY, command="toolkit train")
    cell = train_alone(request, tmp_path / "run", Silent())
    assert len(list(entry("ids", "").iterdir())) == 1
    file = comparison_folder / "runs" / "word-unk-seed0" / "cell.json"
    in_memory = Cell.model_validate_json(file.read_text("utf-8"))
    assert cell.model_dump(exclude=MEASURED) == in_memory.model_dump(exclude=MEASURED)
    bits = [[row.valid_bits_per_character for row in one.history] for one in (cell, in_memory)]
    assert bits[0] == bits[1]
