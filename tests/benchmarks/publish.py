"""Publish comparisons in reports/published/, and write the tables of the pages from them.

    python -m tests.benchmarks.publish pack DIR NAME [--without-texts]
    python -m tests.benchmarks.publish tables

``pack`` packs a comparison; ``toolkit report reports/published/NAME`` makes its page again. Without texts, no passage,
word or sample of the corpus is in it. ``tables`` replaces each block ``<!-- KIND NAME -->`` … ``<!-- end -->``.
"""

import argparse
import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from toolkit.report.page import without_text
from toolkit.results.comparison import FOUND, PACKED, Comparison

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "reports" / "published"
RIVALS = PUBLISHED / "rivals.json"  # bits per character by other programs, in the order of the mixtures
PAGES = (ROOT / "README.md", ROOT / "reports" / "README.md")
PARTS = ("words", "classes", "spelling", "spacing")
Table = Iterator[list[str]]
Facts = dict[str, Any]  # comparison.json, of any version


def alone(comparison: Comparison) -> Comparison:
    """The comparison without the places of its other folds, which are not published with it."""
    if comparison.folds is None:
        return comparison
    facts = [
        fold.model_copy(update={"folder": "." if fold.number == 1 else ""}) for fold in comparison.folds.folds
    ]
    return comparison.model_copy(update={"folds": comparison.folds.model_copy(update={"folds": facts})})


def pack(folder: Path, name: str, texts: bool) -> Path:
    """Write the packed comparison and return its file."""
    comparison = alone(Comparison.load(folder / FOUND))
    comparison = comparison if texts else without_text(comparison)
    file = PUBLISHED / name / PACKED
    file.parent.mkdir(parents=True, exist_ok=True)
    content = comparison.model_dump_json(by_alias=True).encode()
    file.write_bytes(gzip.compress(content, mtime=0))  # the same each time
    return file


def published(name: str) -> Facts:
    """The facts of a published comparison."""
    facts: Facts = json.loads(gzip.decompress((PUBLISHED / name / PACKED).read_bytes()))
    return facts


def bits(rows: list[Facts], part: str) -> float:
    """The mean bits per character of seeds."""
    return fmean(row["bits_per_character"][part] for row in rows)


def compressed(facts: Facts, name: str) -> float:
    """The bits per character of a compressor that has read the training text."""
    (primed,) = (b for b in facts["baselines"] if (b["name"], b["variant"]) == (name, "primed"))
    return float(primed["bits_per_character"])


def versus(facts: Facts, a: str, b: str) -> str:
    """The difference a − b with its interval."""
    if a == b:
        return ""
    for contrast in facts["contrasts"]:
        if {contrast["a"], contrast["b"]} == {a, b}:
            difference = contrast["difference"] * (1 if contrast["a"] == a else -1)
            return f"{difference:+.3f} ± {(contrast['high'] - contrast['low']) / 2:.3f}"
    return ""


def columns(facts: Facts, parts: tuple[str, ...]) -> Table:
    """A line for each column, the best first: bits per character, their parts, and the distance from the best one."""
    cells: dict[str, list[Facts]] = {}
    for cell in facts["cells"]:
        cells.setdefault(cell["column"], []).append(cell)
    names = sorted(cells, key=lambda name: bits(cells[name], "total"))
    together = {row["column"]: row for row in facts["rows"] if row["kind"] == "ensemble"}
    yield ["model", "bits/char", *parts, "behind the best", *(["seeds together"] if together else [])]
    for name in names:
        figures = [f"{bits(cells[name], part):.3f}" for part in ("total", *parts)]
        last = [f"{together[name]['bits_per_character']['total']:.3f}"] if together else []
        yield [f"`{name}`", *figures, versus(facts, name, names[0]), *last]
    empty = [""] * (len(parts) + 1 + bool(together))
    yield ["PPMd by text", f"{compressed(facts, 'ppmd_documents'):.3f}", *empty]


def folds(facts: Facts) -> Table:
    """Bits per character over all documents and in each fold, and the distance from the best column."""
    over = facts["folds"]
    totals = sorted(over["totals"].items(), key=lambda pair: pair[1])
    yield ["model", "all documents", *(f"fold {fold['number']}" for fold in over["folds"]), "behind the best"]
    for name, total in totals:
        of_folds = (f"{fold['bits_per_character'][name]:.3f}" for fold in over["folds"])
        yield [f"`{name}`", f"{total:.3f}", *of_folds, versus(over, name, totals[0][0])]


def fractions(facts: Facts) -> Table:
    """Bits per character of each column at each fraction of the training text."""
    cells = [cell for cell in facts["cells"] if cell["status"] == "done"]
    names = list(dict.fromkeys(cell["column"] for cell in cells))
    yield ["training text", *(f"`{name}`" for name in names)]
    for fraction in sorted({cell["fraction"] for cell in cells}):
        of = {name: [c for c in cells if (c["column"], c["fraction"]) == (name, fraction)] for name in names}
        yield [f"{fraction:.0%}".replace("%", " %"), *(f"{bits(of[name], 'total'):.3f}" for name in names)]


