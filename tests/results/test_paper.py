"""Tables for papers and programs: the numbers of a comparison, every sign escaped; and how to cite the program."""

import csv
import re
from pathlib import Path

import pytest

from tests.helpers.comparison_example import COMPARISONS, TWO, comparison, in_folds
from toolkit.comparison.folder import clear, write_results
from toolkit.environment import VERSION
from toolkit.report import render

ROOT = Path(__file__).parents[2]
HOSTILE = r"hf:my_tok%50&#{}$~^\x|<a>"
SIGNS = {"backslash": "\\", "asciitilde": "~", "asciicircum": "^", "less": "<", "greater": ">", "bar": "|"}


def of_latex(text):
    """The plain text of escaped LaTeX, without bold."""
    text = re.sub(r"^\s*\\textbf\{(.*)\}\s*$", r"\1", text.replace("--", "–").replace("$\\pm$", "±"))
    return re.sub(r"\\(?:text(\w+)\{\}|([{}$&#_%]))", lambda sign: sign[2] or SIGNS[sign[1]], text).strip()


def rows(whole):
    """The cells of both tables, which agree, with bits and half width in one; and the bold names."""
    body = whole.to_latex().partition("\\midrule\n")[2].partition("\\bottomrule")[0].replace("\\midrule\n", "")
    lines = [re.split(r"(?<!\\)&", line.removesuffix("\\\\")) for line in body.strip().splitlines()]
    cells = [[of_latex(cell) for cell in line] for line in lines]
    cells = [[name, f"{bits} {half_width}".strip(), *others] for name, bits, half_width, *others in cells]
    table = [
        re.split(r" (?<!\\)\| ", line[2:-2]) for line in whole.to_markdown().split("\n\n")[0].splitlines()[2:]
    ]
    assert [[re.sub(r"\\(.)", r"\1", cell.replace("**", "")).strip() for cell in line] for line in table] == cells
    bold = {row[0] for row, line in zip(cells, lines, strict=True) if line[0].startswith("\\textbf")}
    assert bold == {row[0] for row, line in zip(cells, table, strict=True) if line[0].startswith("**")}
    return cells, bold


@pytest.mark.parametrize("name", COMPARISONS)
def test_both_tables_have_the_numbers_and_the_best_models_in_bold(name):
    whole = COMPARISONS[name]()
    totals = whole.answering[0]
    best = min(totals, key=totals.get, default="")
    lines, bold = rows(whole)
    assert bold == {best, *whole.answer.tied} - {""}
    for cells, line in zip(lines, whole.table()[1:], strict=True):
        bits, _, half_width = cells[1].partition(" ± ")
        assert [cells[0], *cells[2:]] == [line[0], *line[2:]]
        assert bool(half_width) == (cells[0] in totals.keys() - {best})
        assert float(half_width or 0.034) == pytest.approx(0.034)
        assert cells[0] not in totals or float(bits) == pytest.approx(totals[cells[0]], abs=6e-4)


def test_every_sign_of_others_is_escaped():
    whole = comparison({HOSTILE: (2.0,), "word:pos": (2.3,)}, facts={"name": "a_b & 50% of $x"})
    assert rows(whole)[0][0][0] == HOSTILE
    caption = of_latex(*re.findall(r"\\caption\{(.*)\}\n", whole.to_latex()))
    assert caption.startswith("a_b & 50% of $x: 45 documents")
    assert {HOSTILE in caption, "9 documents held out" in caption, "One seed" in caption} == {True}
    assert re.findall(r"\\label\{(.*)\}", whole.to_latex()) == ["tab:a_b-50-of-x"]


def test_contrasts_are_a_table_of_one_header_and_full_numbers(tmp_path):
    whole = in_folds(comparison(TWO))
    whole.folds.contrasts[0] = whole.contrasts[0].model_copy(update={"over": "folds", "difference": 1 / 3})
    write_results(tmp_path, whole)
    lines = list(csv.DictReader((tmp_path / "contrasts.csv").read_text("utf-8").splitlines()))
    for line, pair in zip(lines, [*whole.contrasts, *whole.folds.contrasts], strict=True):
        facts = pair.model_dump() | {f"seeds_{side}": n for side, n in zip("ab", pair.seeds, strict=True)}
        assert line == {name: "" if facts[name] is None else str(facts[name]) for name in line}
    assert {"over", "a", "b", "kind", "difference", "p", "outcome", "seeds_b"} < lines[0].keys()
    clear(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_citation_agrees_with_the_file_the_package_and_the_report():
    lines = (ROOT / "CITATION.cff").read_text("utf-8").splitlines()
    facts = dict(line.lstrip(" -").split(": ", 1) for line in lines if ": " in line)
    whole, year = comparison(TWO), facts["date-released"][:4]
    package = (ROOT / "pyproject.toml").read_text("utf-8")
    cited = dict(re.findall(r'(\w+) = "\{?(.*?)\}?"', whole.cite()))
    assert cited == {"author": facts["name"], "title": facts["title"], "year": year, "note": f"Version {VERSION}"}
    assert (facts["cff-version"], facts["version"]) == ("1.2.0", VERSION)
    assert f'description = "{cited["title"]}."' in package
    assert render(whole).partition("<footer>")[2].count(whole.cite()) == 1
