"""The page of a comparison: its sections, in one HTML file that loads nothing."""

from collections.abc import Callable
from typing import Any

from toolkit.report import charts, effects, names, verdict
from toolkit.report.blind import blind
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.explorer import passages
from toolkit.report.html import environment, flattened, frame
from toolkit.report.ledger import ledger
from toolkit.report.samples import samples
from toolkit.report.table import GROUPS, QUANTITIES, compressor_rows, made_rows
from toolkit.results.bits import ClassBits
from toolkit.results.cell import ClassCoverage
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import BLOCK, SEGMENT
from toolkit.results.generated import SHOWN
from toolkit.results.resources import OF_MATCH, RESOURCES, by_column, differing, excess, match_of
from toolkit.results.rows import ppmd
from toolkit.results.text import thinned
from toolkit.results.units import unit_of

LIMITS = {  # characters of a class, an example and a note; documents named per part of the split; settings; copies
    "class": 40, "example": 28, "note": 2_000, "documents": 60, "settings": 300, "value": effects.VALUE_CHARACTERS,
    "sample": SHOWN, "copies": 4, "words": 12, "alert": 110,
}  # fmt: skip
CURVE_POINTS, TABLE_POINTS = 200, 12  # of the coverage curve
CLASSES_AT_FIRST = 30  # of one column, those with the most held-out tokens
CLASSES = 1_100  # over all columns, shared equally: about 190 bytes of page each
CLASS_WORDS = 11_000  # over all classes: about 12 bytes of page each
CELL_CHECKS, CHECKS = 200, 2_400  # charted of one cell and of all: the browser draws each as a mark, twice
Facts = dict[str, Any]


def render(comparison: Comparison) -> str:
    """Return one self-contained HTML file; it loads nothing, and escapes every text of the corpus and the models."""
    results = Results(comparison)
    facts = {name: section for name, (_, build) in SECTIONS.items() if (section := build(results)) is not None}
    specs = {name: spec for section in facts.values() for name, spec in section.get("charts", {}).items() if spec}
    data = {name: value for section in facts.values() for name, value in section.get("data", {}).items()}
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            results=results,
            comparison=comparison,
            corpus=comparison.corpus,
            columns=results.columns,
            seeds=list(dict.fromkeys(cell.seed for cell in comparison.full)),
            noun=noun(comparison),
            unit=unit_of(comparison),
            titles={name: SECTIONS[name][0] for name in facts},
            facts=facts,
            charts=specs,
            limits=LIMITS,
            **frame({"charts": specs} | data),
        )
    )


def noun(comparison: Comparison) -> str:
    """Return the noun for the parts of the corpus that are split: document, block, or part of a long text."""
    corpus = comparison.corpus
    if corpus.unit == SEGMENT and len(corpus.split.test) > 1:
        return "part"
    return "block" if corpus.unit == BLOCK else "document"


def compared(results: Results) -> Facts:
    """Return the facts of the section about the text and the way to read the numbers."""
    return {"peer": ppmd(results.comparison.baselines), "of_one_text": unit_of(results.comparison) == SEGMENT}


def table(results: Results) -> Facts:
    """Return the facts of the table of columns."""
    return {
        "groups": GROUPS,
        "quantities": QUANTITIES,
        "made": made_rows(results),
        "compressors": compressor_rows(results),
        "failed": results.comparison.failed,
    }


def resources(results: Results) -> Facts:
    """Return the amounts that each column was given, and the settings in which columns differ."""
    comparison = results.comparison
    match = match_of(comparison)
    return {
        "match": OF_MATCH[match] if match else None,
        "excess": excess(comparison, OF_MATCH[match]) if match else None,
        "amounts": [(resource, by_column(comparison, resource)) for resource in RESOURCES],
        "differing": differing(comparison),
    }


