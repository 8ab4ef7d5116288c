"""Pack the results of a comparison for reports/published/, and print its table for the pages that quote it.

    python -m tests.benchmarks.publish DIR NAME [--without-texts]

``toolkit report reports/published/NAME`` makes the page from it. Without texts, whatever quotes the corpus is left out:
passages, what the models wrote (which may copy it), prompts and the words of classes. All numbers stay.
"""

import argparse
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from toolkit.results.bits import PARTS
from toolkit.results.cell import MIXTURE, Cell
from toolkit.results.comparison import FOUND, PACKED, RESOURCES, Comparison, match_of
from toolkit.results.comparison import amount as amount_of
from toolkit.results.generated import Generated

PUBLISHED = Path("reports/published")
PEERS = ("xz", "ppmd", "ppmd_documents")  # of the compressors


def without_texts(comparison: Comparison) -> Comparison:
    """The comparison without a sentence of its corpus."""

    def stripped(cell: Cell) -> Cell:
        classes = [of_class.model_copy(update={"examples": []}) for of_class in cell.coverage.classes]
        return cell.model_copy(
            update={
                "generated": cell.generated and unquoting(cell.generated),
                "coverage": cell.coverage.model_copy(update={"classes": classes}),
            }
        )

    cells = [stripped(cell) if isinstance(cell, Cell) else cell for cell in comparison.cells]
    return comparison.model_copy(update={"cells": cells, "passages": [], "author_passages": []})


def unquoting(written: Generated) -> Generated:
    """What a cell wrote, without any of its words."""
    return written.model_copy(update={"samples": [], "variations": [], "new_words": {"real": [], "invented": []}})


def table(comparison: Comparison) -> list[str]:
    """The lines of a table in Markdown: a row per column, the fewest bits first, then the compressors after training.

    Numbers are means over seeds; what only some comparisons have (several seeds, means of models, proofs) has a column
    only there.
    """
    cells = comparison.by_column
    mixed = [row for row in comparison.rows if row.kind == MIXTURE]
    several, proven = len(comparison.done) > len(cells), any(one.verified for one in [*comparison.done, *mixed])
    made = {(row.kind, row.column): row for row in comparison.rows}
    kinds = [kind for kind in ("ensemble", "adapting", "adapting ensemble") if any(k == kind for k, _ in made)]
    heading = [
        "column",
        "total",
        *(["by seed"] if several else []),
        *kinds,
        *(part.replace("_", " ") for part in PARTS),
    ]
    heading += ["per byte", "read", *(["coded: bytes, bits / 8"] if proven else [])]
    lines = [heading, ["---"] + ["---:"] * (len(heading) - 1)]
    for name, of_name in sorted(
        cells.items(), key=lambda pair: fmean(c.bits_per_character.total for c in pair[1])
    ):
        total = fmean(cell.bits_per_character.total for cell in of_name)
        line = [f"`{name}`", f"**{total:.3f}**"]
        line += [" ".join(f"{cell.bits_per_character.total:.3f}" for cell in of_name)] if several else []
        line += [
            f"{made[kind, name].bits_per_character.total:.3f}" if (kind, name) in made else "" for kind in kinds
        ]
        line += [f"{fmean(getattr(cell.bits_per_character, part) for cell in of_name):.3f}" for part in PARTS]
        line += [f"{fmean(cell.bits_per_byte or 0 for cell in of_name):.3f}"]
        line += [f"{fmean(cell.characters_seen for cell in of_name) / 1e6:.1f} million"]
        first = of_name[0].verified
        line += [f"{first.bytes:,}, {first.bits / 8:,.0f}" if first else ""] if proven else []
        lines.append(line)
    for row in mixed:  # neither trained nor read again
        line = [
            "mixture of all, learning on",
            f"**{row.bits_per_character.total:.3f}**",
            *([""] if several else []),
        ]
        line += [*([""] * len(kinds)), *(f"{getattr(row.bits_per_character, part):.3f}" for part in PARTS)]
        line += [f"{row.bits_per_byte or 0:.3f}", ""]
        line += (
            [f"{row.verified.bytes:,}, {row.verified.bits / 8:,.0f}" if row.verified else ""] if proven else []
        )
        lines.insert(2, line)
    for baseline in comparison.baselines:
        if baseline.variant == "primed" and baseline.name in PEERS:
            rate = [baseline.title, f"{baseline.bits_per_character:.3f}"]
            lines.append([*rate, *[""] * (len(heading) - 2)])
    return written(lines)


def fold_table(comparison: Comparison) -> list[str]:
    """Bits per character over all documents and in each fold, the fewest first; nothing without folds."""
    if comparison.folds is None:
        return []
    folds = comparison.folds.folds
    heading = ["column", "all documents", *(f"fold {fold.number}" for fold in folds)]
    rows = [
        [f"`{name}`", f"**{total:.3f}**", *(f"{fold.bits_per_character[name]:.3f}" for fold in folds)]
        for name, total in sorted(comparison.folds.totals.items(), key=lambda item: item[1])
    ]
    return written([heading, ["---"] + ["---:"] * (len(heading) - 1), *rows])


def alone(comparison: Comparison) -> Comparison:
    """The comparison without the places of its other folds, which are not published with it."""
    if comparison.folds is None:
        return comparison
    facts = [
        fold.model_copy(update={"folder": "." if fold.number == 1 else ""}) for fold in comparison.folds.folds
    ]
    return comparison.model_copy(update={"folds": comparison.folds.model_copy(update={"folds": facts})})


def written(lines: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown."""
    return [f"| {' | '.join(line)} |".replace("|  |", "| |").replace("|  |", "| |") for line in lines]


def resource_table(comparison: Comparison) -> list[str]:
    """What each column was given, if some of it was made equal; the same order of columns as in ``table``."""
    if match_of(comparison) is None:
        return []
    cells = comparison.by_column
    names = sorted(cells, key=lambda name: fmean(cell.bits_per_character.total for cell in cells[name]))
    heading = ["column", *RESOURCES.values()]
    rows = [[f"`{name}`", *(amount(amount_of(match, cells[name])) for match in RESOURCES)] for name in names]
    return written([heading, ["---"] + ["---:"] * (len(heading) - 1), *rows])


def amount(number: float) -> str:
    """An amount with three digits; whole numbers below a million in full.

    >>> amount(528932.0), amount(6.52e12)
    ('528,932', '6.52e+12')
    """
    return f"{number:,.0f}" if number < 1e6 else f"{number:.3g}"


def main() -> None:
    """Write the packed file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("--without-texts", action="store_true")
    options = parser.parse_args()
    comparison = alone(Comparison.load(options.folder / FOUND))
    if options.without_texts:
        comparison = without_texts(comparison)
    file = PUBLISHED / options.name / PACKED
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(
        gzip.compress(comparison.model_dump_json(by_alias=True).encode(), mtime=0)
    )  # the same each time
    print(f"{file}: {file.stat().st_size:,} bytes")
    print(*table(comparison), "", *resource_table(comparison), "", *fold_table(comparison), sep="\n")
    print(*(contrast.verdict for contrast in comparison.contrasts), sep="\n")


if __name__ == "__main__":
    main()