def languages(facts: list[Facts]) -> Table:
    """Bits per character by language, and the lead of words."""
    yield ["language", "`char`", "`bpe`", "`word:unk`", "words − characters"]
    for row in facts:
        totals = (f"{row[name]:.3f}" for name in ("char", "bpe", "word:unk"))
        yield [row["language"], *totals, f"{row['word:unk − char']:+.3f} ± {row['± word:unk − char']:.3f}"]


def markdown(lines: Table) -> str:
    """A Markdown table; the first column is text."""
    heading, *rest = lines
    return "\n".join(
        f"| {' | '.join(line)} |" for line in (heading, ["---", *["---:"] * (len(heading) - 1)], *rest)
    )


def compressors(names: list[str]) -> Table:
    """Mixtures, one a column, beside compressors and their own networks."""
    mixtures = [published(name) for name in names]
    yield ["bits per character", *(facts["corpus"]["name"] for facts in mixtures)]
    yield ["held-out characters", *(f"{facts['corpus']['test_characters']:,}" for facts in mixtures)]
    yield ["PPMd primed", *(f"{compressed(facts, 'ppmd'):.3f}" for facts in mixtures)]
    for rival, figures in json.loads(RIVALS.read_text("utf-8")).items():
        yield [rival, *(f"{figure:.3f}" if figure else "" for figure in figures)]
    for column in ("char", "spaced:unk"):
        of_column = ([cell for cell in facts["cells"] if cell["column"] == column] for facts in mixtures)
        yield [f"`{column}`", *(f"{bits(cells, 'total'):.3f}" for cells in of_column)]
    rows = ([row for row in facts["rows"] if row["kind"] == "mixture"] for facts in mixtures)
    yield ["mixture", *(f"{bits(mixture, 'total'):.3f}" for mixture in rows)]


def speed() -> Table:
    """A line for each case of speed.txt: our tokens per second, how many times as fast as others, and the goals."""
    text = (PUBLISHED / "speed.txt").read_text("utf-8")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:3].strip("| -")]
    cases: dict[tuple[str, str], dict[str, str]] = {}
    for case, ours, other, _, ratio, *goal in lines[1:]:
        cases.setdefault((case, ours), {})[other] = ratio + "".join(f" ({g})" for g in goal)
    others = list(dict.fromkeys(other for ratios in cases.values() for other in ratios))
    yield ["case", "tokens/s", *others]
    for (case, ours), ratios in cases.items():
        yield [case, ours, *(ratios.get(other, "") for other in others)]


def training_minutes(facts: Facts) -> float:
    """The wall minutes of training all models of a comparison."""
    seconds = sum(cell["train_seconds"] for cell in facts["cells"]) / facts["machine"]["cells_at_once"]
    return float(seconds / 60 * (len(facts["folds"]["folds"]) if facts.get("folds") else 1))


def commands() -> Table:
    """Each published comparison with its command, version and minutes of training."""
    yield ["comparison", "`toolkit compare` …", "version", "minutes"]
    for name in sorted(file.parent.name for file in PUBLISHED.glob(f"*/{PACKED}")):
        facts = published(name)
        options = facts["command"].removeprefix("toolkit compare ")
        yield [f"`{name}`", f"`{options}`", facts["versions"]["toolkit"], f"{training_minutes(facts):.0f}"]


KINDS: dict[str, Callable[[list[str]], Table]] = {
    "columns": lambda names: columns(published(*names), ()),
    "itemised": lambda names: columns(published(*names), PARTS),
    "folds": lambda names: folds(published(*names)),
    "fractions": lambda names: fractions(published(*names)),
    "compressors": compressors,
    "languages": lambda _: languages(json.loads((PUBLISHED / "languages.json").read_text("utf-8"))),
    "speed": lambda _: speed(),
    "commands": lambda _: commands(),
}


def stamp(name: str) -> str:
    """The comparison behind a table, with its version and recipe."""
    facts = published(name)
    seeds = len({cell["seed"] for cell in facts["cells"]})
    trained = f"recipe {facts['settings']['recipe']}, {seeds} seed{'s' * (seeds > 1)}"
    return f"Comparison `{name}`, version {facts['versions']['toolkit']}, {trained}:\n\n"


def citation(name: str) -> str:
    """How to cite a comparison."""
    facts = published(name)
    text = f"{facts['corpus']['name']} (SHA-256 {facts['corpus']['sha256'][:12]}…)"
    return f"> toolkit {facts['versions']['toolkit']}, comparison “{name}” of {text}: `{facts['command']}`"


def written(page: str) -> str:
    """A page with its tables made again."""

    def block(match: re.Match[str]) -> str:
        kind, *names = match[1].split()
        heading = stamp(names[0]) if kind in ("columns", "itemised", "folds", "fractions") else ""
        text = citation(names[0]) if kind == "citation" else heading + markdown(KINDS[kind](names))
        return f"<!-- {match[1]} -->\n\n{text}\n\n<!-- end -->"

    return re.sub(r"<!-- (.+?) -->\n.*?<!-- end -->", block, page, flags=re.DOTALL)


def main() -> None:
    """Pack a comparison, or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack")
    packing.add_argument("folder", type=Path)
    packing.add_argument("name")
    packing.add_argument("--without-texts", action="store_true")
    commands.add_parser("tables")
    options = parser.parse_args()
    if options.command == "pack":
        print(pack(options.folder, options.name, not options.without_texts))
        return
    for page in PAGES:
        page.write_text(written(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
