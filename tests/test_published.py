"""The comparisons in reports/published: what the pages quote of them, and that anyone can compute it again."""

import re
import shutil
from pathlib import Path

import pytest

from tests.benchmarks.publish import fold_table, resource_table, table
from toolkit.comparison.pages import reported
from toolkit.evaluation.answer import answer
from toolkit.evaluation.contrasts import contrasts_of
from toolkit.evaluation.folds import measured_in
from toolkit.evaluation.undertraining import AFTER
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import amount, fewer_first
from toolkit.results.rows import MIXTURE

ROOT = Path(__file__).parents[1]
PAGES = "\n".join((ROOT / page).read_text("utf-8") for page in ("README.md", "reports/README.md", "reports/TOOLKIT.md"))
PUBLISHED = sorted((ROOT / "reports" / "published").glob("*/comparison.json.gz"))


@pytest.fixture(params=PUBLISHED, ids=lambda file: file.parent.name)
def file(request) -> Path:
    return request.param


def test_there_are_some() -> None:
    assert PUBLISHED


def test_the_pages_quote_its_table(file) -> None:
    comparison = Comparison.load(file)
    for line in [*table(comparison), *resource_table(comparison), *fold_table(comparison)]:
        assert line in PAGES


def test_the_readme_quotes_the_same_numbers() -> None:
    cells = [line.strip("| ").split(" | ") for line in PAGES.splitlines() if line.startswith("| `")]
    published = {(row[0], row[1], *(row[i] for i in (4, 5, 6, 7))) for row in cells if len(row) == 11}
    quoted = [tuple(row) for row in cells if len(row) == 6 and row[1].startswith("**")]
    assert len(quoted) == 6
    assert published.issuperset(quoted)  # two comparisons may have one total, and other parts of it


def test_what_the_readme_concludes_is_what_its_table_gives() -> None:
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    rows = re.findall(r"\| `([\w:]+)` \| \*\*(\d\.\d+)\*\* \|", readme)
    totals = {name: float(total) for name, total in rows}
    classes = [totals[f"word:{strategy}"] for strategy in ("unk", "shape", "pos")]
    ahead = {name: [totals[name] - total for total in classes] for name in ("char", "bpe")}
    characters, pairs = (f"{min(by):.2f} to {max(by):.2f}" for by in ahead.values())
    assert f"words beat characters by {characters} bits per character and byte pairs by {pairs}" in readme
    nine = Comparison.load(ROOT / "reports" / "published" / "nine-columns" / "comparison.json.gz")
    told = {
        frozenset({one.a, one.b}): abs(one.difference)
        for one in nine.column_contrasts
        if one.settled and {one.a, one.b} <= {f"word:{name}" for name in ("unk", "shape", "pos", "cluster")}
    }
    assert {pair: f"{difference:.2f}" for pair, difference in told.items()} == {
        frozenset({"word:cluster", "word:unk"}): "0.02"
    }
    assert "of all nine columns, `cluster` is 0.02 behind `unk`)" in readme


def test_the_readme_says_what_the_mixture_needs_beside_paq8px() -> None:
    """What paq8px needs is in the table of reports/README.md, which no command here computes."""
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    mixture = Comparison.load(ROOT / "reports" / "published" / "mixture" / "comparison.json.gz")
    (best,) = [row.bits_per_character.total for row in mixture.rows if row.kind == MIXTURE]
    (paq,) = re.findall(r"^\| paq8px after the same \| (\d\.\d+) \|", PAGES, re.MULTILINE)
    assert f"needs [{best:.3f} bits](" in readme
    assert f", {float(paq) - round(best, 3):.3f} fewer than `paq8px -7` without its LSTM." in readme


def test_what_holds_after_this_much_training_is_not_quoted_without_that(file) -> None:
    comparison = Comparison.load(file)
    early = [one for one in [*comparison.contrasts, *(comparison.folds.contrasts if comparison.folds else [])]
             if AFTER in one.verdict and one.settled]  # fmt: skip
    for one in early:
        winner, loser = fewer_first(one.a, one.b, one.difference)
        said = f"`{winner}` beats `{loser}` by {amount(abs(one.difference), one.half_width)}"
        for paragraph in (" ".join(text.split()) for text in PAGES.split("\n\n")):
            assert said not in paragraph or AFTER in paragraph


def test_its_verdicts_can_be_computed_again(file) -> None:
    """To the last digits, which depend on the processor's order of sums."""
    comparison = Comparison.load(file)
    again = contrasts_of(comparison)
    assert [(c.a, c.b, c.settled) for c in again] == [(c.a, c.b, c.settled) for c in comparison.contrasts]
    for ours, theirs in zip(again, comparison.contrasts, strict=True):
        for number in ("difference", "low", "high", "p", "smallest_detectable"):
            assert getattr(ours, number) == pytest.approx(getattr(theirs, number), rel=1e-9, abs=1e-12)


def test_its_answer_can_be_computed_again(file) -> None:
    """And is that over all documents where there are folds; some were published before there were answers."""
    comparison = Comparison.load(file)
    assert comparison.answer in (None, answer(comparison))


def test_its_contrasts_over_folds_can_be_computed_again(file) -> None:
    folds = Comparison.load(file).folds
    if folds is None:
        return
    again = measured_in(folds.columns, folds.folds).contrasts()
    for ours, theirs in zip(again, folds.contrasts, strict=True):
        numbers = (ours.estimate, ours.estimate - ours.half_width, ours.estimate + ours.half_width, ours.p)
        assert numbers == pytest.approx((theirs.difference, theirs.low, theirs.high, theirs.p), rel=1e-9, abs=1e-12)


def test_its_page_can_be_made(file, tmp_path) -> None:
    folder = shutil.copytree(file.parent, tmp_path / "published", ignore=shutil.ignore_patterns("index.html"))
    reported([folder])
    assert "bits per character" in (folder / "index.html").read_text("utf-8")


def test_only_our_own_corpus_is_quoted(file) -> None:
    comparison = Comparison.load(file)
    if comparison.corpus.name == "weird-tales":
        return
    assert comparison.passages == comparison.author_passages == comparison.votes == []
    for cell in comparison.done:
        assert cell.generated.samples == cell.generated.copies == []
        assert not cell.generated.sweep or not any(at.samples for at in cell.generated.sweep.points)
        for lane in (cell.generated, cell.generated.author, cell.generated.another, cell.generated.counted):
            assert lane is None or not lane.new_words or not any(lane.new_words.model_dump().values())
            assert lane is None or not lane.told_apart or lane.told_apart.samples == lane.told_apart.author == []
        assert not any(of_class.examples for of_class in cell.coverage.classes)
