"""Every row of the table of what was tried from outside names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_row_of_trust_is_a_test():
    page = (ROOT / "reports" / "TOOLKIT.md").read_text("utf-8")
    table = page.partition("## Trust\n")[2].partition("\n## ")[0]
    heading = ("| tried |", "| --- |")
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith(heading)]
    source = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`(test[\w/.]*)`", row.rpartition(" | ")[2])
        assert named, row
        for name in named:
            assert (ROOT / name).is_file() if "/" in name else f"def {name}(" in source, name