def learning(results: Results) -> Facts:
    """Return the checks of training, the charts of them, and their data set."""
    cells = [(column.name, cell) for column in results.columns for cell in column.cells if cell.history]
    points = min(CELL_CHECKS, max(20, CHECKS // max(1, len(cells))))
    history: charts.Rows = [
        {
            "column": name,
            "seed": cell.seed,
            "x": row.characters_seen,
            "t": round(row.seconds, 2),
            "v": round(row.valid_bits_per_character, 4),
        }
        for name, cell in cells
        for row in thinned(cell.history, points)
    ]
    checks = [(results.colours[name], cell, cell.best_check, cell.history[-1]) for name, cell in cells]
    if not history:
        return {"checks": checks, "data": {"history": []}}
    shown = learning_frame([row["v"] for row in history])
    specs = {f"learning-{over}": charts.learning(results.colours, over, shown) for over in ("characters", "seconds")}
    return {"checks": checks, "charts": specs, "data": {"history": history}}


def learning_frame(bits: list[float]) -> list[float]:
    """Return the lowest and highest bits shown of the learning curves: a steep start may extend beyond the top."""
    bits = sorted(bits)
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]
    pad = 0.06 * (usual - bits[0]) or 0.1
    return [bits[0] - pad, min(bits[-1], usual) + pad]


def coverage(results: Results) -> Facts:
    """Return how much of the held-out text a vocabulary covers, and the words of each class."""
    corpus = results.comparison.corpus
    curve = [(types, share) for types, share in corpus.coverage.curve if types > 0]
    rows = [{"k": types, "share": round(share, 5)} for types, share in thinned(curve, CURVE_POINTS)]
    forecasts = {"good_turing": corpus.coverage.good_turing}
    if corpus.unit != BLOCK and corpus.train_documents > 1:
        forecasts["leave_one_out"] = corpus.coverage.leave_one_out
    return {
        "forecasts": {names.FORECASTS[name]: share for name, share in forecasts.items()},
        "curve": thinned(corpus.coverage.curve, TABLE_POINTS),
        "classes": classes(results.columns),
        "charts": {"coverage": charts.coverage(rows) if len(rows) > 1 else None},
    }


def classes(columns: list[ColumnResult]) -> Facts:
    """Return the classes of each column, those with the most held-out tokens first, and how many have room."""
    by_column = [
        (column, sorted(column.first.coverage.classes, key=lambda c: (-c.test_tokens, -c.train_tokens)))
        for column in columns
        if column.first.coverage.classes
    ]
    room = max(CLASSES_AT_FIRST, CLASSES // max(1, len(by_column)))
    number = sum(min(len(listed), room) for _, listed in by_column)

    def bits(column: ColumnResult, of_class: ClassCoverage) -> ClassBits | None:
        return next((bits for bits in column.first.class_bits if bits.name == of_class.name), None)

    examples = max(3, CLASS_WORDS // max(1, number))
    return {"by_column": by_column, "at_first": CLASSES_AT_FIRST, "room": room, "examples": examples, "bits": bits}


def provenance(results: Results) -> Facts:
    """Return the machine and the settings as pairs."""
    comparison = results.comparison
    pairs = {"Versions": comparison.versions, "Machine": comparison.machine, "Settings": comparison.settings}
    return {"pairs": {name: flattened(values)[: LIMITS["settings"]] for name, values in pairs.items()}}


# Sections in their order: the name in the navigation, and the function that returns the facts of its template, its
# charts by the id of their place, and its data for the page's script; None where the comparison lacks the subject.
SECTIONS: dict[str, tuple[str, Callable[[Results], Facts | None]]] = {
    "verdict": ("Verdict", verdict.verdict),
    "documents": ("Documents", verdict.documents),
    "folds": ("Folds", verdict.folds),
    "compared": ("Compared", compared),
    "sweep": ("Sweep", effects.sweeps),
    "scaling": ("More text", effects.scaling),
    "columns": ("Columns", table),
    "resources": ("Resources", resources),
    "ledger": ("Ledger", ledger),
    "noise": ("Noise", effects.noise),
    "learning": ("Learning", learning),
    "coverage": ("Coverage", coverage),
    "passages": ("Explorer", passages),
    "samples": ("Samples", samples),
    "blind": ("Author?", blind),
    "provenance": ("Provenance", provenance),
}
